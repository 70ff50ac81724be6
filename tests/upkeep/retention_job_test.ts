/**
 * Keeping an archive within its limits, with real files, rows and locks; time and
 * the size of the disk are the test's.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { logger, type LogRecordMessage, openLog } from "../../src/base/log.ts";
import { parseLogLevels } from "../../src/base/log_levels.ts";
import { unixMs } from "../../src/base/units.ts";
import { holdFolders } from "../../src/host/folder_lock.ts";
import { formatOpenHours, nothingOpen } from "../../src/model/open_hours.ts";
import type { RetentionRules } from "../../src/model/retention.ts";
import { makeHold, makeHoldsFolder } from "../../src/upkeep/holds.ts";
import { RetentionJob, type RetentionParts } from "../../src/upkeep/retention_job.ts";
import { filesBelow } from "../support/archive.ts";
import { NO_RULES } from "../support/batch_shelf.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { eventPicturePaths } from "../../src/model/paths.ts";
import { at, visionEntry } from "../support/ledger_entries.ts";
import { type SmallArchive, smallArchive } from "../support/small_archive.ts";

interface World extends AsyncDisposable {
  readonly archive: SmallArchive;
  readonly clock: FakeClock;
  readonly job: RetentionJob;
  readonly log: readonly LogRecordMessage[];
  /** What the job sees; a test may change it. */
  rules: RetentionRules;
  freeBytes: number;
}

async function makeWorld(changes: Partial<RetentionParts> = {}): Promise<World> {
  const archive = await smallArchive();
  await makeHoldsFolder(archive.root);
  const log: LogRecordMessage[] = [];
  const output = openLog({ levels: parseLogLevels("info"), write: (record) => log.push(record) });
  const clock = new FakeClock();
  const world: World = {
    archive,
    clock,
    log,
    rules: NO_RULES,
    freeBytes: 1e9,
    job: new RetentionJob({
      root: archive.root,
      clock,
      log: logger("upkeep"),
      rules: () => world.rules,
      openIndex: () => archive.openIndex(),
      send: archive.send,
      diskRoom: () => Promise.resolve({ freeBytes: world.freeBytes, totalBytes: 1e9 }),
      ...changes,
    }),
    async [Symbol.asyncDispose]() {
      output[Symbol.dispose]();
      await archive[Symbol.asyncDispose]();
    },
  };
  return world;
}

/** Runs the job until it has looked as often as this. */
async function look({ job, clock }: World, times = 1): Promise<void> {
  const stop = new AbortController();
  const running = job.run(stop.signal);
  for (let looks = 1;; looks += 1) {
    while (clock.sleeping === 0) await clock.advance(0);
    if (looks === times) break;
    await clock.advance(10_000);
  }
  stop.abort();
  await running;
}

/** Limits on the bytes of all cameras. */
function sizeLimit(maxBytes: number): RetentionRules {
  return { ...NO_RULES, all: { ...NO_RULES.all, maxBytes } };
}

function recordings(paths: readonly string[]): string[] {
  return paths.filter((path) => path.endsWith(".mp4")).map((path) => path.slice(-10, -4));
}

/** Closed, whole runs: nothing is being recorded. */
function endRuns({ archive }: World, cameraId = "front"): Promise<void> {
  return archive.send({
    type: "run-end",
    cameraId,
    run: at(0),
    atMs: at(1_000),
    cause: "stopped",
  });
}

Deno.test("run() deletes the oldest until the limit holds, and not again", async () => {
  await using world = await makeWorld();
  const { archive, job } = world;
  for (const second of [0, 10, 20, 30]) {
    await archive.record("front", at(second), { recordingBytes: 100_000 });
  }
  await endRuns(world);
  world.rules = sizeLimit(230_000);
  await look(world, 3);
  deepStrictEqual(recordings(await archive.footage()), ["572000", "573000"]);
  deepStrictEqual(job.counters, {
    batches: 2,
    bytes: 200_200,
    unmet: [],
    filesLeft: 0,
  });
  const [line] = world.log;
  strictEqual(world.log.length, 1);
  match(
    line!.text,
    /^Deleted "?2"? batches of "?front"? \("?0\.2 MB"?\): the oldest is now "?of 2026-11-21T20:57:20/,
  );
});

