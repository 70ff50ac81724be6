/**
 * The JSON log: one object a line for every frame, appended as frames arrive.
 * One camera's Worker is the only writer of its logs.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { ensureFolder, readRange, syncFolder, writeAll } from "../host/durable.ts";
import { parseFrameLine } from "../model/frame.ts";

const LINE_END = 0x0a;

/** How much of a log's end is read at once to find its last line; a line has about 300 bytes. */
const TAIL_BYTES = 4 * 1024;

/** The part of a log that one batch writes. */
export class FrameLogPart {
  readonly #file: Deno.FsFile;
  readonly #folder: string;
  readonly #encoder = new TextEncoder();
  #sizeBytes = 0;

  private constructor(
    file: Deno.FsFile,
    /** Relative to the storage root. */
    readonly path: string,
    place: { readonly folder: string; readonly offset: number },
  ) {
    this.#file = file;
    this.#folder = place.folder;
    this.offset = place.offset;
  }

  /** Where the part begins in the log, in bytes. */
  readonly offset: number;

  /** Opens a log for appending. A last line that was cut off by a crash goes. */
  static async open(root: string, path: string): Promise<FrameLogPart> {
    const full = join(root, path);
    await ensureFolder(dirname(full));
    const file = await Deno.open(full, { read: true, write: true, create: true });
    try {
      const { size } = await file.stat();
      const offset = await lastLineEnd(file, size);
      if (offset < size) await file.truncate(offset);
      await file.seek(offset, Deno.SeekMode.Start);
      return new FrameLogPart(file, path, { folder: dirname(full), offset });
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends whole lines. */
  async append(lines: string): Promise<void> {
    const bytes = this.#encoder.encode(lines);
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      // The next try begins where this one began.
      const end = this.offset + this.#sizeBytes;
      await this.#file.truncate(end);
      await this.#file.seek(end, Deno.SeekMode.Start);
      throw error;
    }
    this.#sizeBytes += bytes.length;
  }

  /** Makes the lines durable and closes the file. */
  async finish(): Promise<void> {
    try {
      await this.#file.sync();
    } finally {
      this.#file.close();
    }
    await syncFolder(this.#folder);
  }
}

/** Place behind the last line end at or before `size`. */
async function lastLineEnd(file: Deno.FsFile, size: number): Promise<number> {
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - TAIL_BYTES);
    const tail = await readRange(file, { offset: from, sizeBytes: end - from });
    const at = tail?.lastIndexOf(LINE_END) ?? -1;
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}

/**
 * The highest frame id in a camera's logs, 0 when it has none. With this and the
 * database, ids go on after a crash that left frames without a row.
 *
 * Looks at the end of every log: after the wall clock was set back, the newest
 * frames are not in the log with the latest name.
 */
export async function newestLoggedFrameId(root: string, cameraId: string): Promise<number> {
  const folder = join(root, "data", "frames", cameraId);
  let newest = 0;
  for (const day of await namesIn(folder)) {
    const logs = await namesIn(join(folder, day));
    const ids = await Promise.all(logs.map((log) => lastFrameId(join(folder, day, log))));
    newest = Math.max(newest, ...ids);
  }
  return newest;
}

/** Names in a folder; what is not a folder has none. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

/** Id of the last whole line, which is the highest of a log; 0 when it has none. */
async function lastFrameId(path: string): Promise<number> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const end = await lastLineEnd(file, size);
  const from = Math.max(0, end - TAIL_BYTES);
  const bytes = await readRange(file, { offset: from, sizeBytes: end - from });
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.map(parseFrameLine).findLast((frame) => frame !== undefined)?.frameId ?? 0;
}
