import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { type EventFilter, EventReader } from "../../src/store/event_reader.ts";
import { at, batchEntry, cameraEntry, visionEntry } from "../support/ledger_entries.ts";
import { makeLedgerWorld } from "../support/ledger_world.ts";

const SEEN: readonly LedgerEntry[] = [
  visionEntry(10, { eventId: "person", zones: ["porch", "drive"] }),
  visionEntry(20, { eventId: "dog", class: "dog", zones: [] }),
  visionEntry(30, { eventId: "move", kind: "motion_detected", class: null, zones: ["drive"] }),
  visionEntry(30, { eventId: "yard", cameraId: "yard" }),
  visionEntry(40, { eventId: "late", endMs: null }),
];

const FILTERS: readonly { name: string; filter: EventFilter; ids: readonly string[] }[] = [
  { name: "all, the newest first", filter: {}, ids: ["late", "yard", "move", "dog", "person"] },
  { name: "those of a camera", filter: { cameraId: "yard" }, ids: ["yard"] },
  { name: "those of a class", filter: { class: "person" }, ids: ["late", "yard", "person"] },
  { name: "those of a kind", filter: { kind: "motion_detected" }, ids: ["move"] },
  { name: "those in a zone", filter: { zone: "drive" }, ids: ["move", "person"] },
  {
    name: "those that begin in a window, whose end is not part of it",
    filter: { window: { fromMs: at(20), toMs: at(40) } },
    ids: ["yard", "move", "dog"],
  },
  {
    name: "those that all filters leave",
    filter: { cameraId: "front", class: "person", zone: "porch" },
    ids: ["late", "person"],
  },
  { name: "none of a name that SQL might take for more", filter: { class: "' or 1" }, ids: [] },
];

Deno.test("stretchStart() says where the last events of a window begin, or that there are fewer", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit(SEEN);
  using reader = new EventReader(world.root);
  const window = { fromMs: at(0), toMs: at(40) };
  const starts = (cameraId: string | null) =>
    [1, 2, 3, 4, 5].map((count) => reader.stretchStart({ cameraId, window }, count));
  deepStrictEqual(starts(null), [at(30), at(30), at(20), at(10), undefined]);
  deepStrictEqual(starts("front"), [at(30), at(20), at(10), undefined, undefined]);
});

for (const { name, filter, ids } of FILTERS) {
  Deno.test(`visionEvents() gives ${name}, on one page or on many`, async () => {
    await using world = await makeLedgerWorld();
    world.writer.commit(SEEN);
    using reader = new EventReader(world.root);
    const idsOf = (limit: number, after?: { startMs: ReturnType<typeof at>; eventId: string }) =>
      reader.visionEvents(filter, { limit, after: after ?? null });
    deepStrictEqual(idsOf(9).map(({ eventId }) => eventId), ids);
    const paged: string[] = [];
    for (let page = idsOf(2); page.length > 0; page = idsOf(2, page.at(-1)!)) {
      paged.push(...page.map(({ eventId }) => eventId));
    }
    deepStrictEqual(paged, ids);
  });
}

Deno.test("newestOfEachClass() gives a camera's last person, last dog and last movement", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit(SEEN);
  using reader = new EventReader(world.root);
  const newest = reader.newestOfEachClass("front").map(({ eventId }) => eventId);
  deepStrictEqual(newest, ["late", "move", "dog"]);
  deepStrictEqual(reader.newestOfEachClass("shed"), []);
});

Deno.test("firstRecordedMs() says where a camera's footage begins", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([cameraEntry(), batchEntry(2), batchEntry(1)]);
  using reader = new EventReader(world.root);
  strictEqual(reader.firstRecordedMs("front"), at(10));
  strictEqual(reader.firstRecordedMs("yard"), null);
});
