/**
 * Measures starts: how long until the program answers at all, until the first fragment
 * is on disk, and what a lot of recorded batches adds to that.
 *
 * Design: docs/performance.md
 *
 * @module
 */

import { join } from "node:path";
import { makeArchiveClip } from "./archive_clip.ts";
import { type Figure, median, type Section } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import { type LookbackCommand, lookbackCommands, timeProgram } from "./start_commands.ts";
import { makeLedger, timeRebuild } from "./start_ledger.ts";
import { timeFfmpegAlone, timeToFirstFragment } from "./start_run.ts";

const BATCHES = { short: 250_000, long: 1_000_000 } as const;

/** Most that opening the ledger of so many batches may take, in milliseconds. */
const LEDGER_TARGET_MS = 500;

const VERSION_REPEATS = 11;
const RUN_REPEATS = 5;

const FFMPEG_VERSION = "ffmpeg -version";
const FFMPEG_ALONE = "ffmpeg alone, until its first fragment";

/** Names of a start, in words. */
const KIND = { executable: "executable", source: "from source" } as const;

export async function measureStart(options: MeasureOptions): Promise<Section> {
  const { folder, ffmpegPath, onProgress } = options;
  const commands = await lookbackCommands();
  const root = await Deno.makeTempDir({ dir: folder, prefix: "start-" });
  try {
    onProgress("starts");
    const versions = await versionFigures(commands, ffmpegPath);
    const clip = await makeArchiveClip(folder, ffmpegPath);
    const runs = await runFigures(commands, { root, clip, ffmpegPath });
    const much = join(root, "much");
    const batches = BATCHES[options.form];
    const counted = `${batches.toLocaleString("en")} batches`;
    onProgress(`a ledger of ${counted}`);
    const { openMs, writeFilesMs } = await makeLedger(much, batches);
    const many: Figure[] = [{
      name: `ledger opened, cameras and numbers found, ${counted}`,
      ...{ unit: "ms", samples: openMs },
      target: {
        text: `at most ${LEDGER_TARGET_MS} ms`,
        isMet: median(openMs) <= LEDGER_TARGET_MS,
      },
    }];
    if (commands[0] !== undefined) {
      many.push(
        await runFigure(commands[0], { root: much, clip, ffmpegPath }, `${counted} recorded`),
      );
    }
    many.push({ name: "ledger files written anew", unit: "s", samples: [writeFilesMs / 1_000] });
    if (options.form === "long") {
      const seconds = await timeRebuild(much) / 1_000;
      many.push({ name: "database made again from the ledger", unit: "s", samples: [seconds] });
    }
    return section(commands, [...versions, ...runs, ...many]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const NOTHING = "nothing recorded yet";

function section(commands: readonly LookbackCommand[], figures: readonly Figure[]): Section {
  const kinds = commands.map(({ kind, version }) => `${KIND[kind]} (${version})`).join(", ");
  return {
    id: "start",
    title: "Start: until it answers, and until the first fragment is on disk",
    how: `Started as a program of its own: ${kinds}. A run has one camera, a file that is ` +
      "played as live; a fragment lasts 120 ms and comes when its last frame has been played. " +
      "Each run ends in good order before the next.",
    figures,
    notes: commands.some(({ kind }) => kind === "executable")
      ? []
      : ["Only from source: there is no executable (./dev build makes it)."],
  };
}

async function versionFigures(
  commands: readonly LookbackCommand[],
  ffmpegPath: string,
): Promise<Figure[]> {
  const reference: number[] = [];
  const samples = new Map(commands.map(({ kind }) => [kind, [] as number[]]));
  // Side by side: each has the same moments of the machine.
  for (let number = 0; number < VERSION_REPEATS; number += 1) {
    reference.push((await timeProgram(ffmpegPath, ["-version"])).tookMs);
    for (const { kind, command, args } of commands) {
      samples.get(kind)!.push((await timeProgram(command, [...args, "--version"])).tookMs);
    }
  }
  return [
    { name: FFMPEG_VERSION, unit: "ms", samples: reference },
    ...commands.map(({ kind }): Figure => ({
      name: `--version, ${KIND[kind]}`,
      ...{ unit: "ms", samples: samples.get(kind)!, comparedWith: FFMPEG_VERSION },
    })),
  ];
}

interface RunPlace {
  readonly root: string;
  readonly clip: string;
  readonly ffmpegPath: string;
}

async function runFigures(
  commands: readonly LookbackCommand[],
  place: RunPlace,
): Promise<Figure[]> {
  const alone: number[] = [];
  for (let number = 0; number < RUN_REPEATS; number += 1) {
    alone.push(await timeFfmpegAlone({ ...place, folder: place.root }));
  }
  const figures: Figure[] = [{ name: FFMPEG_ALONE, unit: "ms", samples: alone }];
  for (const command of commands) {
    const root = join(place.root, command.kind);
    await Deno.mkdir(root);
    figures.push(await runFigure(command, { ...place, root }, NOTHING));
  }
  return figures;
}

async function runFigure(
  command: LookbackCommand,
  place: RunPlace,
  recorded: string,
): Promise<Figure> {
  const samples: number[] = [];
  for (let number = 0; number < RUN_REPEATS; number += 1) {
    samples.push(await timeToFirstFragment(command, place));
  }
  const name = `run until its first fragment, ${KIND[command.kind]}, ${recorded}`;
  return { name, unit: "ms", samples, comparedWith: FFMPEG_ALONE };
}
