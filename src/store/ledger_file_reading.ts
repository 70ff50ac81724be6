/**
 * Reads ledger files: their ends at every start, all of them when the database is
 * made again. A line that is none of the ledger's, because it is torn or damaged,
 * is left out.
 *
 * @module
 */

import { type NumberedRecord, readLedgerLine } from "./ledger_line.ts";

/**
 * How much of a file's end is read at first. A line has some 700 bytes, and of all
 * files but the newest nothing but the last line is wanted.
 */
const TAIL_BYTES = 4 * 1024;

/** How much is read at once of a file that is read as a whole. */
const CHUNK_BYTES = 1024 * 1024;

const LINE_END = 0x0a;

/** Place behind the last line end. */
export function lastLineEnd(file: Deno.FsFile): number {
  for (let end = file.statSync().size; end > 0;) {
    const from = Math.max(0, end - TAIL_BYTES);
    const at = readAt(file, from, end - from).lastIndexOf(LINE_END);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}

/** Records of a file's end with a number above `sequence`. */
export function tailAfter(path: string, sequence: number): NumberedRecord[] {
  using file = Deno.openSync(path);
  const end = lastLineEnd(file);
  for (let sizeBytes = TAIL_BYTES;; sizeBytes *= 4) {
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

/** The last record of a file; undefined when it has none. */
export function lastRecord(path: string): NumberedRecord | undefined {
  using file = Deno.openSync(path);
  const end = lastLineEnd(file);
  for (let sizeBytes = TAIL_BYTES;; sizeBytes *= 4) {
    const from = Math.max(0, end - sizeBytes);
    const lines = new TextDecoder().decode(readAt(file, from, end - from)).split("\n");
    const found = lines.map(readLedgerLine).findLast((record) => record !== undefined);
    if (found !== undefined || from === 0) return found;
  }
}

/** A file's records that are still to come, the next one first. */
interface Pending {
  next: NumberedRecord;
  readonly rest: Generator<NumberedRecord>;
}

/**
 * Records of several files in order of their numbers; within a file they are. A
 * file is open from its first record to its last: of many days, few at a time.
 */
export function* inOrder(
  paths: readonly string[],
  onBytes: (bytes: number) => void,
): Generator<NumberedRecord> {
  const waiting = paths.map((path) => ({ path, first: firstSequence(path) }))
    .sort((one, other) => other.first - one.first);
  const open: Pending[] = [];
  try {
    while (true) {
      const least = Math.min(...open.map(({ next }) => next.sequence));
      if (waiting.length > 0 && waiting.at(-1)!.first <= least) {
        const rest = linesOf(waiting.pop()!.path, CHUNK_BYTES, onBytes);
        const { value } = rest.next();
        if (value !== undefined) open.push({ next: value, rest });
        continue;
      }
      const current = open.find(({ next }) => next.sequence === least);
      if (current === undefined) return;
      yield current.next;
      const { value } = current.rest.next();
      if (value === undefined) open.splice(open.indexOf(current), 1);
      else current.next = value;
    }
  } finally {
    // Who reads no further lets go of the files.
    for (const { rest } of open) rest.return(undefined);
  }
}

/** Number of a file's first record; infinite where it has none. */
function firstSequence(path: string): number {
  for (const { sequence } of linesOf(path, TAIL_BYTES)) return sequence;
  return Infinity;
}

function* linesOf(
  path: string,
  chunkBytes: number,
  onBytes: (bytes: number) => void = () => {},
): Generator<NumberedRecord> {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(chunkBytes);
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
