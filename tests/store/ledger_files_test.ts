import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { identifyRoot } from "../../src/host/root_identity.ts";
import type { BatchEntry } from "../../src/model/ledger.ts";
import { LEDGER_FOLDER, LedgerFiles } from "../../src/store/ledger_files.ts";
import {
  type LedgerBatch,
  type LedgerRecord,
  writeLedgerLine,
} from "../../src/store/ledger_line.ts";
import { at, batchEntry, eventEntry } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

const DAY = "batches/2026-11-21.jsonl";
const NEXT_DAY = "batches/2026-11-22.jsonl";
const MONTH = "history/2026-11.jsonl";

/** Seconds from the tests' time to the next day. */
const NEXT = 4 * 3_600;

function batch(number: number, changes: Partial<BatchEntry> = {}): LedgerBatch {
  return { ...batchEntry(number, changes), batchId: number + 1, previousChain: "a", chain: "b" };
}

function batchAt(number: number, seconds: number): LedgerBatch {
  return batch(number, { startMs: at(seconds), endMs: at(seconds + 10) });
}

function filesOf(root: string, nowMs = at(0)): LedgerFiles {
  return new LedgerFiles(root, () => nowMs);
}

/** Every file of the ledger below a root, by name. */
async function contentOf(root: string): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for (const folder of ["batches", "history"]) {
    try {
      for await (const { name } of Deno.readDir(`${root}/${LEDGER_FOLDER}/${folder}`)) {
        const path = `${root}/${LEDGER_FOLDER}/${folder}/${name}`;
        content[`${folder}/${name}`] = await Deno.readTextFile(path);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return content;
}

/** The text of records that are numbered from `first` on. */
function linesOf(first: number, records: readonly LedgerRecord[]): string {
  return records.map((record, index) => writeLedgerLine(first + index, record)).join("");
}

function numbered(first: number, records: readonly LedgerRecord[]) {
  return records.map((record, index) => ({ sequence: first + index, record }));
}

Deno.test("append() puts batches into the file of their day and all else into that of the month", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  ok(files.isEmpty);
  const group = [batch(0), eventEntry(1), batchAt(1, NEXT), batch(2)];
  files.append(group, 1);
  files.append([eventEntry(2)], 5);
  ok(!files.isEmpty);
  deepStrictEqual(await contentOf(folder.path), {
    [DAY]: writeLedgerLine(1, batch(0)) + writeLedgerLine(4, batch(2)),
    [NEXT_DAY]: writeLedgerLine(3, batchAt(1, NEXT)),
    [MONTH]: writeLedgerLine(2, eventEntry(1)) + writeLedgerLine(5, eventEntry(2)),
  });
  const sizes = Object.values(await contentOf(folder.path)).map(({ length }) => length);
  strictEqual(files.sizeBytes, sizes.reduce((sum, size) => sum + size));
});

Deno.test("all() gives the records of all files in order of their numbers", async () => {
  await using folder = await tempFolder();
  const records: LedgerRecord[] = [];
  for (let number = 0; number < 400; number += 1) {
    // The wall clock went to and fro: days are not in the order of the numbers.
    const seconds = [0, NEXT, -86_400 * 40, NEXT * 20][number % 4]! + number;
    records.push(number % 3 === 0 ? eventEntry(number) : batchAt(number, seconds));
  }
  for (let from = 0; from < records.length; from += 7) {
    filesOf(folder.path, at(-from * 86_400)).append(records.slice(from, from + 7), from + 1);
  }
  let read = 0;
  const found = [...filesOf(folder.path).all((bytes) => read += bytes)];
  deepStrictEqual(found, numbered(1, records));
  strictEqual(read, filesOf(folder.path).sizeBytes);
});

Deno.test("all() leaves out lines that are torn or damaged and goes on behind them", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batch(0), batch(1), batch(2)], 1);
  const path = `${folder.path}/${LEDGER_FOLDER}/${DAY}`;
  const lines = (await Deno.readTextFile(path)).split("\n");
  await Deno.writeTextFile(path, [lines[0], `x${lines[1]}`, lines[2], "{"].join("\n"));
  deepStrictEqual([...files.all()].map(({ sequence }) => sequence), [1, 3]);
});

const TORN = [
  { name: "half a line", tail: '{"sequence":3,"type":"event","camera' },
  { name: "zeros that a power cut left", tail: "\0".repeat(300_000) },
  { name: "a line without its end", tail: writeLedgerLine(3, batch(9)).slice(0, -1) },
];

