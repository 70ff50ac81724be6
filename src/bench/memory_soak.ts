/**
 * An hour of recording: how much the main process and its ffmpegs grow.
 *
 * @module
 */

import { type Figure, median } from "./figure.ts";
import { slope } from "./memory_slope.ts";
import type { MeasureOptions } from "./options.ts";
import { lookbackContestant } from "./recording_lookback.ts";
import { type RecordingRuns, STILLS } from "./recording_runs.ts";
import { runSideBySide } from "./recording_run.ts";

const CAMERAS = 16;

/** An hour, of which the first ten minutes fill caches and pools. */
const WARM_UP_MINUTES = 10;
const MINUTES = 60;

/** Most that an hour may add, in parts of the size: a leak of a frame's record is far above it. */
const MOST_GROWTH = 0.05;

const BYTES_PER_MB = 1_000_000;

export async function measureSoak(
  options: MeasureOptions & { readonly runs: RecordingRuns },
): Promise<Figure[]> {
  options.onProgress(`an hour of ${CAMERAS} cameras: ${STILLS}`);
  const { scene: clip } = await options.runs.clips();
  const { ffmpegPath, folder } = options;
  const form = { name: STILLS, clip, stills: true, camerasPerWorker: 1, ffmpegPath };
  const [result] = await runSideBySide({
    contestants: [lookbackContestant(form)],
    cameras: CAMERAS,
    windows: { warmUpMs: WARM_UP_MINUTES * 60_000, count: MINUTES - 10, windowMs: 60_000 },
    folder,
  });
  return [
    growthFigure("main process", result!.mainBytes, { isJudged: true }),
    growthFigure("ffmpegs together", result!.childrenBytes, { isJudged: false }),
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
