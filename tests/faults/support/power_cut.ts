/**
 * Makes a disk look as after a power cut: of what was not synced, chance decides
 * what is there.
 *
 * In:  the root as a killed program left it, and what it had synced until then.
 * Out: bytes behind a file's last sync are gone, partly there, or blanks; names
 *      that no sync of their folder followed are gone, or there, or the old ones.
 * Not here: the database itself. SQLite syncs each commit; only what follows the
 *      last whole commit in its write-ahead log is touched.
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import { filesBelow } from "../../support/archive.ts";
import type { Chance } from "./chance.ts";
import type { Synced } from "./synced_log.ts";

/** What a file system writes at once, in bytes: it is there or it is not. */
const PAGE_BYTES = 4_096;

/**
 * A sync is said by one thread and printed by another: what was written in this
 * time before the kill and is named by a committed row was synced, though the line
 * that says so never left the program. In milliseconds.
 */
const LINE_UNDERWAY_MS = 1_000;

/** Not touched: SQLite answers for the first, and the lock has no content that counts. */
const UNTOUCHED = /^data\/lookback\.(?:db|db-shm|db-wal|lock)$/;

export interface PowerCut {
  readonly root: string;
  readonly chance: Chance;
  /** Sizes of the files at the round's start, which were durable. */
  readonly durable: ReadonlyMap<string, number>;
  readonly syncs: readonly Synced[];
  readonly killedAtMs: number;
  /** Up to where committed rows name bytes of a file: those were synced before the commit. */
  readonly named: ReadonlyMap<string, number>;
}

/** What the cut did, for messages and the table. */
export interface CutReport {
  cutFiles: number;
  blankedFiles: number;
  goneFiles: number;
  /** Files whose last sync was not in the log yet. */
  underway: number;
  lostBytes: number;
}

/** Sizes of all files below a root, by path. */
export async function sizesBelow(root: string): Promise<Map<string, number>> {
  const files = await filesBelow(root);
  return new Map(files.map((path) => [relative(root, path), Deno.statSync(path).size]));
}

export async function cutPower(cut: PowerCut): Promise<CutReport> {
  const report = { cutFiles: 0, blankedFiles: 0, goneFiles: 0, underway: 0, lostBytes: 0 };
  for (const path of (await sizesBelow(cut.root)).keys()) {
    if (!UNTOUCHED.test(path)) await cutFile(cut, { path, report });
  }
  await cutWriteAheadLog(cut);
  return report;
}

async function cutFile(
  cut: PowerCut,
  { path, report }: { readonly path: string; readonly report: CutReport },
): Promise<void> {
  const full = join(cut.root, path);
  const { size, mtime } = await Deno.stat(full);
  const named = cut.named.get(path) ?? 0;
  let synced = syncedBytes(cut, path);
  let isNamed = isNameDurable(cut, path);
  const isFresh = (mtime?.getTime() ?? 0) > cut.killedAtMs - LINE_UNDERWAY_MS;
  if (isFresh && named > 0 && (named > synced || !isNamed)) {
    report.underway += 1;
    synced = Math.max(synced, named);
    isNamed = true;
  }
  if (!isNamed && cut.chance.happens(0.4)) {
    report.goneFiles += 1;
    report.lostBytes += size;
    return await Deno.remove(full);
  }
  if (size > synced) await tear(cut, { full, synced, size, report });
  if (!isNamed && path.endsWith(".mp4") && cut.chance.happens(0.3)) await giveOldName(full);
}

/** A recording is renamed once its time is known; the name that lasted is the first one. */
async function giveOldName(full: string): Promise<void> {
  const old = full.replace(/(\d{2})(-\d+)?\.mp4$/, (_, hundredths: string) => {
    const other = (Number(hundredths) + 50) % 100;
    return `${String(other).padStart(2, "0")}.mp4`;
  });
  if (!await Deno.stat(old).then(() => true, () => false)) await Deno.rename(full, old);
}

/** Bytes behind the last sync: none of them, some, or pages of which some are blank. */
async function tear(
  { chance }: PowerCut,
  file: {
    readonly full: string;
    readonly synced: number;
    readonly size: number;
    readonly report: CutReport;
  },
): Promise<void> {
  const { full, synced, size, report } = file;
  const kept = chance.happens(0.5) ? synced : Math.floor(chance.between(synced, size + 1));
  const length = chance.happens(0.5) ? kept : size;
  using open = await Deno.open(full, { read: true, write: true });
  await open.truncate(length);
  if (length < size) report.cutFiles += 1;
  report.lostBytes += size - length;
  if (kept >= length) return;
  report.blankedFiles += 1;
  for (let from = synced; from < length;) {
    const end = Math.min(length, (Math.floor(from / PAGE_BYTES) + 1) * PAGE_BYTES);
    const isBlank = from >= kept || chance.happens(0.2);
    if (isBlank) {
      await open.seek(from, Deno.SeekMode.Start);
      await open.write(new Uint8Array(end - from));
      report.lostBytes += end - from;
    }
    from = end;
  }
}

/** Length of a file at its last sync. One that was renamed into place was synced before. */
function syncedBytes({ syncs, durable }: PowerCut, path: string): number {
  const last = syncs.findLast((each) =>
    each.kind === "file" && (each.path === path || each.path === `${path}.part`)
  );
  return last?.sizeBytes ?? durable.get(path) ?? 0;
}

/** True when its folder was synced after the file had its name. */
export function isNameDurable({ syncs, durable }: PowerCut, path: string): boolean {
  if (durable.has(path)) return true;
  const firstKnown = syncs.findIndex((each) =>
    each.kind === "file" && (each.path === path || each.path === `${path}.part`)
  );
  return firstKnown >= 0 &&
    syncs.slice(firstKnown).some((each) => each.kind === "folder" && each.path === dirname(path));
}

/** Frames behind the last commit of the write-ahead log are gone, cut off, or noise. */
async function cutWriteAheadLog({ root, chance }: PowerCut): Promise<void> {
  const path = join(root, "data", "lookback.db-wal");
  const bytes = await readIfThere(path);
  if (bytes === undefined) return;
  const end = committedEnd(bytes);
  const tail = Math.floor(chance.between(0, 3 * PAGE_BYTES));
  const noise = crypto.getRandomValues(new Uint8Array(tail));
  const rest = chance.happens(0.5) ? bytes.subarray(end) : noise;
  const length = Math.floor(chance.between(0, rest.length + 1));
  await Deno.writeFile(path, bytes.subarray(0, end));
  await Deno.writeFile(path, rest.subarray(0, length), { append: true });
}

/**
 * Where the last whole commit of a write-ahead log ends.
 *
 * @see https://www.sqlite.org/fileformat2.html#walformat
 */
export function committedEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 32) return 0;
  const frameBytes = 24 + view.getUint32(8);
  const salt = view.getBigUint64(16);
  let end = 32;
  for (let at = 32; at + frameBytes <= bytes.length; at += frameBytes) {
    // Frames of an earlier use of the log have another salt.
    if (view.getBigUint64(at + 8) !== salt) break;
    const isCommit = view.getUint32(at + 4) !== 0;
    if (isCommit) end = at + frameBytes;
  }
  return end;
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
