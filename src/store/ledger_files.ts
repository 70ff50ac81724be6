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
import type { VisionEventEntry } from "../model/ledger.ts";
import { syncFileSync, syncFolderSync } from "../host/durable.ts";
import { requireRootSync } from "../host/root_identity.ts";
import { inOrder, lastLineEnd, lastRecord, tailAfter } from "./ledger_file_reading.ts";
import { type LedgerRecord, type NumberedRecord, writeLedgerLine } from "./ledger_line.ts";

/** Folder of the ledger below the storage root. */
export const LEDGER_FOLDER = join("data", "ledger");

const FOLDERS = ["batches", "history"] as const;

/** Records that are written at once when a whole ledger is made. */
export const LEDGER_GROUP = 5_000;

/**
 * Kinds of records that a summary takes the place of (ledger_dump.ts), or, for
 * deleted events, that nothing is left of.
 */
const SUMMED_UP: ReadonlySet<LedgerRecord["type"]> = new Set([
  "deletion",
  "removed",
  "check",
  "vision-deletion",
]);

/** Where a file ended before a group was appended. */
interface Mark {
  readonly path: string;
  readonly sizeBytes: number;
}

export class LedgerFiles {
  readonly #root: string;
  readonly #folder: string;
  readonly #now: () => UnixMs;
  readonly #identity: string | undefined;
  /** Ends of the files that this process has appended to; others are looked at first. */
  readonly #ends = new Map<string, number>();
  #marks: Mark[] = [];

  /**
   * @param now Wall time, for the name of the history file.
   * @param identity The id that the root must have to be written into; undefined takes any.
   * @param folder Where the ledger lies below the root.
   */
  constructor(root: string, now: () => UnixMs, identity?: string, folder = LEDGER_FOLDER) {
    this.#root = root;
    this.#folder = join(root, folder);
    this.#now = now;
    this.#identity = identity;
  }

  /** True when there is no ledger: a new storage root, or one of a version without. */
  get isEmpty(): boolean {
    return this.#paths().length === 0;
  }

