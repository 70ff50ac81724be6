/**
 * A hold on the writer Worker that hears of every commit, where the product's own
 * (store/writer.ts) keeps the last one.
 *
 * @module
 */

import { identifyRoot } from "../host/root_identity.ts";
import type { MainToWriter, WriterToMain } from "../store/writer_messages.ts";

/** One transaction. */
export interface Commit {
  /** Rows of it. */
  readonly rows: number;
  /** From the first statement until it is durable, in milliseconds. */
  readonly tookMs: number;
  /** Entries that had come in meanwhile. */
  readonly waiting: number;
}

const COMPLAINTS: readonly string[] = ["warning", "error", "fatal"];

export class WriterLine {
  readonly #worker: Worker;
  readonly #closed = Promise.withResolvers<void>();
  readonly commits: Commit[] = [];
  /** What it logged: entries that were refused among them. */
  readonly complaints: string[] = [];

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** @param extraMs How much longer a sync takes. */
  static async open(root: string, extraMs: number): Promise<WriterLine> {
    const worker = new Worker(new URL("./writer_slow_worker.ts", import.meta.url), {
      type: "module",
      name: String(extraMs),
    });
    const line = new WriterLine(worker);
    const opened = Promise.withResolvers<void>();
    worker.onerror = (event) => {
      event.preventDefault();
      opened.reject(new Error(event.message));
      line.#closed.reject(new Error(event.message));
    };
    worker.onmessage = ({ data }: MessageEvent<WriterToMain>) => {
      if (data.type === "opened") opened.resolve();
      if (data.type === "open-failed") opened.reject(new Error(data.reason));
      if (data.type === "closed") line.#closed.resolve();
      if (data.type === "committed") line.commits.push(data);
      if (data.type === "log" && COMPLAINTS.includes(data.record.level)) {
        line.complaints.push(data.record.text);
      }
    };
    line.#post({ type: "open", root, identity: await identifyRoot(root) });
    await opened.promise;
    return line;
  }

  /** A camera's end of a new line. */
  connect(cameraId: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#post({ type: "connect", cameraId }, [port1]);
    return port2;
  }

  /** Commits what is there and ends the Worker. */
  async close(): Promise<void> {
    this.#post({ type: "close" });
    await this.#closed.promise;
    this.#worker.terminate();
  }

  #post(message: MainToWriter, ports: MessagePort[] = []): void {
    this.#worker.postMessage(message, ports);
  }
}