Deno.test("run() leaves held footage and takes what comes after it", async () => {
  await using world = await makeWorld();
  const { archive } = world;
  for (const second of [0, 10, 20, 30]) await archive.record("front", at(second));
  await makeHold(archive.root, {
    name: "case-7",
    cameraId: "front",
    fromMs: at(12),
    toMs: at(14),
    createdMs: at(99),
  }, world.clock);
  world.rules = { ...NO_RULES, all: { ...NO_RULES.all, ageMs: 1_000 } };
  world.clock.setWall(3_600_000);
  await look(world);
  deepStrictEqual(recordings(await archive.footage()), ["571000"]);
});

Deno.test("run() deletes nothing while a hold can't be read, and says so", async () => {
  await using world = await makeWorld();
  await world.archive.record("front", at(0));
  await Deno.writeTextFile(join(world.archive.root, "data/holds/a.json"), "{");
  world.rules = sizeLimit(1);
  await look(world);
  strictEqual((await world.archive.footage()).length, 12);
  match(world.log[0]!.text, /^Nothing is deleted: .*the hold .*data\/holds\/a\.json/);
});

Deno.test("run() passes over the hour that an export reads, and comes back to it", async () => {
  await using world = await makeWorld();
  const { archive } = world;
  for (const second of [0, 3_600]) await archive.record("front", at(second));
  await endRuns(world);
  const reading = await holdFolders([join(archive.root, "data/recordings/front/2026-11-21/20")]);
  world.rules = sizeLimit(8_000);
  await look(world);
  deepStrictEqual(
    (await archive.footage()).filter((path) => path.endsWith(".mp4")),
    ["data/recordings/front/2026-11-21/20/570000.mp4"],
  );
  reading[Symbol.dispose]();
  world.rules = sizeLimit(1);
  await look(world);
  deepStrictEqual(await archive.footage(), []);
});

Deno.test("run() keeps the log and folders of the hour that a camera is recording", async () => {
  await using world = await makeWorld();
  const { archive } = world;
  for (const second of [0, 10]) await archive.record("front", at(second));
  await Deno.mkdir(join(archive.root, "data/open"));
  await Deno.writeTextFile(
    join(archive.root, "data/open/front.json"),
    formatOpenHours({
      ...nothingOpen("front", { newestFrameId: 40, newestRun: at(0) }),
      folders: ["data/recordings/front/2026-11-21/20"],
      logs: ["data/frames/front/2026-11-21/20.jsonl"],
    }),
  );
  world.rules = sizeLimit(1);
  await look(world);
  deepStrictEqual(recordings(await archive.footage()), ["571000"]);
  ok((await archive.footage()).includes("data/frames/front/2026-11-21/20.jsonl"));
});

Deno.test("run() warns once of a limit that can't be kept", async () => {
  await using world = await makeWorld();
  const { archive, job } = world;
  await archive.record("front", at(0));
  await endRuns(world);
  const hold = { name: "a", cameraId: null, createdMs: at(99), fromMs: at(-9), toMs: at(99) };
  await makeHold(archive.root, hold, world.clock);
  world.rules = sizeLimit(1);
  await look(world, 3);
  strictEqual(job.counters.unmet.length, 1);
  deepStrictEqual(world.log.map(({ level }) => level), ["warning"]);
});

