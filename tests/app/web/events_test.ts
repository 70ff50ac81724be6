import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { WebEvents } from "../../../src/app/web/events.ts";
import { KeptIndex } from "../../../src/app/web/kept_index.ts";
import type { EventQuestion } from "../../../src/web/doors.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runStartEntry,
  visionEntry,
} from "../../support/ledger_entries.ts";
import { makeLedgerWorld } from "../../support/ledger_world.ts";
import { smallArchive } from "../../support/small_archive.ts";

const ALL: EventQuestion = {
  cameraIds: null,
  kind: null,
  class: null,
  zone: null,
  fromMs: null,
  toMs: null,
  limit: 10,
};

/** Two cameras with ten seconds each; "front" saw somebody, lost its camera, and has a gap. */
async function world() {
  const archive = await smallArchive();
  const { root, send } = archive;
  const clock = new FakeClock(new Date(at(100)).toISOString());
  for (const cameraId of ["front", "yard"]) {
    await send(cameraEntry(cameraId));
    await send(runStartEntry(cameraId));
    await send(batchEntry(1, { cameraId, startMs: at(0), endMs: at(10) }));
  }
  await send(batchEntry(2, { startMs: at(20), endMs: at(100) }));
  await send(visionEntry(5, { eventId: "front-1-1" }));
  await send(eventEntry(11, { untilMs: at(20) }));
  const index = new KeptIndex(root, clock);
  const events = new WebEvents({ root, index, clock });
  return {
    events,
    root,
    send,
    async [Symbol.asyncDispose]() {
      index[Symbol.dispose]();
      await archive[Symbol.asyncDispose]();
    },
  };
}

Deno.test("WebEvents lists what was seen, turns and gaps, the newest first", async () => {
  await using here = await world();
  const kindsOf = async (question: Partial<EventQuestion>) => {
    const { events, isCut } = await here.events.list({ ...ALL, ...question });
    return [events.map(({ kind, cameraId }) => `${kind} ${cameraId}`), isCut];
  };
  deepStrictEqual(await kindsOf({ cameraIds: ["front"] }), [
    ["camera_offline front", "recording_gap front", "object_detected front"],
    false,
  ]);
  deepStrictEqual(await kindsOf({ limit: 1, cameraIds: ["front"] }), [
    ["camera_offline front"],
    true,
  ]);
  deepStrictEqual(await kindsOf({ class: "person" }), [["object_detected front"], false]);
  deepStrictEqual(await kindsOf({ cameraIds: [] }), [[], false]);
  deepStrictEqual(await kindsOf({ kind: "recording_gap", fromMs: at(5), toMs: at(9) }), [
    [],
    false,
  ]);
});

Deno.test("WebEvents finds the few of very many that fit a filter, stretch by stretch", async () => {
  await using world = await makeLedgerWorld();
  const count = 4_100;
  world.writer.commit([
    cameraEntry("front"),
    ...Array.from({ length: count }, (_, index) =>
      visionEntry(index, {
        eventId: `front-${index}-1`,
        zones: index === 3 || index === count - 1 ? ["porch"] : ["drive"],
      })),
  ]);
  const clock = new FakeClock(new Date(at(count)).toISOString());
  using index = new KeptIndex(world.root, clock);
  const events = new WebEvents({ root: world.root, index, clock });
  const list = async (zone: string, limit: number) => {
    const found = await events.list({ ...ALL, zone, limit });
    return [found.events.map(({ eventId }) => eventId), found.isCut];
  };
  deepStrictEqual(await list("porch", 10), [[`front-${count - 1}-1`, "front-3-1"], false]);
  deepStrictEqual(await list("porch", 1), [[`front-${count - 1}-1`], true]);
  deepStrictEqual(await list("attic", 10), [[], false]);
});

Deno.test("WebEvents finds each event of a list again by its id", async () => {
  await using here = await world();
  const lost = { kind: "frames-lost", cause: "camera-stalled", untilMs: at(50) } as const;
  await here.send(eventEntry(40, lost));
  const { events } = await here.events.list(ALL);
  const gaps = events.filter(({ kind, cameraId }) =>
    kind === "recording_gap" && cameraId === "front"
  );
  deepStrictEqual(gaps.map(({ startMs, endMs }) => [startMs, endMs]), [
    [at(40), at(50)],
    [at(10), at(20)],
  ]);
  for (const event of events) deepStrictEqual(await here.events.get(event.eventId), event);
  for (const id of ["front-9-9", "front.recording_gap.1", "front.nonsense.1", ".."]) {
    strictEqual(await here.events.get(id), undefined);
  }
});

Deno.test("WebEvents gives an event's picture from where its row says, and none that is gone", async () => {
  await using here = await world();
  const wholePath = "data/events/front/whole.jpg";
  await Deno.mkdir(join(here.root, "data/events/front"), { recursive: true });
  await Deno.writeFile(join(here.root, wholePath), new Uint8Array([255, 216]));
  const { best } = visionEntry(7);
  const pictured = { ...best, wholePath, cropPath: "data/events/front/gone.jpg" };
  await here.send(visionEntry(7, { eventId: "front-2-2", best: pictured }));
  deepStrictEqual([...(await here.events.picture("front-2-2", "whole"))!], [255, 216]);
  strictEqual(await here.events.picture("front-2-2", "crop"), undefined);
  strictEqual(await here.events.picture("nobody", "whole"), undefined);
});
