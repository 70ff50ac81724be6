import { deepStrictEqual, ok } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { metricsText } from "../../src/web/metrics_text.ts";

const TEXT = metricsText({
  version: '0.1.0 "odd"\\',
  system: {
    startedMs: unixMs(1_795_293_429_000),
    cameras: [{
      cameraId: "front",
      name: "Front",
      state: "recording",
      cause: null,
      detail: "",
      fps: 24.9,
      bitsPerSecond: 4_000_000,
      frames: 100,
      batches: 3,
      bytes: 5_000,
      stills: 4,
      stillsLost: 0,
      restarts: 1,
      rowsPending: 0,
      queuedBytes: 0,
      usedBytes: 7_000,
      forecastDays: null,
    }],
    disk: { totalBytes: 1_000, freeBytes: 400, forecastDays: 2 },
    writer: { rows: 5, commits: 2, lastCommitMs: 12, waiting: 0, restarts: 0 },
    vision: [],
    detection: { picturesLost: 0, picturesLeftOut: 0, detectorRestarts: 0 },
    clock: { nowMs: unixMs(0), state: "unknown" },
    workerFailures: { vision: 0, upkeep: 0, web: 1 },
    health: [{ component: "writer", state: "ok", detail: "" }],
  },
  live: {
    viewers: [{ cameraId: "front", protocol: "mse", count: 2 }],
    missedFragments: 9,
    missedFrames: 4,
    missedSounds: 3,
    unheardFragments: 2,
    encoders: 0,
    refusedPieces: 5,
    soundEncoders: 0,
  },
  news: { listeners: 1, published: 10, missed: 2 },
  exports: { waiting: 0, running: 1, done: 2, failed: 0 },
});

Deno.test("metricsText() writes every line in the text format, each metric said once", () => {
  const lines = TEXT.trimEnd().split("\n");
  const sample = /^lookback_[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\})? -?[\d.e+]+$/;
  const comment = /^# (?:HELP lookback_[a-z_]+ .+|TYPE lookback_[a-z_]+ (?:gauge|counter))$/;
  deepStrictEqual(lines.filter((line) => !sample.test(line) && !comment.test(line)), []);
  const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
  deepStrictEqual(names, [...new Set(names)]);
  const counters = lines.flatMap((line) => /^# TYPE (\S+) counter/.exec(line)?.[1] ?? []);
  deepStrictEqual(counters.filter((name) => !name.endsWith("_total")), []);
});

Deno.test("metricsText() has cameras as labels, base units, and leaves out what nobody knows", () => {
  ok(TEXT.includes('lookback_camera_frames_total{camera="front"} 100\n'));
  ok(TEXT.includes('lookback_live_viewers{camera="front",protocol="mse"} 2\n'));
  ok(TEXT.includes("lookback_live_missed_frames_total 4\n"));
  ok(TEXT.includes("lookback_live_missed_sound_packets_total 3\n"));
  ok(TEXT.includes("lookback_live_encoders 0\n"));
  ok(TEXT.includes("lookback_recorded_pieces_refused_total 5\n"));
  ok(TEXT.includes("lookback_writer_last_commit_seconds 0.012\n"));
  ok(TEXT.includes("lookback_retention_forecast_seconds 172800\n"));
  ok(TEXT.includes('lookback_build_info{version="0.1.0 \\"odd\\"\\\\"} 1\n'));
  ok(!TEXT.includes("camera_forecast_seconds"));
  ok(!TEXT.includes("clock_synchronised"));
});