Deno.test("run() frees the room that the disk is to keep", async () => {
  await using world = await makeWorld();
  const { archive } = world;
  for (const second of [0, 10, 20]) await archive.record("front", at(second));
  world.freeBytes = 500;
  const keepFree = { kind: "bytes", bytes: 1_500 } as const;
  world.rules = { ...NO_RULES, all: { ...NO_RULES.all, keepFree } };
  const stop = new AbortController();
  const running = world.job.run(stop.signal);
  while (world.clock.slept.length < 1) {
    await world.clock.advance(0);
    if (archive.sent.some(({ type }) => type === "removed")) world.freeBytes = 1_500;
  }
  stop.abort();
  await running;
  deepStrictEqual(recordings(await archive.footage()), ["571000", "572000"]);
});

Deno.test("makeRoom() deletes the oldest of all at once and says how much that freed", async () => {
  await using world = await makeWorld();
  const { archive, job } = world;
  for (const second of [0, 10]) {
    await archive.record("front", at(second), { recordingBytes: 5_000 });
    await archive.record("yard", at(second + 1), { recordingBytes: 5_000 });
  }
  const freed = await job.makeRoom(6_000);
  strictEqual(freed, 2 * 5_100);
  const left = (await archive.footage()).filter((path) => path.endsWith(".mp4"));
  deepStrictEqual(left.map((path) => path.slice(16, 21)), ["front", "yard/"]);
  deepStrictEqual(recordings(left), ["571000", "571100"]);
  match(world.log[0]!.text, /^The disk was full/);
});

Deno.test("makeRoom() frees once for all cameras that ask, and again when it was not enough", async () => {
  await using world = await makeWorld();
  const { archive, job, clock } = world;
  for (const second of [0, 10, 20]) {
    await archive.record("front", at(second), { recordingBytes: 5_000 });
  }
  const asked = [1, 2, 3].map(() => job.makeRoom(1_000));
  deepStrictEqual(await Promise.all(asked), [5_100, 5_100, 5_100]);
  strictEqual(await job.makeRoom(1_000), 5_100);
  strictEqual(job.counters.batches, 1);
  await clock.advance(1_000);
  await job.makeRoom(1_000);
  strictEqual(job.counters.batches, 2);
});

Deno.test("makeRoom() answers 0 when nothing may be deleted", async () => {
  await using world = await makeWorld();
  strictEqual(await world.job.makeRoom(1_000), 0);
});

Deno.test("makeRoom() gives up the reserve before anything is committed", async () => {
  const found: boolean[] = [];
  await using world = await makeWorld({
    send: async (entry) => {
      const names = await Array.fromAsync(Deno.readDir(join(world.archive.root, "data")));
      found.push(names.some(({ name }) => name === "reserve"));
      await world.archive.send(entry);
    },
  });
  await world.archive.record("front", at(0));
  await look(world);
  const reserve = join(world.archive.root, "data/reserve");
  strictEqual((await Deno.stat(reserve)).size, 10_000_000);
  await world.job.makeRoom(10);
  deepStrictEqual(found, [false, false]);
  await look(world);
  strictEqual((await Deno.stat(reserve)).size, 10_000_000);
});

Deno.test("run() goes on after a failure, which it logs", async () => {
  let fails = true;
  await using world = await makeWorld({
    diskRoom: () => {
      if (fails) throw new Error("no such device");
      return Promise.resolve({ freeBytes: 1e9, totalBytes: 1e9 });
    },
  });
  await world.archive.record("front", at(0));
  await endRuns(world);
  world.rules = sizeLimit(1);
  await look(world);
  match(world.log[0]!.text, /^Cannot keep footage within its limits: .*no such device/);
  fails = false;
  await look(world);
  deepStrictEqual(await world.archive.footage(), []);
});

Deno.test("run() deletes a whole archive in rounds when the limit is lowered", async () => {
  await using world = await makeWorld();
  const { archive } = world;
  for (let number = 0; number < 520; number += 1) {
    await archive.record("front", unixMs(at(0) + number * 1_000), { lengthMs: 1_000 });
  }
  await endRuns(world);
  world.rules = sizeLimit(1);
  await look(world);
  deepStrictEqual(await archive.footage(), []);
});

