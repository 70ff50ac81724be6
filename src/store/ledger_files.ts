/**
 * The ledger in plain files: every committed group of entries is appended here
 * and synced before the database commits it. With these files the database is
 * made again with the same ids, chains and events.
 *
 * `data/ledger/batches/2026-11-21.jsonl` has the batches that began on that day
 * (UTC), and goes when the last of them is deleted; `data/ledger/history/2026-11.jsonl`
 * has everything else that was committed in that month.
 *
 * Synchronous: only the writer Worker, which has nothing else to do, writes here.
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { UnixMs } from "../base/units.ts";
import { syncFileSync, syncFolderSync } from "../host/durable.ts";
import {
  type LedgerRecord,
  type NumberedRecord,
  readLedgerLine,
  writeLedgerLine,
} from "./ledger_line.ts";

/** Folder of the ledger below the storage root. */
export const LEDGER_FOLDER = join("data", "ledger");

const FOLDERS = ["batches", "history"] as const;

/** How much of a file's end is read at once. A line has some 700 bytes. */
const CHUNK_BYTES = 64 * 1024;

const LINE_END = 0x0a;

/** Where a file ended before a group was appended. */
interface Mark {
  readonly path: string;
  readonly sizeBytes: number;
}

export class LedgerFiles {
  readonly #folder: string;
  readonly #now: () => UnixMs;
  /** Ends of the files that this process has appended to; others are looked at first. */
  readonly #ends = new Map<string, number>();
  #marks: Mark[] = [];

  /** @param now Wall time, for the name of the history file. */
  constructor(root: string, now: () => UnixMs) {
    this.#folder = join(root, LEDGER_FOLDER);
    this.#now = now;
  }

  /** True when there is no ledger: a new storage root, or one of a version without. */
  get isEmpty(): boolean {
    return this.#paths().length === 0;
  }

  /**
   * Appends records, numbered from `firstSequence` on, and makes them durable.
   *
   * @throws What the disk threw. Call {@linkcode undo} then.
   */
  append(records: readonly LedgerRecord[], firstSequence: number): void {
    this.#marks = [];
    const texts = new Map<string, string[]>();
    for (const [index, record] of records.entries()) {
      const path = this.#pathOf(record);
      const lines = texts.get(path) ?? [];
      lines.push(writeLedgerLine(firstSequence + index, record));
      texts.set(path, lines);
    }
    for (const [path, lines] of texts) this.#appendTo(path, lines.join(""));
  }

  /** Takes the last {@linkcode append} back, because the database did not commit it. */
  undo(): void {
    for (const { path, sizeBytes } of this.#marks.splice(0)) {
      try {
        Deno.truncateSync(path, sizeBytes);
        this.#ends.set(path, sizeBytes);
      } catch {
        // Looked at again, and cut back, before the next append.
        this.#ends.delete(path);
      }
    }
  }

  /** Records with a number above `sequence`, in order of their numbers. Reads ends of files only. */
  recordsAfter(sequence: number): NumberedRecord[] {
    const found = this.#paths().flatMap((path) => tailAfter(path, sequence));
    return found.sort((one, other) => one.sequence - other.sequence);
  }

  /** The last {@linkcode append} is committed. */
  keep(): void {
    this.#marks = [];
  }

  /**
   * Every record: batches day by day, then history, so that what was deleted goes
   * again. A line that is none is left out.
   */
  *all(onBytes: (bytes: number) => void = () => {}): Generator<NumberedRecord> {
    for (const path of this.#paths()) yield* linesOf(path, onBytes);
  }

  /** Bytes of all files. */
  get sizeBytes(): number {
    return this.#paths().reduce((sum, path) => sum + Deno.statSync(path).size, 0);
  }

  /** Removes the batches of days before the one of `oldestMs`: all of them are deleted. */
  prune(oldestMs: UnixMs): void {
    const firstKept = `${dayOf(oldestMs)}.jsonl`;
    const folder = join(this.#folder, "batches");
    for (const name of namesIn(folder)) {
      if (name < firstKept) Deno.removeSync(join(folder, name));
    }
  }

  #pathOf(record: LedgerRecord): string {
    if (record.type === "batch") {
      return join(this.#folder, "batches", `${dayOf(record.startMs)}.jsonl`);
    }
    return join(this.#folder, "history", `${dayOf(this.#now()).slice(0, 7)}.jsonl`);
  }

  #appendTo(path: string, text: string): void {
    const isNew = makeFolders(dirname(path)) || !exists(path);
    using file = Deno.openSync(path, { read: true, write: true, create: true });
    const end = this.#ends.get(path) ?? lastLineEnd(file);
    this.#marks.push({ path, sizeBytes: end });
    // Bytes behind the end are of a group that was not committed, or torn.
    file.truncateSync(end);
    file.seekSync(end, Deno.SeekMode.Start);
    const bytes = new TextEncoder().encode(text);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    syncFileSync(file, path);
    if (isNew) syncFolderSync(dirname(path));
    this.#ends.set(path, end + bytes.length);
  }

  #paths(): string[] {
    return FOLDERS.flatMap((name) => {
      const folder = join(this.#folder, name);
      return namesIn(folder).filter((file) => file.endsWith(".jsonl")).map((file) =>
        join(folder, file)
      );
    });
  }
}

function dayOf(atMs: UnixMs): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Makes a folder and those above it durably. Returns whether one was missing. */
function makeFolders(folder: string): boolean {
  if (exists(folder)) return false;
  makeFolders(dirname(folder));
  Deno.mkdirSync(folder);
  syncFolderSync(dirname(folder));
  return true;
}

/** Place behind the last line end. */
function lastLineEnd(file: Deno.FsFile): number {
  for (let end = file.statSync().size; end > 0;) {
    const from = Math.max(0, end - CHUNK_BYTES);
    const at = readAt(file, from, end - from).lastIndexOf(LINE_END);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}

/** Lines of a file's end with a number above `sequence`. */
function tailAfter(path: string, sequence: number): NumberedRecord[] {
  using file = Deno.openSync(path);
  const end = lastLineEnd(file);
  for (let sizeBytes = CHUNK_BYTES;; sizeBytes *= 4) {
    const from = Math.max(0, end - sizeBytes);
    const lines = new TextDecoder().decode(readAt(file, from, end - from)).split("\n");
    // The first line of a chunk may be half a line.
    const whole = from === 0 ? lines : lines.slice(1);
    const records = whole.map(readLedgerLine).filter((record) => record !== undefined);
    if (from === 0 || (records[0]?.sequence ?? Infinity) <= sequence) {
      return records.filter((record) => record.sequence > sequence);
    }
  }
}

function* linesOf(path: string, onBytes: (bytes: number) => void): Generator<NumberedRecord> {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(16 * CHUNK_BYTES);
  let rest = "";
  for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
    onBytes(count);
    const lines = (rest + decoder.decode(chunk.subarray(0, count), { stream: true })).split("\n");
    // What follows the last line end is torn, or goes on in the next chunk.
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const record = readLedgerLine(line);
      if (record !== undefined) yield record;
    }
  }
}

function readAt(file: Deno.FsFile, offset: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let filled = 0; filled < sizeBytes;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
}