  /**
   * Makes a whole ledger where there is none: after a crash there is all of it, or none.
   *
   * @returns How many records it has, numbered from 1 on.
   */
  create(records: Iterable<LedgerRecord>): number {
    const folder = `${LEDGER_FOLDER}.new`;
    removeTree(join(this.#root, folder));
    const fresh = new LedgerFiles(this.#root, this.#now, this.#identity, folder);
    let count = 0;
    let group: LedgerRecord[] = [];
    const flush = () => {
      fresh.append(group, count + 1);
      count += group.length;
      group = [];
    };
    for (const record of records) {
      group.push(record);
      if (group.length >= LEDGER_GROUP) flush();
    }
    flush();
    if (count === 0) return 0;
    // Folders without files, at most: see isEmpty.
    removeTree(this.#folder);
    Deno.renameSync(join(this.#root, folder), this.#folder);
    syncFolderSync(dirname(this.#folder));
    return count;
  }

  /**
   * Appends records, numbered from `firstSequence` on, and makes them durable.
   *
   * @throws What the disk threw, or that it is another one. Call {@linkcode undo} then.
   */
  append(records: readonly LedgerRecord[], firstSequence: number): void {
    this.#marks = [];
    if (this.#identity !== undefined) requireRootSync(this.#root, this.#identity);
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
      // Where cutting fails now, it is done before the next append.
      this.#ends.set(path, sizeBytes);
      try {
        Deno.truncateSync(path, sizeBytes);
      } catch {
        continue;
      }
    }
  }

  /** Records with a number above `sequence`, in order of their numbers. Reads ends of files only. */
  recordsAfter(sequence: number): NumberedRecord[] {
    const found = this.#paths().flatMap((path) => tailAfter(path, sequence));
    return found.sort((one, other) => one.sequence - other.sequence);
  }

  /** How far the files reach: numbers of the newest line and of the newest batch, 0 without any. */
  newest(): { readonly sequence: number; readonly batchId: number } {
    const last = this.#paths().map(lastRecord).filter((record) => record !== undefined);
    const batchIds = last.map(({ record }) => record.type === "batch" ? record.batchId : 0);
    return {
      sequence: Math.max(0, ...last.map(({ sequence }) => sequence)),
      batchId: Math.max(0, ...batchIds),
    };
  }

  /** The last {@linkcode append} is committed. */
  keep(): void {
    this.#marks = [];
  }

  /** Every record in order of the numbers: as they were committed. A line that is none is left out. */
  all(onBytes: (bytes: number) => void = () => {}): Generator<NumberedRecord> {
    return inOrder(this.#paths(), onBytes);
  }

  /** Bytes of all files. */
  get sizeBytes(): number {
    return this.#paths().reduce((sum, path) => sum + Deno.statSync(path).size, 0);
  }

  /**
   * Removes the files of days before the one of `oldestMs`.
   *
   * @param isNeeded Whether a batch of the day is still there all the same: where the
   * wall clock was wrong, the order of what was written is not that of time.
   */
  prune(oldestMs: UnixMs, isNeeded: (dayMs: number) => boolean = () => false): void {
    const firstKept = `${dayOf(oldestMs)}.jsonl`;
    const folder = join(this.#folder, "batches");
    for (const name of namesIn(folder)) {
      if (name >= firstKept || isNeeded(Date.parse(name.replace(/\.jsonl$/, "")))) continue;
      this.#ends.delete(join(folder, name));
      Deno.removeSync(join(folder, name));
    }
  }

  /**
   * Months of history, such as "2026-11", that are over and whose batches' files are
   * all gone: what was deleted then can't come back out of a batch's line.
   */
  finishedMonths(): string[] {
    const [oldestDay = "9999-12-31.jsonl"] = namesIn(join(this.#folder, "batches"));
    const current = dayOf(this.#now());
    const end = oldestDay < current ? oldestDay : current;
    return namesIn(join(this.#folder, "history"))
      .map((name) => /^(\d{4}-\d{2})\.jsonl$/.exec(name)?.[1])
      .filter((month) => month !== undefined && month < end.slice(0, 7)) as string[];
  }

  /** Months that were compacted, in order. */
  compactedMonths(): string[] {
    return namesIn(join(this.#folder, "history"))
      .map((name) => /^(\d{4}-\d{2})-compact\.jsonl$/.exec(name)?.[1])
      .filter((month) => month !== undefined);
  }

  /**
   * Leaves out of a month what a summary behind it says: deletions, and tests of the
   * footage; and events that are gone.
   */
  compact(
    month: string,
    isNeeded: (event: VisionEventEntry) => boolean = () => true,
  ): void {
    const path = join(this.#folder, "history", `${month}.jsonl`);
    const compacted = join(this.#folder, "history", `${month}-compact.jsonl`);
    const temporary = `${compacted}.part`;
    // A month can come twice, where the clock begins anew at every start.
    const parts = [compacted, path].filter(exists);
    {
      using file = Deno.openSync(temporary, { write: true, create: true, truncate: true });
      let newest = 0;
      for (const { sequence, record } of inOrder(parts, () => {})) {
        // After a crash between renaming and removing, both parts have the same lines.
        if (SUMMED_UP.has(record.type) || sequence <= newest) continue;
        newest = sequence;
        if (record.type === "vision-event" && !isNeeded(record)) continue;
        const bytes = new TextEncoder().encode(writeLedgerLine(sequence, record));
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
      }
      syncFileSync(file, temporary);
    }
    Deno.renameSync(temporary, compacted);
    this.#ends.delete(path);
    if (parts.includes(path)) Deno.removeSync(path);
    syncFolderSync(dirname(path));
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

function removeTree(folder: string): void {
  if (exists(folder)) Deno.removeSync(folder, { recursive: true });
}

/** Makes a folder and those above it durably. Returns whether one was missing. */
function makeFolders(folder: string): boolean {
  if (exists(folder)) return false;
  makeFolders(dirname(folder));
  Deno.mkdirSync(folder);
  syncFolderSync(dirname(folder));
  return true;
}
