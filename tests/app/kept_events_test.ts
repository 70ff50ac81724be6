import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { KeptEvents } from "../../src/app/vision.ts";
import { unixMs } from "../../src/base/units.ts";
import type { VisionEvent } from "../../src/model/vision.ts";

const BOX = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };

const EVENT: VisionEvent = {
  eventId: "front-1000-1",
  cameraId: "front",
  kind: "object_detected",
  class: "person",
  startMs: unixMs(1_000),
  endMs: null,
  score: 0.7,
  best: { atMs: unixMs(1_000), box: BOX, score: 0.7, wholePath: null, cropPath: null },
  trace: [{ atMs: unixMs(1_000), box: BOX }, { atMs: unixMs(4_000), box: BOX }],
  zones: [],
  crossings: [],
};
const PICTURED = { ...EVENT, best: { ...EVENT.best, wholePath: "a.jpg", cropPath: "b.jpg" } };

Deno.test("KeptEvents keeps the beginning, the first picture and the end of an event", () => {
  const kept = new KeptEvents();
  const news = ([
    ["begun", EVENT],
    ["updated", EVENT],
    ["updated", PICTURED],
    ["updated", PICTURED],
    ["ended", PICTURED],
    ["begun", { ...EVENT, eventId: "front-9000-2" }],
  ] as const).map(([change, event]) => kept.isNews({ change, event }));
  deepStrictEqual(news, [true, false, true, false, true, true]);
});

Deno.test("endAll() ends what goes on when its thing was last seen", () => {
  const kept = new KeptEvents();
  kept.isNews({ change: "begun", event: EVENT });
  const changes = kept.endAll();
  deepStrictEqual(changes, [{ change: "ended", event: { ...EVENT, endMs: unixMs(4_000) } }]);
  strictEqual(kept.isNews(changes[0]!), true);
  deepStrictEqual(kept.endAll(), []);
});
