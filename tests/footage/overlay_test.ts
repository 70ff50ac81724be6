import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { clockText, heldSights, overlayMarks, parseOverlay } from "../../src/footage/overlay.ts";
import { overlayScript } from "../../src/media/overlay_args.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import type { Detection } from "../../src/model/vision.ts";
import { at } from "../support/ledger_entries.ts";

function frameAt(ms: number, frameId: number, run = 1): LoggedFrame {
  return {
    ...{ cameraId: "front", frameId, atMs: unixMs(at(0) + ms), imagePath: null, isKey: false },
    ...{ sizeBytes: 1, pts: ms, duration: 40, run, timescale: 1_000 },
  };
}

const CAR: Detection = {
  class: "car",
  score: 0.876,
  box: { x: 0.5, y: 0.5, width: 0.25, height: 0.25 },
};

/** Half a second of frames at odd distances, the shortest 1 ms, and 1.2 s without one. */
const TIMES = [0, 33, 34, 80, 119, 160, 200, 1_400, 1_440];

Deno.test("parseOverlay() reads what is burnt in, in one order, and refuses anything else", () => {
  deepStrictEqual(parseOverlay("clock, boxes"), ["boxes", "clock"]);
  strictEqual(parseOverlay("boxes,logo"), undefined);
  strictEqual(parseOverlay(""), undefined);
});

Deno.test("heldSights() holds boxes until the next look, for a second, within a run", () => {
  const frames = [...TIMES.map((ms, index) => frameAt(ms, index + 1)), frameAt(1_480, 10, 2)];
  const sights = new Map([[2, [CAR]], [5, []], [6, [CAR]]]);
  const held = heldSights(frames, sights).map((seen) => seen?.length);
  deepStrictEqual(held, [
    ...[undefined, 1, 1, 1, 0, 1, 1],
    // 1.24 s after the last look; then a run in which nobody looked yet.
    ...[undefined, undefined, undefined],
  ]);
  const fresh = heldSights([frameAt(0, 1), frameAt(40, 2, 2)], new Map([[1, [CAR]]]));
  deepStrictEqual(fresh.map((seen) => seen?.length), [1, undefined]);
});

/** When each line of the script with this text is shown, in seconds of the film. */
function shownIn(script: string, text: string): { from: number; to: number }[] {
  const seconds = (time: string) => {
    const [hours, minutes, rest] = time.split(":").map(Number);
    return (hours! * 3_600 + minutes! * 60 + rest!) / 100;
  };
  return script.split("\n").filter((line) => line.startsWith("Dialogue") && line.includes(text))
    .map((line) => line.split(",", 3))
    .map(([, from, to]) => ({ from: seconds(from!), to: seconds(to!) }));
}

Deno.test("overlayMarks() shows each frame its own time of day, to the millisecond", () => {
  const overlay = { items: ["clock"], cameraName: "Door", timeZone: "Europe/Berlin" } as const;
  const frames = TIMES.map((ms, index) => ({
    frame: frameAt(ms, index + 1),
    atSeconds: ms / 1_000,
    seen: undefined,
  }));
  const script = overlayScript({ width: 640, height: 360 }, overlayMarks(frames, overlay));
  const clock = clockText("Europe/Berlin");
  strictEqual(clock(frames[3]!.frame.atMs), "2026-11-21 21:57:00.080 +01:00");
  for (const [index, { frame }] of frames.entries()) {
    const [shown, ...others] = shownIn(script, clock(frame.atMs));
    deepStrictEqual(others, []);
    const inside = TIMES.filter((ms) => ms / 1_000 >= shown!.from && ms / 1_000 < shown!.to);
    deepStrictEqual(inside, [TIMES[index]], script);
  }
});

Deno.test("clockText() follows a change of the zone's offset", () => {
  const clock = clockText("Europe/Berlin");
  strictEqual(
    clock(unixMs(Date.parse("2026-10-25T00:59:59.999Z"))).slice(11),
    "02:59:59.999 +02:00",
  );
  strictEqual(clock(unixMs(Date.parse("2026-10-25T01:00:00Z"))).slice(11), "02:00:00.000 +01:00");
});

Deno.test("overlayScript() draws a frame in the box's place, with class and score above it", () => {
  const mark = {
    kind: "box",
    fromSeconds: 0,
    toSeconds: 1,
    box: CAR.box,
    label: "car 88 %",
    colour: "0000FF",
  } as const;
  const script = overlayScript({ width: 640, height: 360 }, [mark]);
  // The inner corners run the other way round, which leaves a hole.
  ok(script.includes("m 320 180 l 480 180 480 270 320 270 m 322 268 l 478 268 478 182 322 182"));
  ok(script.includes("{\\an1\\pos(320,180)\\3c&H0000FF&}car 88 %"), script);
});

Deno.test("overlayScript() takes no commands out of a camera's name", () => {
  const mark = { fromSeconds: 0, toSeconds: 1, kind: "text", place: "top" } as const;
  const script = overlayScript({ width: 640, height: 360 }, [
    { ...mark, text: "{\\b1}a\\Nb\nc" },
  ]);
  ok(script.endsWith("\\{\\\u2060b1\\}a\\\u2060Nb c\n"), script);
});
