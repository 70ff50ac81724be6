/**
 * What recording holds in memory: the main process for each camera that is
 * added, and the ffmpegs apart.
 *
 * @module
 */

import { type Figure, median, type Section } from "./figure.ts";
import { slope } from "./memory_slope.ts";
import { programText } from "./start_commands.ts";
import {
  CAMERA_COUNTS,
  PLAIN,
  type RecordingRuns,
  type Run,
  sharedName,
  shortfall,
  STILLS,
} from "./recording_runs.ts";

/** Megabytes of the main process for each camera: with a Worker each, and with several in one. */
const MOST_EACH = 20;
const MOST_SHARED = 5;

const BYTES_PER_MB = 1_000_000;

const HOW = "The main process and, apart, all ffmpegs below it, at the end of each window of the " +
  "runs of the recording cost. The main process: all its resident pages, which are what a " +
  "Lookback that is alone on its box takes; beside others, as here, its proportional set size " +
  "would leave out pages of the program, more or fewer of them from run to run. The ffmpegs: " +
  "proportional set size (smaps_rollup), because they share their program everywhere. Each " +
  "sample is the slope of a line through the sizes with 1, 4 and 16 cameras in one window " +
  "(where cameras share a Worker: 16 and 64, without stills, which are another program's memory)";

export async function measureMemory(
  { runs }: { readonly runs: RecordingRuns },
): Promise<Section> {
  const all: { readonly cameras: number; readonly run: Run }[] = [];
  for (const cameras of CAMERA_COUNTS) {
    for (const run of await runs.lookbackAt(cameras)) {
      if (shortfall(run) === undefined) all.push({ cameras, run });
    }
  }
  const named = (name: string) => all.filter(({ run }) => run.name === name);
  const few = (name: string) => named(name).filter(({ cameras }) => cameras <= 16);
  const shared = runs.workerSizes.filter((size) => size > 1).flatMap((size) =>
    slopeFigure(`Main process per camera, ${size} in a Worker`, {
      sizes: named(sharedName(PLAIN, size)),
      of: ({ mainBytes }) => mainBytes,
      most: MOST_SHARED,
    })
  );
  const children = (run: Run) => run.childrenBytes;
  return {
    id: "memory",
    title: "Memory",
    how: `${HOW}. ${programText(await runs.lookback())}`,
    figures: [
      ...slopeFigure("Main process per camera, a Worker each", {
        sizes: few(STILLS),
        of: ({ mainBytes }) => mainBytes,
        most: MOST_EACH,
      }),
      ...shared,
      ...slopeFigure("ffmpeg per camera, without stills", { sizes: few(PLAIN), of: children }),
      ...slopeFigure("ffmpeg per camera, with stills", { sizes: few(STILLS), of: children }),
      ...few(STILLS).filter(({ cameras }) => cameras === 1).map(({ run }) => ({
        name: "Main process, 1 camera",
        unit: "MB",
        samples: run.mainBytes.map((bytes) => bytes / BYTES_PER_MB),
      })),
    ],
    notes: growthNotes(few(STILLS)),
  };
}

interface SlopeOptions {
  readonly sizes: readonly { readonly cameras: number; readonly run: Run }[];
  readonly of: (run: Run) => readonly number[];
  /** Megabytes. */
  readonly most?: number;
}

/** Nothing where fewer than two numbers of cameras were carried. */
function slopeFigure(name: string, { sizes, of, most }: SlopeOptions): Figure[] {
  if (sizes.length < 2) return [];
  const windows = Math.min(...sizes.map(({ run }) => of(run).length));
  const samples = Array.from(
    { length: windows },
    (_, window) =>
      slope(sizes.map(({ cameras, run }) => ({
        x: cameras,
        y: of(run)[window]! / BYTES_PER_MB,
      }))),
  );
  const figure = { name, unit: "MB", samples };
  if (most === undefined) return [figure];
  return [{
    ...figure,
    target: { text: `at most ${most} MB`, isMet: median(samples) <= most },
  }];
}

function growthNotes(
  sizes: readonly { readonly cameras: number; readonly run: Run }[],
): string[] {
  return sizes.map(({ cameras, run: { mainBytes } }) => {
    const grownMb = (mainBytes.at(-1)! - mainBytes[0]!) / BYTES_PER_MB;
    return `Main process with ${cameras} of them: ${grownMb.toFixed(1)} MB more at the end of ` +
      "the run than at its first window; an hour is judged by the soak";
  });
}