/** Something that was seen for 8 s, with its two pictures. */
async function see({ archive }: World, second: number): Promise<void> {
  const event = visionEntry(second);
  const pictures = eventPicturePaths("front", event);
  for (const path of Object.values(pictures)) {
    await Deno.mkdir(join(archive.root, dirname(path)), { recursive: true });
    await Deno.writeTextFile(join(archive.root, path), "jpg");
  }
  await archive.send({ ...event, best: { ...event.best, ...pictures } });
}

async function eventsOf({ archive }: World): Promise<[rows: unknown[], pictures: string[]]> {
  const ids = archive.rows("select event_id from vision_events").map(({ event_id: id }) => id);
  const events = join(archive.root, "data/events");
  const names = (await filesBelow(events)).map((path) => basename(path));
  return [ids, names];
}

const DAY_MS = 86_400_000;

Deno.test("run() keeps footage with events for longer, then deletes it, then the events", async () => {
  await using world = await makeWorld();
  const { archive, clock } = world;
  for (const second of [0, 10, 20, 30]) await archive.record("front", at(second));
  await endRuns(world);
  // From 17 s to 35 s with what is around it.
  await see(world, 22);
  world.rules = { ...NO_RULES, all: { ...NO_RULES.all, ageMs: DAY_MS, eventsMs: 3 * DAY_MS } };
  clock.setWall(2 * DAY_MS);
  await look(world);
  deepStrictEqual(recordings(await archive.footage()), ["571000", "572000", "573000"]);
  strictEqual((await eventsOf(world))[0].length, 1);
  clock.setWall(4 * DAY_MS);
  await look(world);
  deepStrictEqual(await archive.footage(), []);
  deepStrictEqual(await eventsOf(world), [[], []]);
  deepStrictEqual(archive.rows("select * from removals"), []);
  // Their folder went with them.
  const days = await Array.fromAsync(Deno.readDir(join(archive.root, "data/events/front")));
  deepStrictEqual(days, []);
});

Deno.test("run() keeps events whose footage went early, or is held, until they are old", async () => {
  await using world = await makeWorld();
  const { archive, clock } = world;
  await archive.record("front", at(0));
  await endRuns(world);
  await see(world, 2);
  await see(world, 100);
  world.rules = { ...sizeLimit(1), all: { ...sizeLimit(1).all, ageMs: 3 * DAY_MS } };
  clock.setWall(2 * DAY_MS);
  await look(world);
  deepStrictEqual(await archive.footage(), []);
  strictEqual((await eventsOf(world))[0].length, 2);
  const hold = { name: "a", cameraId: null, createdMs: at(99), fromMs: at(90), toMs: at(120) };
  await makeHold(archive.root, hold, clock);
  clock.setWall(4 * DAY_MS);
  await look(world);
  deepStrictEqual((await eventsOf(world))[1], [
    `front-${at(100)}-1-crop.jpg`,
    `front-${at(100)}-1.jpg`,
  ]);
});

Deno.test("run() finishes a deletion of events that a crash interrupted, and removes nothing else", async () => {
  await using world = await makeWorld();
  const { archive, clock } = world;
  await archive.record("front", at(0));
  await see(world, 100);
  const elsewhere = visionEntry(200);
  const best = { ...elsewhere.best, wholePath: "data/lookback.db", cropPath: "data/events/x.jpg" };
  await archive.send({ ...elsewhere, best });
  await Deno.writeTextFile(join(archive.root, "data/events/x.jpg"), "of another");
  const pictures = Object.values(eventPicturePaths("front", visionEntry(100)));
  const eventIds = [visionEntry(100).eventId];
  const files = pictures;
  await archive.send({ type: "vision-deletion", cameraId: "front", atMs: at(0), eventIds, files });
  clock.setWall(2 * DAY_MS);
  await look(world);
  deepStrictEqual(await eventsOf(world), [[], ["x.jpg"]]);
  deepStrictEqual(archive.rows("select * from removals"), []);
});
