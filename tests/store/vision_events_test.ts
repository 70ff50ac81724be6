/**
 * Vision events on their way into the database and the ledger files, and back.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { unixMs } from "../../src/base/units.ts";
import type { LedgerEntry, VisionEventEntry } from "../../src/model/ledger.ts";
import { DATABASE_PATH, openForWriting } from "../../src/store/database.ts";
import { EventReader } from "../../src/store/event_reader.ts";
import { replayLedger } from "../../src/store/rebuild.ts";
import { MIGRATIONS } from "../../src/store/schema.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  runStartEntry,
  visionEntry,
} from "../support/ledger_entries.ts";
import { type LedgerWorld, makeLedgerWorld, tablesOf } from "../support/ledger_world.ts";
import { tempFolder } from "../support/temp_folder.ts";

const now = () => at(0);

/** An event as a reader gives it: without what makes it an entry. */
function eventOf({ type: _, ...event }: VisionEventEntry) {
  return event;
}

function commit({ writer }: LedgerWorld, entries: readonly LedgerEntry[]): void {
  deepStrictEqual(writer.commit(entries), []);
}

/** Tables of a database that is made of the ledger files alone. */
function madeAgain({ root }: LedgerWorld) {
  const path = `${root}/again.db`;
  replayLedger(root, { path, now });
  const database = new DatabaseSync(path);
  try {
    return tablesOf(database);
  } finally {
    database.close();
  }
}

Deno.test("commit() keeps of an event what was said last, and gives back all of it", async () => {
  await using world = await makeLedgerWorld();
  const begun = visionEntry(3, { endMs: null, zones: [], crossings: [], trace: [] });
  const ended = visionEntry(3);
  commit(world, [begun]);
  using reader = new EventReader(world.root);
  deepStrictEqual(reader.visionEvent(begun.eventId), eventOf(begun));
  deepStrictEqual(reader.unendedVisionEvents("front"), [eventOf(begun)]);
  commit(world, [{ ...begun, score: 0.5 }, ended]);
  deepStrictEqual(reader.visionEvent(begun.eventId), eventOf(ended));
  deepStrictEqual(reader.unendedVisionEvents("front"), []);
  strictEqual(reader.visionEvent("front-1-1"), undefined);
});

Deno.test("commit() takes no news of an event from before its end, nor news that are none", async () => {
  await using world = await makeLedgerWorld();
  const ended = visionEntry(3);
  commit(world, [{ ...ended, endMs: null }, ended]);
  const lines = world.files.recordsAfter(0).length;
  // A camera sends again what a failed writer did not answer.
  commit(world, [{ ...ended, endMs: null, score: 0.1 }, ended]);
  strictEqual(world.files.recordsAfter(0).length, lines);
  const pictured = { ...ended, best: { ...ended.best, wholePath: "data/events/front/x.jpg" } };
  commit(world, [pictured]);
  using reader = new EventReader(world.root);
  deepStrictEqual(reader.visionEvent(ended.eventId), eventOf(pictured));
});

Deno.test("commit() refuses an event that ends before it begins, and takes the others", async () => {
  await using world = await makeLedgerWorld();
  const wrong = visionEntry(9, { endMs: at(8) });
  const refused = world.writer.commit([visionEntry(1), wrong, visionEntry(2)]);
  deepStrictEqual(refused.map(({ entry }) => entry), [wrong]);
  strictEqual(world.rows("select * from vision_events").length, 2);
});

/** Batches of the camera in which something was seen, by number. */
function seenIn({ rows }: LedgerWorld): unknown[] {
  return rows("select starting_frame_id id from batches where has_event = 1 order by id")
    .map(({ id }) => (Number(id) - 1) / 250);
}

const BATCHES = [0, 1, 2, 3, 4, 5].map((number) => batchEntry(number));

for (const order of ["behind", "before"] as const) {
  Deno.test(`commit() marks batches within 5 s of an ended event that comes ${order} them`, async () => {
    await using world = await makeLedgerWorld();
    // From 25 s to 33 s: with 5 s on each side from 20 s to 38 s, both not part of it.
    const events = [visionEntry(25), visionEntry(45, { endMs: null })];
    const entries = order === "behind" ? [...BATCHES, ...events] : [...events, ...BATCHES];
    commit(world, entries);
    deepStrictEqual(seenIn(world), [2, 3]);
  });
}

Deno.test("commit() unmarks batches when their event goes, or turns out to be elsewhere", async () => {
  await using world = await makeLedgerWorld();
  const [one, other] = [visionEntry(2, { eventId: "a" }), visionEntry(31, { eventId: "b" })];
  commit(world, [...BATCHES, one, other]);
  deepStrictEqual(seenIn(world), [0, 1, 2, 3, 4]);
  commit(world, [{ ...other, startMs: at(36), endMs: at(37) }]);
  deepStrictEqual(seenIn(world), [0, 1, 3, 4]);
  const atMs = at(99);
  commit(world, [
    { type: "vision-deletion", cameraId: "front", atMs, eventIds: ["a"], files: ["x.jpg"] },
  ]);
  deepStrictEqual(seenIn(world), [3, 4]);
  deepStrictEqual(world.rows("select path from removals"), [{ path: "x.jpg" }]);
  deepStrictEqual(madeAgain(world), world.tables());
});

