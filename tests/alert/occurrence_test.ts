import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Occurrences } from "../../src/alert/occurrence.ts";
import { unixMs } from "../../src/base/units.ts";
import type { CameraEventEntry } from "../../src/model/ledger.ts";
import { aVisit, cameraEvent, START_MS } from "./made_up.ts";

/** What a row of camera events means, in short: kind, how long it has lasted, whether it is over. */
function told(...events: readonly CameraEventEntry[]) {
  const occurrences = new Occurrences();
  return events.flatMap((event) =>
    occurrences.take({ type: "camera", event }).map(({ kind, lastedMs, endMs }) =>
      `${kind} ${lastedMs} ${endMs === null ? "goes on" : "over"}`
    )
  );
}

const CASES = [
  {
    name: "an outage and its end",
    events: [cameraEvent("offline", 0), cameraEvent("online", 7_000)],
    told: ["camera_offline 0 goes on", "camera_online 7000 over"],
  },
  { name: "nothing of a stream that begins", events: [cameraEvent("online", 0)], told: [] },
  {
    name: "an outage once, whatever its causes",
    events: [
      cameraEvent("offline", 0, { cause: "camera-refused" }),
      cameraEvent("offline", 1_000, { cause: "camera-unreachable" }),
    ],
    told: ["camera_offline 0 goes on"],
  },
  {
    name: "no end of an outage that somebody ends by switching the camera off",
    events: [
      cameraEvent("offline", 0),
      cameraEvent("stopped", 1_000),
      cameraEvent("online", 2_000),
    ],
    told: ["camera_offline 0 goes on"],
  },
  {
    name: "a gap with its length",
    events: [cameraEvent("frames-lost", 0, { untilMs: unixMs(START_MS + 1_500) })],
    told: ["recording_gap 1500 over"],
  },
  {
    name: "a full disk as a gap, not as the camera's fault",
    events: [
      cameraEvent("frames-lost", 0, { cause: "disk-full" }),
      cameraEvent("offline", 100, { cause: "disk-full" }),
      cameraEvent("online", 9_000),
    ],
    told: ["recording_gap 0 goes on", "recording_gap 9000 over"],
  },
  { name: "nothing of a clock that is set", events: [cameraEvent("clock-step", 0)], told: [] },
] as const;

for (const { name, events, told: expected } of CASES) {
  Deno.test(`take() tells ${name}`, () => deepStrictEqual(told(...events), expected));
}

Deno.test("goingOn() has outages until they end, with how long they have lasted", () => {
  const occurrences = new Occurrences();
  const seen = (afterMs: number) =>
    occurrences.goingOn(unixMs(START_MS + afterMs)).map(({ eventId, lastedMs }) => [
      eventId,
      lastedMs,
    ]);
  occurrences.take({ type: "camera", event: cameraEvent("offline", 0) });
  deepStrictEqual(seen(4_000), [[`front-${START_MS}-offline`, 4_000]]);
  // The wall clock was set back.
  deepStrictEqual(seen(-1), [[`front-${START_MS}-offline`, 0]]);
  occurrences.take({ type: "camera", event: cameraEvent("online", 5_000) });
  deepStrictEqual(seen(6_000), []);
});

Deno.test("take() measures a visit by where it was last seen, and names a line once", () => {
  const { trace: [first] } = aVisit();
  const crossing = { line: "gate", direction: "to-left", atMs: unixMs(START_MS) } as const;
  const event = aVisit({
    trace: [first!, { ...first!, atMs: unixMs(START_MS + 2_400) }],
    crossings: [crossing, { ...crossing, direction: "to-right" }],
  });
  const [visit] = new Occurrences().take({ type: "vision", event });
  strictEqual(visit?.lastedMs, 2_400);
  deepStrictEqual(visit.lines, ["gate"]);
  deepStrictEqual(visit.pictures, { wholePath: "events/a.jpg", cropPath: null });
});
