/**
 * An hour cut by Lookback, by the ffmpeg route that a script would take, and the same
 * bytes copied by `cp`, one after the other in one run.
 *
 * The ffmpeg route: the recordings and their lengths in a list for the concat demuxer,
 * `-ss` before the list, `-c copy`, and `+faststart`, so that the film can be played while it is fetched,
 * as Lookback's can.
 *
 * @module
 */

import { join } from "node:path";
import {
  FOOTAGE_CAMERA,
  FOOTAGE_START_MS,
  type GrowingArchive,
} from "../src/bench/archive_world.ts";
import { median, type Section } from "../src/bench/figure.ts";
import type { ArchiveOptions } from "../src/bench/retrieval.ts";
import { CUT_OFFSET_MS, timeCut } from "../src/bench/retrieval_cut.ts";
import { preferredCommand, timeProgram } from "../src/bench/start_commands.ts";
import { makeWindow } from "../src/footage/request.ts";
import { unixMs } from "../src/base/units.ts";
import { Reader } from "../src/store/reader.ts";

const HOUR_MS = 3_600_000;

/** Length of each recording. */
const BATCH_SECONDS = 10;

const REPEATS = 5;

const CP = "cp of the recordings";
const DURABLE_CP = "cp of the recordings, then sync";
const FFMPEG = "ffmpeg: concat, -ss, -c copy, +faststart";
const LOOKBACK = "lookback export";

/** What the contestants work on. */
interface Work {
  readonly root: string;
  /** Absolute paths of the recordings of the hour. */
  readonly recordings: readonly string[];
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
}

export async function measureCutRoute(options: ArchiveOptions): Promise<Section> {
  const lookback = await preferredCommand();
  const archive = await options.shared.get();
  const { root } = archive;
  const { ffmpegPath } = options;
  const ffprobePath = ffmpegPath.replace(/ffmpeg$/, "ffprobe");
  const work: Work = { root, recordings: recordingsOf(root), ffmpegPath, ffprobePath };
  const contestants: readonly (readonly [string, () => Promise<number>])[] = [
    [CP, () => timeCp(work)],
    [LOOKBACK, async () => (await timeCut(archive, lookback, HOUR_MS)).tookMs],
    [FFMPEG, () => timeFfmpeg(work)],
    [DURABLE_CP, () => timeDurableCp(work)],
  ];
  const samples = new Map(contestants.map(([name]) => [name, [] as number[]]));
  for (let number = 0; number < REPEATS; number += 1) {
    options.onProgress(`an hour cut and copied, ${number + 1} of ${REPEATS}`);
    for (const [name, run] of contestants) {
      // Nothing of the one before is still on its way to the disk.
      await timeProgram("sync", ["-f", root]);
      samples.get(name)!.push(await run());
    }
  }
  options.shared.dayHourCutsMs = samples.get(LOOKBACK)!;
  return section(samples, { archive, version: lookback.version });
}

function recordingsOf(root: string): string[] {
  using reader = new Reader(root);
  const window = makeWindow(unixMs(FOOTAGE_START_MS + CUT_OFFSET_MS), HOUR_MS);
  return reader.batchesIn(FOOTAGE_CAMERA, window)
    .map(({ recordingPath }) => join(root, recordingPath));
}

/** Bytes are really copied, also where the file system could share them. */
const CP_FLAGS = ["--reflink=never"];

async function timeCp({ root, recordings }: Work): Promise<number> {
  const into = join(root, "copied");
  await Deno.mkdir(into);
  try {
    // Names repeat from hour to hour: each is given its own.
    const args = [...CP_FLAGS, "--parents", ...recordings, into];
    return (await timeProgram("cp", args)).tookMs;
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}

/** As durable as a film of Lookback's is. */
async function timeDurableCp({ root, recordings }: Work): Promise<number> {
  const into = join(root, "copied");
  await Deno.mkdir(into);
  try {
    const args = [...CP_FLAGS, "--parents", ...recordings, into];
    const copied = await timeProgram("cp", args);
    return copied.tookMs + (await timeProgram("sync", ["-f", into])).tookMs;
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}

async function timeFfmpeg({ root, recordings, ffmpegPath, ffprobePath }: Work): Promise<number> {
  const [list, film] = [join(root, "list.txt"), join(root, "ffmpeg.mp4")];
  // With lengths: a recording's times count from the start of its run, and the demuxer
  // would take the time at its end for its length. And with less probing of each file
  // than ffmpeg does by itself, which would take twice as long.
  const lines = recordings.map((path) =>
    `file '${path}'\nduration ${BATCH_SECONDS}\noption probesize 100000\n` +
    "option analyzeduration 100000\n"
  );
  await Deno.writeTextFile(list, lines.join(""));
  try {
    const { tookMs } = await timeProgram(ffmpegPath, [
      ...["-hide_banner", "-nostdin", "-loglevel", "error", "-ss", `${CUT_OFFSET_MS / 1_000}`],
      ...["-f", "concat", "-safe", "0", "-i", list, "-t", `${HOUR_MS / 1_000}`],
      ...["-map", "0:v:0", "-c", "copy", "-movflags", "+faststart", "-y", film],
    ]);
    await requireFrames(film, ffprobePath);
    return tookMs;
  } finally {
    for (const path of [list, film]) await Deno.remove(path).catch(() => {});
  }
}

/** The frames between the key frame and the start are in the film too. */
async function requireFrames(film: string, ffprobePath: string): Promise<void> {
  const { stdout } = await timeProgram(ffprobePath, [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=nb_frames"],
    ...["-of", "default=nw=1:nk=1", film],
  ]);
  const wanted = HOUR_MS / 40;
  if (Number(stdout) < wanted) throw new Error(`ffmpeg's film has ${stdout} frames of ${wanted}`);
}

function section(
  samples: ReadonlyMap<string, readonly number[]>,
  { archive, version }: { readonly archive: GrowingArchive; readonly version: string },
): Section {
  const of = (name: string) => samples.get(name)!;
  const middle = (name: string) => median(of(name));
  const gigabytes = (archive.footageBytes / 1e9).toFixed(2);
  return {
    id: "cut-route",
    title: "An hour cut: Lookback, the ffmpeg route and cp",
    how: `One hour of 1080p25 H.264 at 4 Mbit/s in ${archive.footageBytes.toLocaleString("en")} ` +
      `bytes (${gigabytes} GB) of 10 s recordings, all in the page cache; the four one after ` +
      `the other, ${REPEATS} times, and nothing waiting to be written before each. Lookback is ` +
      `the command from its start to its end (${version}): it also hashes the film, signs the ` +
      "receipt and makes both durable, which cp and ffmpeg do not.",
    figures: [
      { name: CP, unit: "ms", samples: of(CP) },
      {
        ...{ name: LOOKBACK, unit: "ms", samples: of(LOOKBACK), comparedWith: CP },
        target: {
          text: "at least half the speed of cp",
          isMet: middle(LOOKBACK) <= 2 * middle(CP),
        },
      },
      {
        ...{ name: FFMPEG, unit: "ms", samples: of(FFMPEG), comparedWith: LOOKBACK },
        target: {
          text: "Lookback at least 2 × faster",
          isMet: middle(FFMPEG) >= 2 * middle(LOOKBACK),
        },
      },
      { name: DURABLE_CP, unit: "ms", samples: of(DURABLE_CP), comparedWith: CP },
    ],
    notes: [
      "The ffmpeg route is as fast as it could be made: its list tells it the length of each " +
      "file and to probe it briefly. With a plain list it takes twice as long, for most of its " +
      "time is spent looking into the 361 files.",
    ],
  };
}
