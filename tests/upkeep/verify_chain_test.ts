import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { VerifyReader } from "../../src/store/verify_reader.ts";
import { ChainCheck } from "../../src/upkeep/chain_check.ts";
import { at, batchEntry, runStartEntry } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CAMERAS = ["front", "yard"];

interface World extends AsyncDisposable {
  commit(entries: readonly LedgerEntry[]): void;
  alter(sql: string): void;
  /** What the check says of all rows, page by page, and of the ends. */
  findings(filter?: { readonly fromSeconds: number; readonly toSeconds: number }): string[];
}

/** Two cameras whose batches are committed in turn: ids 1, 3, 5 … are those of "front". */
async function makeWorld(batchesEach: number): Promise<World> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  const database = openForWriting(folder.path);
  const writer = new LedgerWriter(database);
  for (let number = 0; number < batchesEach; number += 1) {
    writer.commit(CAMERAS.map((cameraId) => batchEntry(number, { cameraId })));
  }
  return {
    commit: (entries) => deepStrictEqual(writer.commit(entries), []),
    alter: (sql) => database.exec(sql),
    findings(span) {
      using reader = new VerifyReader(folder.path);
      const window = span === undefined
        ? null
        : { fromMs: at(span.fromSeconds), toMs: at(span.toSeconds) };
      return CAMERAS.flatMap((cameraId) => findingsOf(reader, { cameraId, window }));
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function findingsOf(
  reader: VerifyReader,
  filter: Parameters<VerifyReader["page"]>[0] & { readonly cameraId: string },
): string[] {
  const check = new ChainCheck((batchId) => reader.link(batchId));
  const found: string[] = [];
  for (let afterId = 0;;) {
    // Small pages, so that their edges are met.
    const page = reader.page(filter, { afterId, toId: reader.newestBatchId(), limit: 3 });
    for (const batch of page) {
      for (const { batchId, detail } of check.take(batch)) found.push(`${batchId}: ${detail}`);
      afterId = batch.batchId;
    }
    if (page.length === 0) break;
  }
  if (filter.window !== null) return found;
  const end = check.end(reader.chainEnd(filter.cameraId));
  return end === undefined ? found : [...found, `end: ${end.detail}`];
}

function deletion(batchIds: readonly number[], cameraId = "front"): LedgerEntry {
  return { type: "deletion", cameraId, atMs: at(999), cause: "age", batchIds, files: [] };
}

Deno.test("ChainCheck finds nothing in rows that the writer made", async () => {
  await using world = await makeWorld(10);
  deepStrictEqual(world.findings(), []);
  deepStrictEqual(world.findings({ fromSeconds: 35, toSeconds: 65 }), []);
});

const ALTERED = "the row was altered: it does not fit its chain value";

const CASES: readonly {
  readonly name: string;
  readonly sql: string;
  readonly found: readonly string[];
}[] = [
  {
    name: "a row whose time was altered",
    sql: "update batches set start_ms = start_ms + 1 where batch_id = 9",
    found: [`9: ${ALTERED}`],
  },
  {
    name: "a row whose hash was altered",
    sql: "update batches set recording_sha256 = 'ab' where batch_id = 9",
    found: [`9: ${ALTERED}`],
  },
  {
    name: "a row whose frames were altered",
    sql: "update batches set ending_frame_id = 1001, frame_count = 1 where batch_id = 9",
    found: [`9: ${ALTERED}`],
  },
  {
    name: "a row whose text of the time was altered",
    sql: "update batches set timestamp = '2026-11-21T20:00:00.000Z' where batch_id = 9",
    found: [`9: ${ALTERED}`],
  },
  {
    name: "a row whose chain value was altered",
    sql: "update batches set chain = 'ab' where batch_id = 9",
    found: [`9: ${ALTERED}`],
  },
  {
    name: "a row that was altered at the end",
    sql: "update batches set chain = 'ab' where batch_id = 19",
    found: [`19: ${ALTERED}`],
  },
  {
    name: "a row that was taken out",
    sql: "delete from batches where batch_id = 9",
    found: [
      "11: it does not follow batch 7: rows between were taken out by hand, or one was altered",
    ],
  },
  {
    name: "the first row taken out",
    sql: "delete from batches where batch_id = 1",
    found: [
      "3: it is the camera's first one, and the chain begins before it: " +
      "rows between were taken out by hand, or one was altered",
    ],
  },
  {
    name: "the newest rows taken out",
    sql: "delete from batches where batch_id in (17, 19)",
    found: ["end: rows behind batch 15 were taken out by hand: the chain goes on"],
  },
  {
    name: "all rows taken out",
    sql: "delete from batches where camera_id = 'front'",
    found: ["end: all of the camera's rows were taken out by hand: the chain goes on"],
  },
  {
    name: "a row that lost its hashes",
    sql: `update batches set recording_sha256 = null, frames_sha256 = null, previous_chain = null,
      chain = null where batch_id = 9`,
    found: [
      "9: the row has lost its hashes, or was put in by hand",
      "11: it does not follow batch 7: rows between were taken out by hand, or one was altered",
    ],
  },
];

for (const { name, sql, found } of CASES) {
  Deno.test(`ChainCheck names ${name}`, async () => {
    await using world = await makeWorld(10);
    world.alter(sql);
    deepStrictEqual(world.findings(), found);
  });
}

Deno.test("ChainCheck names a row that was put in with a chain value of its own", async () => {
  await using world = await makeWorld(10);
  // As the writer would make it, then with the tally put back.
  world.commit([batchEntry(20)]);
  world.alter(`update tallies set chain = (select chain from batches where batch_id = 19),
    newest_batch_id = 20 where camera_id = 'front'`);
  world.commit([batchEntry(30)]);
  deepStrictEqual(world.findings(), [
    "21: the row was put in by hand: batch 22 follows the one before it",
  ]);
});

Deno.test("ChainCheck takes rows from before there were hashes", async () => {
  await using world = await makeWorld(0);
  world.commit([batchEntry(0), batchEntry(1)]);
  world.alter(`update batches set recording_sha256 = null, frames_sha256 = null,
    previous_chain = null, chain = null; update tallies set chain = null`);
  world.commit([batchEntry(2), batchEntry(3)]);
  deepStrictEqual(world.findings(), []);
  world.commit([deletion([1])]);
  deepStrictEqual(world.findings(), []);
});

Deno.test("ChainCheck takes rows whose clock was put right", async () => {
  await using world = await makeWorld(10);
  world.commit([
    runStartEntry(),
    { type: "run-shift", cameraId: "front", run: at(0), shiftMs: -3_600_000 },
  ]);
  deepStrictEqual(world.findings(), []);
});

Deno.test("ChainCheck tells deletions in any order from rows taken out by hand", async () => {
  const ids = Array.from({ length: 12 }, (_, index) => index * 2 + 1);
  const property = fc.asyncProperty(
    fc.shuffledSubarray(ids, { minLength: 1 }),
    fc.array(fc.nat(4), { maxLength: 6 }),
    async (deleted, cuts) => {
      await using world = await makeWorld(12);
      const rest = [...deleted];
      for (const cut of cuts) {
        const piece = rest.splice(0, cut).toSorted((one, other) => one - other);
        if (piece.length > 0) world.commit([deletion(piece)]);
      }
      if (rest.length > 0) world.commit([deletion(rest.toSorted((one, other) => one - other))]);
      deepStrictEqual(world.findings(), []);
      const [left] = ids.filter((id) => !deleted.includes(id));
      if (left === undefined) return;
      world.alter(`delete from batches where batch_id = ${left}`);
      const found = world.findings();
      strictEqual(found.length, 1, found.join());
      ok(found[0]!.includes("taken out by hand"));
    },
  );
  await fc.assert(property, { numRuns: 40 });
});
