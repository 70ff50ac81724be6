/**
 * Finds batches' lines in frame logs that no row names. A log is read once for
 * all its batches, not once for each.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { namesIn } from "../host/files.ts";
import { Sha256 } from "../host/hash.ts";
import { type LoggedFrame, parseFrameLine } from "../model/frame.ts";
import { parseSightLine } from "../model/sight_line.ts";
import type { LogPart } from "./log_completion.ts";

/** A batch whose lines are looked for. */
export interface WantedLines {
  readonly cameraId: string;
  readonly run: number;
  readonly startingFrameId: number;
  readonly frameCount: number;
}

/** Logs that are kept in memory: that of the hour, and the one before for its last batch. */
const KEPT = 2;

const LINE_END = 0x0a;

interface Line extends Pick<LoggedFrame, "cameraId" | "run" | "frameId"> {
  readonly offset: number;
  /** Behind it, and behind the lines that adjoin it and say what was seen. */
  endOffset: number;
}

interface Log {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly lines: readonly Line[];
  /** Place in `lines` of a frame's line; the last one where it has several. */
  readonly places: ReadonlyMap<number, number>;
}

export class LogIndex {
  readonly #root: string;
  /** Logs of an hour: its own, then those beside it ("20-2.jsonl"). The newest last. */
  readonly #kept = new Map<string, readonly Log[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Looks for a batch's lines in the log of an hour.
   *
   * @returns Where they are; undefined unless all are there, one behind the other.
   */
  async find(framesPath: string, batch: WantedLines): Promise<LogPart | undefined> {
    for (const log of await this.#logs(framesPath)) {
      const part = partIn(log, batch);
      if (part !== undefined) return part;
    }
    return undefined;
  }

  /** The log of an hour has changed. */
  forget(framesPath: string): void {
    this.#kept.delete(framesPath);
  }

  async #logs(framesPath: string): Promise<readonly Log[]> {
    const kept = this.#kept.get(framesPath);
    if (kept !== undefined) return kept;
    for (const path of [...this.#kept.keys()].slice(0, this.#kept.size + 1 - KEPT)) {
      this.#kept.delete(path);
    }
    const logs = await readLogs(this.#root, framesPath);
    this.#kept.set(framesPath, logs);
    return logs;
  }
}

async function readLogs(root: string, framesPath: string): Promise<Log[]> {
  const folder = dirname(framesPath);
  const hour = basename(framesPath, ".jsonl");
  const isOfHour = (name: string) => name === `${hour}.jsonl` || name.startsWith(`${hour}-`);
  const names = (await namesIn(join(root, folder))).filter(isOfHour);
  // The hour's own log first.
  const ordered = names.sort((one, other) => one.length - other.length);
  return await Promise.all(
    ordered.map(async (name) => {
      const path = `${folder}/${name}`;
      return readLog(path, await Deno.readFile(join(root, path)));
    }),
  );
}

function readLog(path: string, bytes: Uint8Array): Log {
  const decoder = new TextDecoder();
  const lines: Line[] = [];
  const places = new Map<number, number>();
  let offset = 0;
  for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, offset)) {
    const text = decoder.decode(bytes.subarray(offset, end));
    const frame = parseFrameLine(text);
    const last = lines.at(-1);
    if (frame === undefined) {
      const adjoins = last?.endOffset === offset && parseSightLine(text) !== undefined;
      if (adjoins) last.endOffset = end + 1;
    } else {
      const { cameraId, run, frameId } = frame;
      places.set(frameId, lines.length);
      lines.push({ cameraId, run, frameId, offset, endOffset: end + 1 });
    }
    offset = end + 1;
  }
  return { path, bytes, lines, places };
}

function partIn({ path, bytes, lines, places }: Log, batch: WantedLines): LogPart | undefined {
  const first = places.get(batch.startingFrameId);
  if (first === undefined) return undefined;
  const own = lines.slice(first, first + batch.frameCount);
  const isWhole = own.length === batch.frameCount &&
    own.every((line, index) =>
      line.cameraId === batch.cameraId && line.run === batch.run &&
      line.frameId === batch.startingFrameId + index &&
      // With anything else between them they are no part by themselves.
      (index === 0 || line.offset === own[index - 1]!.endOffset)
    );
  if (!isWhole) return undefined;
  const { offset } = own[0]!;
  const end = own.at(-1)!.endOffset;
  const hash = new Sha256();
  hash.add(bytes.subarray(offset, end));
  return {
    framesPath: path,
    framesOffset: offset,
    framesBytes: end - offset,
    framesSha256: hash.hex(),
  };
}
