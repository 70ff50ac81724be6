import { deepStrictEqual } from "node:assert/strict";
import { unixMs } from "../../../src/base/units.ts";
import { healthOf, type HealthQuestion } from "../../../src/app/web/health.ts";
import type { CameraStatus } from "../../../src/capture/messages.ts";

const STATUS: CameraStatus = {
  cameraId: "front",
  state: "recording",
  cause: null,
  detail: "",
  fps: 5,
  bitsPerSecond: 1_000,
  frames: 1,
  batches: 1,
  bytes: 1,
  stills: 1,
  stillsLost: 0,
  lastStillMs: null,
  restarts: 0,
  rowsPending: 0,
  rowsRefused: 0,
  queuedBytes: 0,
};

const WELL: HealthQuestion = {
  report: {
    atMs: unixMs(0),
    cameras: [{ status: STATUS, silentMs: 100 }],
    writer: { rows: 1, commits: 1, lastCommitMs: 1, waiting: 0, restarts: 0, silentMs: 500 },
    vision: [],
    missingPictures: { lost: 0, leftOut: 0 },
    detectorRestarts: 0,
    failures: { vision: 0, upkeep: 0, web: 0 },
    alertFaults: [],
  },
  isFresh: true,
  clockState: "synchronised",
  disk: { totalBytes: 1_000, freeBytes: 500 },
  shortFor: [],
  keepFree: { kind: "bytes", bytes: 100 },
};

function troubles(question: HealthQuestion): string[] {
  return healthOf(question).filter(({ state }) => state !== "ok")
    .map(({ component, state, detail }) => `${component}: ${state}, ${detail}`);
}

function camera(changes: Partial<CameraStatus>, silentMs = 0): HealthQuestion {
  const cameras = [{ status: { ...STATUS, ...changes }, silentMs }];
  return { ...WELL, report: { ...WELL.report, cameras } };
}

const CASES: readonly { name: string; question: HealthQuestion; says: string[] }[] = [
  { name: "finds nothing where all is well", question: WELL, says: [] },
  {
    name: "says what vision missed, and that its detector failed",
    question: {
      ...WELL,
      report: {
        ...WELL.report,
        missingPictures: { lost: 2, leftOut: 3 },
        detectorRestarts: 1,
        failures: { ...WELL.report.failures, vision: 2 },
      },
    },
    says: [
      "vision: warning, failed 2 times and goes on; its detector failed once; " +
      "pictures of events that are missing: 5",
    ],
  },
  {
    name: "says why a camera waits",
    question: camera({ state: "waiting", cause: "camera-refused", detail: "connection refused" }),
    says: ["camera front: fault, camera-refused: connection refused"],
  },
  {
    name: "says that a camera's Worker hangs",
    question: camera({}, 12_000),
    says: ["camera front: fault, silent for 12 s"],
  },
  {
    name: "takes a camera that has ended for no fault",
    question: camera({ state: "ended" }, 99_000),
    says: ["camera front: warning, ended"],
  },
  {
    name: "says that the main thread is not heard, and what failed beside it",
    question: {
      ...WELL,
      isFresh: false,
      report: { ...WELL.report, failures: { vision: 2, upkeep: 0, web: 0 } },
    },
    says: [
      "recording: fault, the main thread has not reported for long",
      "vision: warning, failed 2 times and goes on",
    ],
  },
  {
    name: "says for which cameras footage will be short",
    question: { ...WELL, shortFor: ["front"], clockState: "not-synchronised" },
    says: [
      "disk: warning, footage will be kept for less than promised: front",
      "clock: warning, no time server keeps the clock right",
    ],
  },
];

for (const { name, question, says } of CASES) {
  Deno.test(`healthOf() ${name}`, () => deepStrictEqual(troubles(question), says));
}
