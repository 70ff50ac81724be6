/**
 * The JSON log: one object a line for every frame, appended as frames arrive.
 * One camera's Worker is the only writer of its logs.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { ensureFolder, readRange, syncFile, syncFolder, writeAll } from "../host/durable.ts";
import { Sha256 } from "../host/hash.ts";
import { parseFrameLine } from "../model/frame.ts";

const LINE_END = 0x0a;

/** How much of a log's end is read at once to find its last line; a line has about 300 bytes. */
const TAIL_BYTES = 4 * 1024;

/** The part of a log that one batch writes. */
export class FrameLogPart {
  readonly #file: Deno.FsFile;
  readonly #folder: string;
  readonly #encoder = new TextEncoder();
  readonly #hash = new Sha256();
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
    this.#hash.add(bytes);
  }

  /**
   * Makes the lines durable and closes the file.
   *
   * @returns SHA-256 of the part.
   */
  async finish(): Promise<string> {
    try {
      await syncFile(this.#file, join(this.#folder, basename(this.path)));
    } finally {
      this.#file.close();
    }
    await syncFolder(this.#folder);
    return this.#hash.hex();
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
 * The highest frame id in some logs, 0 when they have none. With this and the
 * database, ids go on after a crash that left frames without a row.
 *
 * @param logs Paths relative to the root; one that is not there has no frame.
 */
export async function newestLoggedFrameId(root: string, logs: readonly string[]): Promise<number> {
  const ids = await Promise.all(logs.map((log) => lastFrameId(join(root, log))));
  return Math.max(0, ...ids);
}

/**
 * Id of the last line that is a frame, which is the highest of a log; 0 when it
 * has none. After a power cut the end can be blank, over any length.
 */
async function lastFrameId(path: string): Promise<number> {
  using file = await openIfThere(path);
  if (file === undefined) return 0;
  const { size } = await file.stat();
  for (let sizeBytes = TAIL_BYTES;; sizeBytes *= 4) {
    const from = Math.max(0, size - sizeBytes);
    const bytes = await readRange(file, { offset: from, sizeBytes: size - from });
    const lines = new TextDecoder().decode(bytes).split("\n");
    const frame = lines.map(parseFrameLine).findLast((each) => each !== undefined);
    if (frame !== undefined) return frame.frameId;
    if (from === 0) return 0;
  }
}

async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
