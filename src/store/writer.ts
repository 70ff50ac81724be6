/**
 * The main thread's hold on the writer Worker: starts it, connects cameras to
 * it, ends it when everything is committed.
 *
 * @module
 */

import { OperatorError, unreachable } from "../base/errors.ts";
import type { LogRecordMessage } from "../base/log.ts";
import type { MainToWriter, WriterToMain } from "./writer_messages.ts";

export interface WriterCounters {
  readonly rows: number;
  readonly commits: number;
  /** Length of the last commit, in milliseconds. */
  readonly lastCommitMs: number;
  readonly waiting: number;
}

export interface Writer {
  /** A new line to the writer for one camera; the port is to be handed to its Worker. */
  connect(cameraId: string): MessagePort;
  readonly counters: WriterCounters;
  /** Commits what has arrived and closes the database. */
  close(): Promise<void>;
}

/**
 * Starts the writer Worker and opens (makes, migrates) the database.
 *
 * @throws {OperatorError} "database-unusable".
 */
export async function startWriter(
  root: string,
  onLog: (record: LogRecordMessage) => void,
): Promise<Writer> {
  const worker = new Worker(new URL("./writer_worker.ts", import.meta.url), { type: "module" });
  const post = (message: MainToWriter, ports: MessagePort[] = []) =>
    worker.postMessage(message, ports);
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let counters: WriterCounters = { rows: 0, commits: 0, lastCommitMs: 0, waiting: 0 };
  worker.onmessage = ({ data }: MessageEvent<WriterToMain>) => {
    switch (data.type) {
      case "opened":
        return opened.resolve();
      case "open-failed":
        return opened.reject(cannotOpen(root, data.reason));
      case "closed":
        return closed.resolve();
      case "log":
        return onLog(data.record);
      case "committed":
        counters = {
          rows: counters.rows + data.rows,
          commits: counters.commits + 1,
          lastCommitMs: data.tookMs,
          waiting: data.waiting,
        };
        return;
      default:
        unreachable(data);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    opened.reject(cannotOpen(root, event.message));
    closed.resolve();
  };
  post({ type: "open", root });
  try {
    await opened.promise;
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return {
    connect(cameraId) {
      const { port1, port2 } = new MessageChannel();
      post({ type: "connect", cameraId }, [port1]);
      return port2;
    },
    get counters() {
      return counters;
    },
    async close() {
      post({ type: "close" });
      await closed.promise;
      worker.terminate();
    },
  };
}

function cannotOpen(root: string, reason: string): OperatorError {
  return new OperatorError("database-unusable", `Cannot open the database under "${root}"`, {
    found: { reason },
    fix: [
      "check that the disk is mounted, has room, and belongs to the user that runs Lookback",
      "if the file is damaged, move data/lookback.db away; recordings stay as they are",
    ],
  });
}
