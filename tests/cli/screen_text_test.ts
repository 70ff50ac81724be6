import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { CameraStatus } from "../../src/capture/messages.ts";
import { liveTable } from "../../src/cli/live_table.ts";
import { bar } from "../../src/cli/progress.ts";
import { formatBytes } from "../../src/cli/terminal.ts";
import { unixMs } from "../../src/base/units.ts";

const STATUS: CameraStatus = {
  cameraId: "front",
  state: "recording",
  cause: null,
  detail: "",
  fps: 24.98,
  bitsPerSecond: 4_012_345,
  frames: 1_234,
  batches: 4,
  bytes: 1,
  stills: 49,
  stillsLost: 0,
  lastStillMs: unixMs(Date.UTC(2026, 10, 21, 20, 57, 9)),
  restarts: 2,
  rowsPending: 0,
  rowsRefused: 0,
  queuedBytes: 0,
};

Deno.test("liveTable() shows a row a camera and the reason below one that waits", () => {
  const waiting = {
    ...STATUS,
    state: "waiting",
    cause: "camera-stalled",
    detail: "no data for 8 s",
  } as const;
  const lines = liveTable([
    { id: "front", status: STATUS },
    { id: "yard", status: waiting },
    { id: "new", status: undefined },
  ], { columns: 120, timeZone: "Europe/Berlin" });
  deepStrictEqual(lines.slice(1).map((line) => line.trim().split(/\s{2,}/)), [
    ["front", "recording", "25.0", "4.01", "1234", "4", "21:57:09", "2"],
    ["yard", "waiting", "25.0", "4.01", "1234", "4", "21:57:09", "2"],
    ["camera-stalled: no data for 8 s"],
    ["new", "starting"],
  ]);
});

Deno.test("liveTable() never writes beyond the screen", () => {
  const lines = liveTable([{ id: "a-very-long-camera-name", status: STATUS }], {
    columns: 40,
    timeZone: "UTC",
  });
  ok(lines.every((line) => line.length <= 40), lines.join("\n"));
});

const BARS = [
  { done: 0, total: 10, says: "  0 %" },
  { done: 5, total: 10, says: " 50 %, 4 s left" },
  { done: 10, total: 10, says: "100 %" },
  { done: 0, total: 0, says: "  0 %" },
] as const;

for (const { done, total, says } of BARS) {
  Deno.test(`bar() ends with "${says}" at ${done} of ${total}`, () => {
    ok(bar({ label: "exporting", done, total, passedMs: 4_000 }).endsWith(says));
  });
}

Deno.test("formatBytes() counts in steps of a thousand", () => {
  deepStrictEqual([0, 999, 1_000, 12_345_678].map(formatBytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "12.3 MB",
  ]);
  strictEqual(formatBytes(5e12), "5.0 TB");
});
