import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { DATABASE_PATH, openForWriting } from "../../src/store/database.ts";
import { LEDGER_FOLDER, LedgerFiles } from "../../src/store/ledger_files.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { replayLedger } from "../../src/store/rebuild.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

const TABLES = ["cameras", "runs", "batches", "events", "tallies", "chain_breaks", "removals"];

interface World extends AsyncDisposable {
  readonly root: string;
  nowMs: number;
  /** Opens the ledger, works with it, closes it. */
  with<T>(work: (writer: LedgerWriter) => T): T;
  rows(path?: string): unknown[][];
}

async function makeWorld(): Promise<World> {
  const folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(join(root, "data"));
  const world: World = {
    root,
    nowMs: at(0),
    with(work) {
      const database = openForWriting(root);
      try {
        const files = new LedgerFiles(root, () => unixMs(world.nowMs));
        const writer = new LedgerWriter(database, files);
        writer.catchUp();
        return work(writer);
      } finally {
        database.close();
      }
    },
    rows(path = join(root, DATABASE_PATH)) {
      const database = openFile(path);
      try {
        return TABLES.map((table) =>
          database.prepare(`select * from ${table}`).all().map((row) => ({ ...row, event_id: 0 }))
        );
      } finally {
        database.close();
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
  return world;
}

function openFile(path: string) {
  return openForWriting(path.slice(0, -DATABASE_PATH.length - 1));
}

/** Rows of a database that is made of the ledger files alone. */
function rebuilt(world: World): unknown[][] {
  const other = join(world.root, "other");
  Deno.mkdirSync(join(other, "data"), { recursive: true });
  const path = join(other, DATABASE_PATH);
  replayLedger(world.root, { path, now: () => unixMs(world.nowMs) });
  try {
    return world.rows(path);
  } finally {
    Deno.removeSync(other, { recursive: true });
  }
}

const FIRST: readonly LedgerEntry[] = [
  cameraEntry(),
  runStartEntry(),
  ...[0, 1, 2].map((number) => batchEntry(number)),
  eventEntry(31),
];

for (const [folder, name] of [["batches", "2026-11-21.jsonl"], ["history", "2026-11.jsonl"]]) {
  for (const lostBytes of [1, 40, 700]) {
    Deno.test(`catchUp() writes again what ${folder} lost of its end: ${lostBytes} bytes`, async () => {
      await using world = await makeWorld();
      world.with((writer) => writer.commit(FIRST));
      const path = join(world.root, LEDGER_FOLDER, folder!, name!);
      const { size } = await Deno.stat(path);
      await Deno.truncate(path, Math.max(0, size - lostBytes));
      world.with((writer) => writer.commit([batchEntry(3), eventEntry(41)]));
      deepStrictEqual(rebuilt(world), world.rows());
    });
  }
}

Deno.test("catchUp() writes nothing again where nothing is lost", async () => {
  await using world = await makeWorld();
  world.with((writer) => writer.commit(FIRST));
  const size = () => new LedgerFiles(world.root, () => at(0)).sizeBytes;
  const before = size();
  world.with(() => {});
  strictEqual(size(), before);
});

Deno.test("prune() keeps of months whose batches are gone what their deletions add up to", async () => {
  await using world = await makeWorld();
  world.with((writer) => writer.commit(FIRST));
  const deletion = (batchIds: number[]): LedgerEntry => ({
    type: "deletion",
    cameraId: "front",
    atMs: unixMs(world.nowMs),
    cause: "age",
    batchIds,
    files: batchIds.map((id) => `data/recordings/front/${id}.mp4`),
  });
  const removed = (batchIds: number[]): LedgerEntry => ({
    type: "removed",
    cameraId: "front",
    files: batchIds.map((id) => `data/recordings/front/${id}.mp4`),
    logBytes: 0,
  });
  world.with((writer) => {
    writer.commit([deletion([1]), removed([1]), deletion([2, 3]), removed([2])]);
    world.nowMs = Date.parse("2027-01-05T00:00:00Z");
    const late = { startMs: unixMs(world.nowMs), endMs: unixMs(world.nowMs + 10_000) };
    writer.commit([batchEntry(3, late)]);
    writer.prune();
  });
  const history = join(world.root, LEDGER_FOLDER, "history");
  deepStrictEqual((await Array.fromAsync(Deno.readDir(history))).map(({ name }) => name).sort(), [
    "2026-11-compact.jsonl",
    "2027-01.jsonl",
  ]);
  const compacted = await Deno.readTextFile(join(history, "2026-11-compact.jsonl"));
  strictEqual(/"type":"(?:deletion|removed|check)"/.test(compacted), false);
  strictEqual(compacted.includes('"type":"run-start"'), true);
  // The log's bytes are counted anew from the batches that are left.
  const withoutLogs = (tables: unknown[][]) =>
    tables.map((rows) => rows.map((row) => ({ ...(row as object), log_bytes: 0 })));
  deepStrictEqual(withoutLogs(rebuilt(world)), withoutLogs(world.rows()));
  // Done once: the next time there is nothing to leave out.
  const size = () => new LedgerFiles(world.root, () => unixMs(world.nowMs)).sizeBytes;
  const before = size();
  world.with((writer) => writer.prune());
  strictEqual(size(), before);
});

Deno.test("compact() keeps what a month had when it was compacted before", async () => {
  await using world = await makeWorld();
  const files = new LedgerFiles(world.root, () => unixMs(world.nowMs));
  files.append([cameraEntry("front")], 1);
  files.compact("2026-11");
  files.append([cameraEntry("yard")], 2);
  files.compact("2026-11");
  const cameras = [...new LedgerFiles(world.root, () => unixMs(world.nowMs)).all()]
    .map(({ record }) => record.cameraId);
  deepStrictEqual(cameras, ["front", "yard"]);
});
