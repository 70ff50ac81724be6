import { strictEqual } from "node:assert/strict";
import { gravest, type Judgement } from "../../../src/app/doctor/finding.ts";
import { judgeCamera } from "../../../src/app/doctor/judge_camera.ts";
import {
  judgeDatabase,
  judgeRecording,
  judgeService,
} from "../../../src/app/doctor/judge_service.ts";
import type { ProbeResult } from "../../../src/app/probe.ts";
import type { CameraSource } from "../../../src/model/camera.ts";
import { testJudge } from "../../support/judge_cases.ts";

// Cameras

const RTSP: CameraSource = { kind: "rtsp", url: "rtsp://192.0.2.7/a" };
const FILE: CameraSource = { kind: "file", path: "/a.mp4", loop: true };

function sends(codec: string, keyFrameSeconds: number | null): ProbeResult {
  const video = { codec, width: 64, height: 36, fps: 25, keyFrameSeconds, bitsPerSecond: null };
  return { ok: true, video, audio: null };
}

testJudge("judgeCamera", [
  {
    name: "with H.265 and a key frame every 2 s",
    judgement: judgeCamera(RTSP, sends("hevc", 2)),
    verdict: "ok",
    says: /^hevc 64x36/,
  },
  {
    name: "with a camera that does not answer",
    judgement: judgeCamera(RTSP, { ok: false, problem: "the camera does not answer" }),
    verdict: "problem",
    says: /^the camera does not answer$/,
  },
  {
    name: "with a codec that MP4 players don't take",
    judgement: judgeCamera(RTSP, sends("mjpeg", 0.04)),
    verdict: "warning",
    says: /encoded anew/,
  },
  {
    name: "with key frames 10 s apart",
    judgement: judgeCamera(RTSP, sends("h264", 10)),
    verdict: "warning",
    says: /key frame every 10 s/,
  },
  {
    name: "with a camera that shows no second key frame",
    judgement: judgeCamera(RTSP, sends("h264", null)),
    verdict: "warning",
    says: /key frames are far apart$/,
  },
  {
    name: "with a short file of one key frame",
    judgement: judgeCamera(FILE, sends("h264", null)),
    verdict: "ok",
    says: /^h264 64x36/,
  },
]);

// Service, database, recording

const SERVICE = {
  isInstalled: true,
  active: "active",
  sub: "running",
  isEnabled: true,
  restarts: 0,
};

testJudge("judgeService", [
  {
    name: "with a service that runs",
    judgement: judgeService(SERVICE),
    verdict: "ok",
    says: /^active \(running\)$/,
  },
  {
    name: "where systemd does not run",
    judgement: judgeService(null),
    verdict: "ok",
    says: /^not installed as a service: systemd does not run here$/,
  },
  {
    name: "where there is no service",
    judgement: judgeService({ ...SERVICE, isInstalled: false, active: "inactive" }),
    verdict: "ok",
    says: /^not installed as a service$/,
  },
  {
    name: "with a service that failed",
    judgement: judgeService({ ...SERVICE, active: "failed", sub: "failed", restarts: 5 }),
    verdict: "problem",
    says: /^failed \(failed\), restarted 5 times$/,
  },
  {
    name: "with a service that is being restarted over and over",
    judgement: judgeService({ ...SERVICE, active: "activating", sub: "auto-restart" }),
    verdict: "problem",
    says: /auto-restart/,
  },
  {
    name: "with a service that is stopped",
    judgement: judgeService({ ...SERVICE, active: "inactive", sub: "dead" }),
    verdict: "warning",
    says: /^inactive \(dead\)$/,
  },
  {
    name: "with a service that won't start with the machine",
    judgement: judgeService({ ...SERVICE, isEnabled: false }),
    verdict: "warning",
    says: /not enabled$/,
  },
]);

const PATH = "/srv/data/lookback.db";
const DATABASE = {
  state: "read",
  path: PATH,
  sizeBytes: 2_340_000,
  version: 3,
  knownVersion: 3,
  faults: [],
} as const;

testJudge("judgeDatabase", [
  {
    name: "with a whole database",
    judgement: judgeDatabase(DATABASE),
    verdict: "ok",
    says: /^whole, version 3, 2\.3 MB$/,
  },
  {
    name: "where nothing is recorded yet",
    judgement: judgeDatabase({ state: "missing", path: PATH }),
    verdict: "ok",
    says: /^nothing is recorded yet/,
  },
  {
    name: "with a file that can't be read",
    judgement: judgeDatabase({ state: "unusable", path: PATH, reason: "disk I/O error" }),
    verdict: "problem",
    says: /^cannot read \/srv\/data\/lookback\.db: disk I\/O error$/,
  },
  {
    name: "with a damaged database",
    judgement: judgeDatabase({ ...DATABASE, faults: ["Page 3: never used", "Page 4: never used"] }),
    verdict: "problem",
    says: /damaged: Page 3: never used; Page 4: never used$/,
  },
  {
    name: "with a newer database",
    judgement: judgeDatabase({ ...DATABASE, version: 4 }),
    verdict: "problem",
    says: /newer Lookback \(this one knows version 3\)$/,
  },
  {
    name: "with an older database",
    judgement: judgeDatabase({ ...DATABASE, version: 2 }),
    verdict: "warning",
    says: /older than this Lookback's version 3$/,
  },
]);

testJudge("judgeRecording", [
  {
    name: "where a Lookback records",
    judgement: judgeRecording({ root: "/srv", isHeld: true, service: null }),
    verdict: "ok",
    says: /^a Lookback records under \/srv now$/,
  },
  {
    name: "where nothing records and no service runs",
    judgement: judgeRecording({ root: "/srv", isHeld: false, service: null }),
    verdict: "ok",
    says: /^nothing records under \/srv now$/,
  },
  {
    name: "where the service runs and does not record here",
    judgement: judgeRecording({ root: "/srv", isHeld: false, service: SERVICE }),
    verdict: "warning",
    says: /^the service runs, but nothing records under \/srv$/,
  },
  {
    name: "where this user may not see",
    judgement: judgeRecording({ root: "/srv", isHeld: null, service: null }),
    verdict: "warning",
    says: /unknown/,
  },
]);

Deno.test("gravest() is the worst of all, and ok of none", () => {
  const of = (...verdicts: Judgement["verdict"][]) =>
    gravest(verdicts.map((verdict) => ({ verdict })));
  strictEqual(of(), "ok");
  strictEqual(of("ok", "warning", "ok"), "warning");
  strictEqual(of("problem", "warning"), "problem");
});