for (const { name, tail } of TORN) {
  Deno.test(`append() cuts ${name} off before it goes on`, async () => {
    await using folder = await tempFolder();
    filesOf(folder.path).append([batch(0), batch(1)], 1);
    const path = `${folder.path}/${LEDGER_FOLDER}/${DAY}`;
    await Deno.writeTextFile(path, tail, { append: true });
    const files = filesOf(folder.path);
    deepStrictEqual(files.recordsAfter(0), numbered(1, [batch(0), batch(1)]));
    files.append([batch(2)], 3);
    strictEqual(await Deno.readTextFile(path), linesOf(1, [batch(0), batch(1), batch(2)]));
  });
}

Deno.test("undo() restores the files as they were before the last append(), torn tails cut", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batch(0), eventEntry(1)], 1);
  files.keep();
  const before = await contentOf(folder.path);
  files.append([batch(1), eventEntry(2), batchAt(3, NEXT)], 3);
  files.undo();
  deepStrictEqual(await contentOf(folder.path), { ...before, [NEXT_DAY]: "" });
  files.append([batch(1)], 3);
  deepStrictEqual(files.recordsAfter(0), numbered(1, [batch(0), eventEntry(1), batch(1)]));
});

Deno.test("keep() makes undo() take nothing back", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batch(0)], 1);
  files.keep();
  files.undo();
  deepStrictEqual(files.recordsAfter(0), numbered(1, [batch(0)]));
});

Deno.test("append() takes back first what undo() could not cut", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batch(0)], 1);
  files.keep();
  files.append([batch(8)], 2);
  // Where the file should be there is none for a moment: it can't be cut.
  const path = `${folder.path}/${LEDGER_FOLDER}/${DAY}`;
  await Deno.rename(path, `${path}.away`);
  files.undo();
  await Deno.rename(`${path}.away`, path);
  files.append([batch(1)], 2);
  deepStrictEqual(files.recordsAfter(0), numbered(1, [batch(0), batch(1)]));
});

Deno.test("undo() takes back a group of which only one file could be written", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batch(0)], 1);
  files.keep();
  // A folder stands where the history should.
  await Deno.mkdir(`${folder.path}/${LEDGER_FOLDER}/${MONTH}`, { recursive: true });
  throws(() => files.append([batch(1), eventEntry(1)], 2));
  files.undo();
  strictEqual(
    await Deno.readTextFile(`${folder.path}/${LEDGER_FOLDER}/${DAY}`),
    linesOf(1, [batch(0)]),
  );
});

const AFTER = [
  { sequence: 0, found: [1, 2, 3, 4, 5, 6] },
  { sequence: 3, found: [4, 5, 6] },
  { sequence: 6, found: [] },
  { sequence: 99, found: [] },
];

for (const { sequence, found } of AFTER) {
  Deno.test(`recordsAfter() finds ${found.length} of six records behind number ${sequence}`, async () => {
    await using folder = await tempFolder();
    const files = filesOf(folder.path);
    files.append([batch(0), eventEntry(1), batchAt(1, NEXT), batch(2)], 1);
    files.append([eventEntry(2), batchAt(3, NEXT)], 5);
    deepStrictEqual(files.recordsAfter(sequence).map((each) => each.sequence), found);
  });
}

Deno.test("recordsAfter() finds a record whose line is longer than what is read at once", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  const huge = eventEntry(2, { detail: "ä".repeat(300_000) });
  files.append([eventEntry(1), huge, eventEntry(3)], 1);
  deepStrictEqual(files.recordsAfter(1), numbered(2, [huge, eventEntry(3)]));
});

