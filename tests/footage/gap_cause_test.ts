import { strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { explainGap, type GapSurroundings } from "../../src/footage/gap_cause.ts";
import type { CameraEventEntry } from "../../src/model/ledger.ts";

const GAP = { fromMs: unixMs(10_000), toMs: unixMs(20_000) };
const ENDED = { run: 1, endedMs: unixMs(10_000), endCause: "stopped" } as const;
const OPEN = { run: 1, endedMs: null, endCause: null } as const;
const LATER = { run: 2, endedMs: null, endCause: null } as const;

const OFFLINE: CameraEventEntry = {
  type: "event",
  cameraId: "front",
  atMs: unixMs(10_100),
  kind: "offline",
  cause: "camera-stalled",
  detail: "no data for 8 s",
};
const ONLINE: CameraEventEntry = { ...OFFLINE, atMs: unixMs(19_000), kind: "online", cause: null };

const AROUND: GapSurroundings = {
  nowMs: unixMs(60_000),
  runBefore: ENDED,
  runAfter: LATER,
  events: [],
  isRecording: true,
};

const CASES: readonly { name: string; around: Partial<GapSurroundings>; cause: string }[] = [
  { name: "the future for what has not come", around: { nowMs: unixMs(10_000) }, cause: "future" },
  {
    name: "before-first-recording where nothing came before",
    around: { runBefore: undefined },
    cause: "before-first-recording",
  },
  {
    name: "frames-lost where the stream went on",
    around: { runBefore: OPEN, runAfter: OPEN },
    cause: "frames-lost",
  },
  {
    name: "not-yet-closed behind the last batch while recording",
    around: { runBefore: OPEN, runAfter: undefined },
    cause: "not-yet-closed",
  },
  {
    name: "what was observed of the camera",
    around: { events: [OFFLINE, ONLINE] },
    cause: "camera-stalled",
  },
  { name: "a restart between two runs", around: {}, cause: "restart" },
  { name: "stopped where nothing follows", around: { runAfter: undefined }, cause: "stopped" },
  {
    name: "a restart where a run was never ended",
    around: { runBefore: OPEN, isRecording: false, runAfter: undefined },
    cause: "restart",
  },
];

for (const { name, around, cause } of CASES) {
  Deno.test(`explainGap() says ${name}`, () => {
    strictEqual(explainGap(GAP, { ...AROUND, ...around }).cause, cause);
  });
}
