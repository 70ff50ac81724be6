import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { explainGap, type GapSurroundings } from "../../src/footage/gap_cause.ts";
import type { CameraEventEntry, CameraEventKind, GapCause } from "../../src/model/ledger.ts";

const GAP = { fromMs: unixMs(10_000), toMs: unixMs(20_000) };
const ENDED = { run: 1, endedMs: unixMs(10_000), endCause: "stopped" } as const;
const STALLED = { run: 1, endedMs: unixMs(18_000), endCause: "camera-stalled" } as const;
const CUT_OFF = { run: 1, endedMs: unixMs(10_000), endCause: "restart" } as const;
const OPEN = { run: 1, endedMs: null, endCause: null } as const;
const LATER = { run: 2, endedMs: null, endCause: null } as const;

/** An event some milliseconds after 0. */
function event(
  atMs: number,
  kind: CameraEventKind,
  cause: GapCause | null = null,
  untilMs: number | null = null,
): CameraEventEntry {
  return {
    type: "event",
    cameraId: "front",
    atMs: unixMs(atMs),
    untilMs: untilMs === null ? null : unixMs(untilMs),
    kind,
    cause,
    detail: `${kind} at ${atMs}`,
  };
}

const AROUND: GapSurroundings = {
  nowMs: unixMs(60_000),
  runBefore: ENDED,
  runAfter: LATER,
  events: [],
  isRecording: true,
  wasDeleted: false,
};

const STALL = event(18_000, "offline", "camera-stalled");
const UNREACHABLE = event(19_000, "offline", "camera-unreachable");

/** Each piece as its cause and the second in which it begins; the last one ends with the gap. */
const CASES: readonly {
  readonly name: string;
  readonly around: Partial<GapSurroundings>;
  readonly pieces: readonly (readonly [GapCause, number])[];
}[] = [
  {
    name: "the future for what has not come",
    around: { nowMs: unixMs(10_000) },
    pieces: [["future", 10]],
  },
  {
    name: "the future from now on",
    around: { nowMs: unixMs(15_000) },
    pieces: [["stopped", 10], ["future", 15]],
  },
  {
    name: "before-first-recording where nothing came before",
    around: { runBefore: undefined },
    pieces: [["before-first-recording", 10]],
  },
  {
    name: "why nothing came where a camera never gave a stream",
    around: {
      runBefore: undefined,
      runAfter: undefined,
      events: [event(12_000, "started"), event(14_000, "offline", "camera-refused")],
    },
    pieces: [["before-first-recording", 10], ["restart", 12], ["camera-refused", 14]],
  },
  {
    name: "frames-lost where the stream went on",
    around: { runBefore: OPEN, runAfter: OPEN, events: [event(12_000, "clock-step")] },
    pieces: [["frames-lost", 10]],
  },
  {
    name: "not-yet-closed behind the last batch while recording",
    around: { runBefore: OPEN, runAfter: undefined },
    pieces: [["not-yet-closed", 10]],
  },
  {
    name: "not-yet-closed for a camera's first batch",
    around: {
      runBefore: undefined,
      runAfter: undefined,
      events: [event(10_000, "started"), event(11_000, "online")],
    },
    pieces: [["restart", 10], ["not-yet-closed", 11]],
  },
  {
    name: "the stall up to its discovery, then what the camera did next",
    around: { runBefore: STALLED, events: [STALL, UNREACHABLE, event(20_000, "online")] },
    pieces: [["camera-stalled", 10], ["camera-unreachable", 19]],
  },
  {
    name: "what the camera did while it was gone for good",
    around: { runBefore: STALLED, runAfter: undefined, events: [STALL, UNREACHABLE] },
    pieces: [["camera-stalled", 10], ["camera-unreachable", 19]],
  },
  {
    name: "stopped up to the next start, and a restart until frames came",
    around: { events: [event(10_100, "stopped", "stopped"), event(17_000, "started")] },
    pieces: [["stopped", 10], ["restart", 17]],
  },
  {
    name: "stopped between two runs of a version that noted no starts",
    around: {},
    pieces: [["stopped", 10]],
  },
  {
    name: "stopped where nothing follows",
    around: { runAfter: undefined },
    pieces: [["stopped", 10]],
  },
  {
    name: "a restart where a run was never ended",
    around: { runBefore: OPEN, isRecording: false, runAfter: undefined },
    pieces: [["restart", 10]],
  },
  {
    name: "a restart where a run was cut off, and what came after the next start",
    around: {
      runBefore: CUT_OFF,
      events: [event(15_000, "started"), event(16_000, "offline", "camera-unreachable")],
    },
    pieces: [["restart", 10], ["restart", 15], ["camera-unreachable", 16]],
  },
  {
    name: "a restart, not an open batch, where a start was noted after an open run",
    around: {
      runBefore: OPEN,
      runAfter: undefined,
      events: [event(15_000, "started"), event(16_000, "offline", "camera-unreachable")],
    },
    pieces: [["restart", 10], ["restart", 15], ["camera-unreachable", 16]],
  },
  {
    name: "the end of a run that has no footage left",
    around: {
      runBefore: STALLED,
      events: [STALL, event(18_500, "online"), event(19_500, "offline", "stream-broken")],
    },
    pieces: [["camera-stalled", 10], ["stream-broken", 18.5]],
  },
  {
    name: "the size of a step of the clock",
    around: {
      runBefore: { run: 1, endedMs: unixMs(20_000), endCause: "clock-step" },
      events: [event(19_900, "clock-step", "clock-step")],
    },
    pieces: [["clock-step", 10]],
  },
  {
    name: "what was lost inside a longer gap",
    around: {
      runBefore: STALLED,
      events: [event(12_000, "frames-lost", "recording-missing", 14_000), STALL],
    },
    pieces: [["camera-stalled", 10], ["recording-missing", 12], ["camera-stalled", 14]],
  },
  {
    name: "a full disk from when it was noticed",
    around: {
      runBefore: { run: 1, endedMs: unixMs(11_000), endCause: "disk-full" },
      events: [event(11_000, "offline", "disk-full")],
    },
    pieces: [["disk-full", 10]],
  },
  {
    name: "what was recorded and deleted, and what was missing before that",
    around: {
      wasDeleted: true,
      events: [event(12_000, "offline", "camera-unreachable"), event(16_000, "online")],
    },
    pieces: [["deleted", 10], ["camera-unreachable", 12], ["deleted", 16]],
  },
  {
    name: "deleted where nothing older is left",
    around: {
      wasDeleted: true,
      runBefore: undefined,
      events: [event(5_000, "started"), event(6_000, "online"), event(15_000, "started")]
        .concat(event(17_000, "online")),
    },
    pieces: [["deleted", 10], ["restart", 15], ["deleted", 17]],
  },
  {
    name: "removed as stopped",
    around: { runAfter: undefined, events: [event(12_000, "removed", "stopped")] },
    pieces: [["stopped", 10]],
  },
];