/** Counts the bytes that are read from files while something is done. */
function bytesRead(work: () => void): number {
  let bytes = 0;
  const { readSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.readSync = function (buffer) {
    const count = readSync.call(this, buffer);
    bytes += count ?? 0;
    return count;
  };
  try {
    work();
  } finally {
    Deno.FsFile.prototype.readSync = readSync;
  }
  return bytes;
}

Deno.test("recordsAfter() reads only the ends of long files", async () => {
  await using folder = await tempFolder();
  const writer = filesOf(folder.path);
  const LINES = 100_000;
  writer.append(Array.from({ length: LINES }, (_, number) => batchAt(number, 0)), 1);
  const files = filesOf(folder.path);
  ok(files.sizeBytes > 50_000_000);
  let found = 0;
  const read = bytesRead(() => found = files.recordsAfter(LINES).length);
  strictEqual(found, 0);
  ok(read <= 3 * 4_096, `${read} bytes`);
  const readForTwo = bytesRead(() => found = files.recordsAfter(LINES - 2).length);
  strictEqual(found, 2);
  ok(readForTwo <= 3 * 4_096, `${readForTwo} bytes`);
  const readForMany = bytesRead(() => found = files.recordsAfter(LINES - 500).length);
  strictEqual(found, 500);
  ok(readForMany <= 2_000_000, `${readForMany} bytes`);
});

Deno.test("prune() removes the days before the oldest batch and keeps all others", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batchAt(0, -86_400), batch(1), batchAt(2, NEXT), eventEntry(3)], 1);
  files.prune(at(5));
  deepStrictEqual(Object.keys(await contentOf(folder.path)).sort(), [DAY, NEXT_DAY, MONTH]);
  files.prune(at(NEXT));
  deepStrictEqual(Object.keys(await contentOf(folder.path)).sort(), [NEXT_DAY, MONTH]);
});

Deno.test("prune() keeps an old day that is still needed", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batchAt(0, -86_400 * 2), batchAt(1, -86_400), batch(2)], 1);
  const asked: string[] = [];
  files.prune(at(0), (dayMs) => {
    asked.push(new Date(dayMs).toISOString());
    return dayMs === Date.parse("2026-11-19");
  });
  deepStrictEqual(asked, ["2026-11-19T00:00:00.000Z", "2026-11-20T00:00:00.000Z"]);
  deepStrictEqual(Object.keys(await contentOf(folder.path)).sort(), [
    "batches/2026-11-19.jsonl",
    DAY,
  ]);
});

Deno.test("append() begins a day anew that prune() has removed", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  files.append([batch(0), batchAt(1, NEXT)], 1);
  files.prune(at(NEXT));
  // The wall clock was set back.
  files.append([batch(2)], 3);
  deepStrictEqual((await contentOf(folder.path))[DAY], writeLedgerLine(3, batch(2)));
  deepStrictEqual(files.recordsAfter(0).map(({ sequence }) => sequence), [2, 3]);
});

Deno.test("create() makes a whole ledger, in the place of one that was only begun", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/${LEDGER_FOLDER}/batches`, { recursive: true });
  // A crash came while it was made before.
  await Deno.mkdir(`${folder.path}/${LEDGER_FOLDER}.new/batches`, { recursive: true });
  await Deno.writeTextFile(`${folder.path}/${LEDGER_FOLDER}.new/${DAY}`, linesOf(1, [batch(7)]));
  const files = filesOf(folder.path);
  const records = Array.from({ length: 12_000 }, (_, number) => batch(number));
  strictEqual(files.create(records), 12_000);
  deepStrictEqual([...files.all()].map(({ sequence }) => sequence).at(-1), 12_000);
  deepStrictEqual(files.recordsAfter(11_999), numbered(12_000, [batch(11_999)]));
  await rejects(Deno.stat(`${folder.path}/${LEDGER_FOLDER}.new`), Deno.errors.NotFound);
  files.append([batch(12_000)], 12_001);
  strictEqual(files.recordsAfter(11_999).length, 2);
});

Deno.test("create() makes nothing of nothing", async () => {
  await using folder = await tempFolder();
  const files = filesOf(folder.path);
  strictEqual(files.create([]), 0);
  ok(files.isEmpty);
});

Deno.test("append() writes nothing into a folder that is not the storage root", async () => {
  await using folder = await tempFolder();
  const identity = await identifyRoot(folder.path);
  const files = new LedgerFiles(folder.path, () => unixMs(0), identity);
  files.append([batch(0)], 1);
  // The disk is not mounted any more: below its mount point is another folder.
  await Deno.rename(`${folder.path}/data`, `${folder.path}/away`);
  throws(() => files.append([batch(1)], 2), /identity file is missing/);
  files.undo();
  await rejects(Deno.stat(`${folder.path}/data`), Deno.errors.NotFound);
  await Deno.rename(`${folder.path}/away`, `${folder.path}/data`);
  files.append([batch(1)], 2);
  deepStrictEqual(files.recordsAfter(0), numbered(1, [batch(0), batch(1)]));
});
