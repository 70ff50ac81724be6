import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type EventQuery, listEvents } from "../../src/app/event_list.ts";
import { unixMs } from "../../src/base/units.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { TimelineReader } from "../../src/store/timeline_reader.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runStartEntry,
  visionEntry,
} from "../support/ledger_entries.ts";
import { makeLedgerWorld } from "../support/ledger_world.ts";

const DAY_MS = 86_400_000;

/** Two batches, an offline camera between 20 and 50 s, then recording goes on; and what was seen. */
const ENTRIES: readonly LedgerEntry[] = [
  ...[cameraEntry(), runStartEntry(), batchEntry(0), batchEntry(1)],
  { type: "run-end", cameraId: "front", run: at(0), atMs: at(20), cause: "camera-unreachable" },
  eventEntry(20, { detail: "no answer" }),
  eventEntry(49, { kind: "online", cause: null, detail: "back" }),
  runStartEntry("front", at(50)),
  ...[5, 6].map((number) => batchEntry(number, { run: at(50) })),
  ...[visionEntry(3), visionEntry(55, { class: "dog" })],
  visionEntry(8, { kind: "motion_detected", class: null }),
];

const ALL: EventQuery = {
  ...{ cameraIds: null, kind: null, class: null, zone: null },
  ...{ fromMs: null, toMs: null, limit: 50 },
};

const REACH = { unaskedMs: 31 * DAY_MS, mostMs: Infinity };

/** The oldest first, as a terminal shows them. */
async function listed(changes: Partial<EventQuery>): Promise<[string[], boolean]> {
  await using world = await makeLedgerWorld();
  world.writer.commit(ENTRIES);
  using reader = new TimelineReader(world.root);
  const { events, isCut } = await listEvents(reader, { ...ALL, ...changes }, {
    ...{ nowMs: at(70), isRecording: false, reach: REACH },
  });
  const texts = events.toReversed().map(({ kind, startMs, endMs }) => {
    const length = endMs === null ? "" : ` ${(endMs - startMs) / 1_000}`;
    return `${(startMs - at(0)) / 1_000} ${kind}${length}`;
  });
  return [texts, isCut];
}

const SEEN = ["3 object_detected 8", "8 motion_detected 8", "55 object_detected 8"];

Deno.test("listEvents() joins what was seen, when the camera was away and where footage is missing", async () => {
  deepStrictEqual(await listed({}), [[
    ...SEEN.slice(0, 2),
    ...["20 camera_offline", "20 recording_gap 30", "49 camera_online"],
    SEEN[2],
  ], false]);
});

const CASES: readonly { name: string; query: Partial<EventQuery>; events: readonly string[] }[] = [
  { name: "of a kind", query: { kind: "recording_gap" }, events: ["20 recording_gap 30"] },
  { name: "of turns alone", query: { kind: "camera_online" }, events: ["49 camera_online"] },
  { name: "of a class", query: { class: "dog" }, events: [SEEN[2]!] },
  { name: "of a zone", query: { zone: "porch" }, events: SEEN },
  { name: "of no camera", query: { cameraIds: ["yard"] }, events: [] },
  {
    name: "from an instant on, up to another",
    query: { fromMs: at(8), toMs: at(49) },
    events: [SEEN[1]!, "20 camera_offline", "20 recording_gap 30"],
  },
];

for (const { name, query, events } of CASES) {
  Deno.test(`listEvents() gives what there is ${name}`, async () => {
    const [found] = await listed(query);
    // The gap and the turn before it begin at once.
    deepStrictEqual(found.toSorted(), events.toSorted());
  });
}

Deno.test("listEvents() gives the newest where a limit leaves some out, and says so", async () => {
  deepStrictEqual(await listed({ limit: 2 }), [["49 camera_online", SEEN[2]!], true]);
  deepStrictEqual((await listed({ limit: 6 }))[1], false);
});

Deno.test("listEvents() gives a gap of days as one", async () => {
  await using world = await makeLedgerWorld();
  const startMs = unixMs(at(0) + 5 * DAY_MS);
  world.writer.commit([
    ...[cameraEntry(), runStartEntry(), batchEntry(0)],
    { type: "run-end", cameraId: "front", run: at(0), atMs: at(10), cause: "stream-ended" },
    runStartEntry("front", startMs),
    batchEntry(1, { run: startMs, startMs, endMs: unixMs(startMs + 10_000) }),
  ]);
  using reader = new TimelineReader(world.root);
  const moment = { nowMs: unixMs(startMs + 20_000), isRecording: false, reach: REACH };
  const { events } = await listEvents(reader, { ...ALL, kind: "recording_gap" }, moment);
  const gap = events.at(-1);
  strictEqual(gap!.startMs, at(10));
  strictEqual(gap!.endMs, startMs);
});