for (const { name, around, pieces } of CASES) {
  Deno.test(`explainGap() says ${name}`, () => {
    const found = explainGap(GAP, { ...AROUND, ...around });
    deepStrictEqual(found.map(({ cause, window }) => [cause, window.fromMs / 1_000]), pieces);
    strictEqual(found.at(-1)!.window.toMs, GAP.toMs);
  });
}

Deno.test("explainGap() gives a tail the words of the event that noticed it", () => {
  const [piece] = explainGap(GAP, { ...AROUND, runBefore: STALLED, events: [STALL] });
  strictEqual(piece!.detail, "offline at 18000");
});

Deno.test("explainGap() fills a gap without holes, and its parts say what the whole says", () => {
  const kinds = ["started", "stopped", "removed", "offline", "online", "frames-lost", "clock-step"];
  const someEvent = fc.record({
    atMs: fc.integer({ min: 10_000, max: 20_000 }),
    kind: fc.constantFrom(...kinds as CameraEventKind[]),
    cause: fc.constantFrom<GapCause | null>(null, "camera-unreachable", "camera-stalled"),
    lengthMs: fc.option(fc.integer({ min: 1, max: 5_000 })),
  }).map(({ atMs, kind, cause, lengthMs }) =>
    event(atMs, kind, cause, lengthMs === null ? null : atMs + lengthMs)
  );
  const world = fc.record({
    events: fc.array(someEvent, { maxLength: 12 }),
    runBefore: fc.constantFrom(undefined, ENDED, STALLED, CUT_OFF, OPEN),
    runAfter: fc.constantFrom(undefined, OPEN, LATER),
    nowMs: fc.integer({ min: 9_000, max: 22_000 }).map(unixMs),
    isRecording: fc.boolean(),
    wasDeleted: fc.boolean(),
    cutMs: fc.integer({ min: 10_000, max: 20_000 }).map(unixMs),
  });
  fc.assert(fc.property(world, ({ cutMs, ...around }) => {
    const events = around.events.toSorted((one, other) => one.atMs - other.atMs);
    const explain = (fromMs: number, toMs: number) =>
      explainGap({ fromMs: unixMs(fromMs), toMs: unixMs(toMs) }, { ...around, events });
    const whole = explain(10_000, 20_000);
    strictEqual(whole[0]!.window.fromMs, 10_000);
    for (const [index, { window }] of whole.entries()) {
      strictEqual(window.toMs, whole[index + 1]?.window.fromMs ?? 20_000);
    }
    const causeAt = (pieces: typeof whole, atMs: number) =>
      pieces.find(({ window }) => window.fromMs <= atMs && atMs < window.toMs)?.cause;
    const halves = [...explain(10_000, cutMs), ...explain(cutMs, 20_000)];
    for (let atMs = 10_000; atMs < 20_000; atMs += 37) {
      strictEqual(causeAt(halves, atMs), causeAt(whole, atMs));
    }
  }));
});
