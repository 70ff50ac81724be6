import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readNews } from "../../page/api/news.ts";
import { hashOf, isAt, readRoute } from "../../page/app/routes.ts";
import { waitBeforeRetryMs } from "../../page/base/backoff.ts";
import { narrowOffset, offsetMs } from "../../page/base/server_clock.ts";
import { withNews } from "../../page/pages/event_news.ts";
import type { SeenEvent } from "../../page/api/types.ts";

Deno.test("readNews() turns times into milliseconds and knows cameras by id", () => {
  deepStrictEqual(
    readNews(JSON.stringify({
      type: "sight",
      camera: "front",
      at: "2026-11-22T08:00:00.250Z",
      moving: [],
      detections: null,
    })),
    {
      type: "sight",
      sight: {
        camera: "front",
        atMs: Date.UTC(2026, 10, 22, 8, 0, 0, 250),
        moving: [],
        detections: [],
      },
    },
  );
  const status = readNews('{"type":"status","cameras":[{"camera":"front","state":"recording"}]}');
  strictEqual(status?.type === "status" && status.cameras[0]?.id, "front");
});

Deno.test("readNews() passes over what it does not know", () => {
  strictEqual(readNews('{"type":"weather"}'), undefined);
  strictEqual(readNews("no JSON"), undefined);
});

Deno.test("isAt() knows a place whatever its query says, and no other one", () => {
  strictEqual(isAt("#/camera/front?at=1", "camera", "front"), true);
  strictEqual(isAt("#/camera/back", "camera", "front"), false);
  strictEqual(isAt("#/camera/front", "events"), false);
  strictEqual(isAt("", "cameras"), true);
});

Deno.test("hashOf() and readRoute() are each other's way back", () => {
  const hash = hashOf("camera", "front door/1", { at: 1_000, kind: undefined });
  strictEqual(hash, "#/camera/front%20door%2F1?at=1000");
  deepStrictEqual(readRoute(hash), {
    page: "camera",
    id: "front door/1",
    query: { at: "1000" },
  });
});

for (const hash of ["", "#", "#/", "#/nowhere", "#/__proto__"]) {
  Deno.test(`readRoute() shows all cameras for "${hash}"`, () => {
    strictEqual(readRoute(hash).page, "cameras");
  });
}

Deno.test("waitBeforeRetryMs() doubles up to 15 s, with a little chance", () => {
  deepStrictEqual([1, 2, 3, 9, 99].map((failures) => waitBeforeRetryMs(failures, 0)), [
    ...[500, 1_000, 2_000, 15_000, 15_000],
  ]);
  ok(waitBeforeRetryMs(9, 0.99) < 15_000);
});

Deno.test("offsetMs() is nothing while the clocks may agree, and what is known where they can't", () => {
  strictEqual(offsetMs(undefined), 0);
  const agreeing = narrowOffset(undefined, { sentMs: 5_300, receivedMs: 5_340, dateMs: 5_000 });
  strictEqual(offsetMs(agreeing), 0);
  const ahead = narrowOffset(undefined, { sentMs: 5_300, receivedMs: 5_340, dateMs: 65_000 });
  ok(Math.abs(offsetMs(ahead) - 60_180) < 1);
});

Deno.test("narrowOffset() comes closer with each answer, and begins anew where clocks were set", () => {
  const once = narrowOffset(undefined, { sentMs: 0, receivedMs: 10, dateMs: 60_000 });
  const twice = narrowOffset(once, { sentMs: 700, receivedMs: 710, dateMs: 61_000 });
  ok(twice.mostMs - twice.leastMs < once.mostMs - once.leastMs);
  const set = narrowOffset(twice, { sentMs: 2_000, receivedMs: 2_010, dateMs: 0 });
  deepStrictEqual(set, { leastMs: -2_010, mostMs: -1_000 });
});

const event = (id: string, more: Partial<SeenEvent> = {}): SeenEvent => ({
  id,
  kind: "object_detected",
  class: "person",
  camera: "front",
  from: "2026-11-22T08:00:00.000Z",
  to: null,
  score: 0.9,
  zones: [],
  crossings: [],
  hasPicture: false,
  boxes: [],
  ...more,
});

Deno.test("withNews() puts a new event first, changes a known one, and keeps to the filter", () => {
  const list = [event("a")];
  deepStrictEqual(withNews(list, event("b"), {}).map(({ id }) => id), ["b", "a"]);
  strictEqual(withNews(list, event("a", { score: 1 }), { camera: "yard" })[0]?.score, 1);
  deepStrictEqual(withNews(list, event("b"), { class: "dog" }), list);
  deepStrictEqual(withNews(list, event("b"), { zone: "drive" }), list);
});