Deno.test("a run's shift moves its events with its batches, and not those of other runs", async () => {
  await using world = await makeLedgerWorld();
  const shiftMs = 86_400_000;
  const late = runStartEntry("front", at(30));
  commit(world, [
    ...[cameraEntry(), runStartEntry(), ...BATCHES.slice(0, 3), visionEntry(12)],
    ...[late, batchEntry(3, { run: at(30) }), visionEntry(32)],
    { type: "run-shift", cameraId: "front", run: at(0), shiftMs },
    // Told once more, and one that is new: in the times that were written.
    ...[visionEntry(12, { score: 1 }), visionEntry(21)],
  ]);
  using reader = new EventReader(world.root);
  const events = reader.visionEvents({}, { limit: 9 });
  deepStrictEqual(
    events.map(({ startMs, endMs, trace, best }) => [
      ...[startMs, endMs, trace[0]!.atMs, best.atMs],
    ]),
    [
      ...[21, 12].map((second) =>
        [second, second + 8, second, second + 2].map((each) => at(each) + shiftMs)
      ),
      [at(32), at(40), at(32), at(34)],
    ],
  );
  deepStrictEqual(seenIn(world), [0, 1, 2, 3]);
  deepStrictEqual(madeAgain(world), world.tables());
});

Deno.test("a ledger that is written anew from the database has its events", async () => {
  await using world = await makeLedgerWorld();
  commit(world, [
    ...[cameraEntry(), runStartEntry(), ...BATCHES, visionEntry(12)],
    visionEntry(31, { endMs: null }),
    { type: "run-shift", cameraId: "front", run: at(0), shiftMs: -7_000 },
  ]);
  const before = world.tables();
  world.reopen(() => Deno.removeSync(`${world.root}/data/ledger`, { recursive: true }));
  const { facts: _, ...again } = madeAgain(world);
  const { facts: __, ...expected } = before;
  deepStrictEqual(again, expected);
});

Deno.test("prune() leaves events out of old months that are gone, also those of months before", async () => {
  let nowMs = at(0);
  await using world = await makeLedgerWorld(() => nowMs);
  const [kept, gone, lateGone] = [visionEntry(1), visionEntry(2), visionEntry(3)];
  const deletion = (events: readonly VisionEventEntry[]): LedgerEntry => {
    const eventIds = events.map(({ eventId }) => eventId);
    return { type: "vision-deletion", cameraId: "front", atMs: nowMs, eventIds, files: [] };
  };
  const month = (date: string) => nowMs = unixMs(Date.parse(date));
  // A later batch lets the files of the months before go.
  const lateBatch = (number: number): LedgerEntry[] => [
    batchEntry(number, { startMs: nowMs, endMs: unixMs(nowMs + 10_000) }),
    {
      type: "deletion",
      cameraId: "front",
      atMs: nowMs,
      cause: "age",
      batchIds: [number],
      files: [],
    },
  ];
  commit(world, [batchEntry(0), { ...kept, endMs: null }, kept, gone, lateGone, deletion([gone])]);
  month("2027-01-05T00:00:00Z");
  commit(world, lateBatch(1));
  world.writer.prune();
  commit(world, [deletion([lateGone])]);
  month("2027-03-05T00:00:00Z");
  commit(world, lateBatch(2));
  world.writer.prune();
  const history = `${world.root}/data/ledger/history`;
  const compacted = await Deno.readTextFile(`${history}/2026-11-compact.jsonl`);
  deepStrictEqual(compacted.match(/"event_id":"[^"]+"/g), [`"event_id":"${kept.eventId}"`]);
  deepStrictEqual(madeAgain(world).vision_events, world.tables().vision_events);
  strictEqual(world.rows("select * from vision_events").length, 1);
});

Deno.test("openForWriting() brings a database of version 2 up to date, with all that is in it", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/${DATABASE_PATH}`;
  await Deno.mkdir(`${folder.path}/data`);
  const old = new DatabaseSync(path);
  for (const sql of MIGRATIONS.slice(0, 2)) old.exec(sql);
  old.exec(`pragma user_version = 2;
    insert into cameras values ('front', 'Front', 'test', null, null, 1);
    insert into runs values ('front', 10, 'avc1', 320, 180, 90000, null, null, 0);
    insert into batches (camera_id, run, starting_frame_id, ending_frame_id, timestamp, start_ms,
      end_ms, frame_count, recording_path, recording_bytes, frames_path, frames_offset,
      frames_bytes) values ('front', 10, 1, 250, '', ${at(0)}, ${at(10)}, 250, 'a', 1, 'b', 0, 1)`);
  old.close();
  const database = openForWriting(folder.path);
  strictEqual(database.prepare("select has_event from batches").get()!.has_event, 0);
  strictEqual(database.prepare("select batches from tallies").get()!.batches, 1);
  database.close();
  using reader = new EventReader(folder.path);
  deepStrictEqual(reader.visionEvents({}, { limit: 1 }), []);
  strictEqual(reader.batchesAfterId("front", 0, 9).length, 1);
});
