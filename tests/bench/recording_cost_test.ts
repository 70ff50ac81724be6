import { deepStrictEqual } from "node:assert/strict";
import { figuresOf, type Seen } from "../../src/bench/recording_cost.ts";

function seen(
  name: string,
  cpuSeconds: number,
  change: { cameras?: number; pace?: number } = {},
): Seen {
  const { cameras = 4, pace = 1 } = change;
  const samples = [cpuSeconds, cpuSeconds, cpuSeconds];
  const nothing = { mainBytes: [], childrenBytes: [], lagMs: [], check: undefined };
  return { cameras, run: { name, cpuSeconds: samples, pace, ...nothing } };
}

Deno.test("figuresOf() holds Lookback against copying and against the cheapest peer", () => {
  const figures = figuresOf([
    seen("ffmpeg, paced copy", 0.1),
    seen("Lookback without stills", 0.5),
    seen("Lookback with stills", 0.6),
    seen("Lookback with stills, 8 in a Worker", 0.4),
    seen("Lookback with stills, hard clip", 9),
    seen("OpenCV", 7),
    seen("Motion", 5),
  ], ["OpenCV", "Motion"]);
  deepStrictEqual(figures.map(({ name, target }) => [name, target?.isMet]), [
    ["ffmpeg, paced copy, 4 cameras", undefined],
    ["Lookback without stills, 4 cameras", false],
    ["Lookback with stills, 4 cameras", false],
    ["Lookback with stills, 8 in a Worker, 4 cameras", true],
    ["Lookback with stills, hard clip, 4 cameras", undefined],
    ["OpenCV, 4 cameras", undefined],
    ["Motion, 4 cameras", undefined],
  ]);
});

Deno.test("figuresOf() leaves out who fell behind, and takes its cost with fewer cameras", () => {
  const figures = figuresOf([
    seen("OpenCV", 7, { cameras: 1 }),
    seen("OpenCV", 3, { cameras: 16, pace: 0.7 }),
    seen("Lookback with stills", 0.6, { cameras: 16 }),
  ], ["OpenCV"]);
  deepStrictEqual(figures.map(({ name }) => name), [
    "OpenCV, 1 camera",
    "Lookback with stills, 16 cameras",
  ]);
  deepStrictEqual(figures[1]!.target, {
    text: "at most a tenth of each peer = 0.70 CPU-s; OpenCV is 11.7 x",
    isMet: true,
  });
});
