/**
 * An hour of recording: how much the main process and its ffmpegs grow, and what all of it costs,
 * with what comes once an hour.
 *
 * @module
 */

import { type Figure, median, type Section } from "./figure.ts";
import { slope } from "./memory_slope.ts";
import type { MeasureOptions } from "./options.ts";
import { lookbackContestant } from "./recording_lookback.ts";
import { type RecordingRuns, STILLS } from "./recording_runs.ts";
import { runSideBySide } from "./recording_run.ts";
import { programText } from "./start_commands.ts";

const CAMERAS = 16;

/**
 * The first ten minutes fill caches and pools. The test exports come a minute after the start and
 * an hour later: those of sixteen cameras are done within three minutes.
 */
const WARM_UP_MINUTES = 10;
const MINUTES = 70;

/** Most that an hour may add, in parts of the size: a leak of a frame's record is far above it. */
const MOST_GROWTH = 0.05;

const BYTES_PER_MB = 1_000_000;

const HOW =
  `${CAMERAS} cameras with stills recorded for ${MINUTES} minutes, all as it comes: retention, ` +
  "scrub, and the test export of each camera that comes once an hour (canary). The first ten " +
  "minutes are not looked at. Growth is the slope of a line through the sizes at each fifth " +
  "minute, resident of the main process and proportional of all ffmpegs together. Cost samples " +
  "are ten minutes each";

export async function measureSoak(
  options: MeasureOptions & { readonly runs: RecordingRuns },
): Promise<Section> {
  const { scene: clip } = await options.runs.clips();
  options.onProgress(`an hour of ${CAMERAS} cameras: ${STILLS}`);
  const { ffmpegPath, folder } = options;
  const lookback = await options.runs.lookback();
  const contestant = lookbackContestant({
    ...{ name: STILLS, clip, stills: true, camerasPerWorker: 1, ffmpegPath },
    ...{ lookback, isCanaryOff: false },
  });
  const [result] = await runSideBySide({
    entrants: [{ contestant, cameras: CAMERAS }],
    windows: {
      warmUpMs: WARM_UP_MINUTES * 60_000,
      count: MINUTES - WARM_UP_MINUTES,
      windowMs: 60_000,
    },
    folder,
  });
  const { mainBytes, childrenBytes, cpuSeconds } = result!;
  return {
    id: "soak",
    title: "Soak: an hour of recording",
    how: `${HOW}. ${programText(lookback)}`,
    figures: [
      growthFigure("main process", mainBytes, { isJudged: true }),
      growthFigure("ffmpegs together", childrenBytes, { isJudged: false }),
      sizeFigure("Main process", mainBytes),
      sizeFigure("ffmpegs together", childrenBytes),
      ...costFigures(cpuSeconds),
    ],
    notes: [],
  };
}

function sizeFigure(what: string, bytes: readonly number[]): Figure {
  const samples = bytes.map((each) => each / BYTES_PER_MB);
  return { name: `${what}, ${CAMERAS} cameras`, unit: "MB", samples };
}

/** Minutes of one sample of the cost: what comes once is not the whole of any of them. */
const COST_MINUTES = 10;

/** Of each ten minutes; and of all of them, in which what comes once an hour has its share. */
export function costFigures(cpuSeconds: readonly number[]): Figure[] {
  const samples: number[] = [];
  for (let from = 0; from < cpuSeconds.length; from += COST_MINUTES) {
    samples.push(mean(cpuSeconds.slice(from, from + COST_MINUTES)));
  }
  const name = `${STILLS}, ${CAMERAS} cameras`;
  return [
    { name: `${name}, ten minutes`, unit: "CPU-s", samples },
    {
      name: `${name}, mean of all, test exports among them`,
      unit: "CPU-s",
      samples: [mean(cpuSeconds)],
    },
  ];
}

/** Growth in an hour, out of sizes a minute apart: a line through each fifth of them gives a sample. */
export function growthFigure(
  what: string,
  bytes: readonly number[],
  { isJudged }: { readonly isJudged: boolean },
): Figure {
  const sizes = bytes.map((each) => each / BYTES_PER_MB);
  const points = sizes.map((y, minute) => ({ x: minute / 60, y }));
  // Five looks at the same hour, each at every fifth minute of it.
  const samples = [0, 1, 2, 3, 4].map((first) =>
    slope(points.filter((_, index) => index % 5 === first))
  );
  const most = MOST_GROWTH * median(sizes);
  const figure = { name: `Growth in an hour, ${what}, ${CAMERAS} cameras`, unit: "MB", samples };
  if (!isJudged) return figure;
  const text = `at most ${MOST_GROWTH * 100} % of its size = ${most.toFixed(1)} MB`;
  return { ...figure, target: { text, isMet: median(samples) <= most } };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
