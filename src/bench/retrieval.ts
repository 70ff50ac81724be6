/**
 * Measures retrieval: plans and cuts out of an archive that grows from a day to a year
 * of sixteen cameras.
 *
 * Design: docs/performance.md
 *
 * @module
 */

import {
  ARCHIVE_AGES,
  type ArchiveAge,
  type GrowingArchive,
  type SharedArchive,
} from "./archive_world.ts";
import { type Figure, median, type Section } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import { timeCut } from "./retrieval_cut.ts";
import { timeOpening, timePlanning, timeSurveys } from "./retrieval_plan.ts";
import { type LookbackCommand, preferredCommand } from "./start_commands.ts";

/** Most that planning may take of 99 in 100 requests, in milliseconds. */
const PLAN_TARGET_MS = 5;

/** Most that a cut of a minute may take from the start of the command, in milliseconds. */
const CUT_TARGET_MS = 300;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const WINDOWS = [["60 s", MINUTE_MS], ["1 h", HOUR_MS]] as const;

/** Cuts that are timed of each window. */
const MINUTE_CUTS = 7;
const HOUR_CUTS = 5;

export interface ArchiveOptions extends MeasureOptions {
  readonly shared: SharedArchive;
}

/** The archive of a day, and in the short form the databases of a month and a year. */
export async function prepareRetrieval({ form, shared }: ArchiveOptions): Promise<void> {
  const archive = await shared.get();
  if (form === "long") return;
  for (const age of ARCHIVE_AGES) archive.makeAside(age);
  await archive.settle();
}

export async function measureRetrieval(options: ArchiveOptions): Promise<Section> {
  const lookback = await preferredCommand();
  const archive = await options.shared.get();
  const figures: Figure[] = [];
  const sizes: string[] = [];
  for (const age of ARCHIVE_AGES) {
    archive.grow(age);
    sizes.push(`${age}: ${archive.rows.toLocaleString("en")} batches`);
    options.onProgress(`plans and cuts out of ${age}`);
    figures.push(...await planFigures(archive, age));
    // A month's database lies between: its hour is cut in the long form only.
    const hours = options.form === "long" || age !== "1 month";
    const known = age === "1 day" ? options.shared.dayHourCutsMs : undefined;
    figures.push(...await cutFigures(archive, { age, lookback, hours, known }));
  }
  return {
    id: "retrieval",
    title: "Retrieval: a plan and a cut out of a day, a month and a year of 16 cameras",
    how: "Planning is what the survey of a request asks of the database, added up, on an open " +
      "connection, for requests at any place of the archive; each sample is the 99th " +
      "percentile of 60 requests. A survey is all that is done before the film is written: " +
      "the plan, the frames out of the log, the samples out of the recordings. A cut is " +
      "`lookback export` as a process of its own, from its start to its end, when film and " +
      `receipt are durable. Rows: ${archive.description} (${sizes.join(", ")}). One camera ` +
      "has an hour of real recordings, 1080p25 H.264 at 4 Mbit/s." +
      (options.shared.dayHourCutsMs === undefined
        ? ""
        : " The hours out of a day are those of cut-route."),
    figures,
    notes: [
      ...sourceNote(lookback),
      "Database and recordings are in the page cache, where making them left them.",
      "Indexes were made behind the rows: they are packed tighter than recording leaves them.",
    ],
  };
}

async function planFigures(archive: GrowingArchive, age: ArchiveAge): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, durationMs] of WINDOWS) {
    const { p99Ms } = await timePlanning(archive, durationMs);
    figures.push({
      name: `plan of ${name}, ${age}, p99`,
      unit: "ms",
      samples: p99Ms,
      ...(age === "1 day" ? {} : { comparedWith: `plan of ${name}, 1 day, p99` }),
      target: {
        text: `under ${PLAN_TARGET_MS} ms`,
        isMet: median(p99Ms) < PLAN_TARGET_MS,
      },
    });
    figures.push({
      name: `survey of ${name}, ${age}`,
      unit: "ms",
      samples: await timeSurveys(archive, durationMs),
      ...(age === "1 day" ? {} : { comparedWith: `survey of ${name}, 1 day` }),
    });
  }
  const opening = timeOpening(archive);
  figures.push({ name: `index opened, cameras listed, ${age}`, unit: "ms", samples: opening });
  return figures;
}

async function cutFigures(
  archive: GrowingArchive,
  { age, lookback, hours, known }: {
    readonly age: ArchiveAge;
    readonly lookback: LookbackCommand;
    readonly hours: boolean;
    /** Hours that were cut before, in milliseconds. */
    readonly known: readonly number[] | undefined;
  },
): Promise<Figure[]> {
  const minute = await cuts(archive, lookback, { durationMs: MINUTE_MS, count: MINUTE_CUTS });
  const hour = hours
    ? known ?? await cuts(archive, lookback, { durationMs: HOUR_MS, count: HOUR_CUTS })
    : undefined;
  const compared = (name: string) =>
    age === "1 day" ? {} : { comparedWith: `command cuts ${name}, 1 day` };
  return [
    {
      ...{ name: `command cuts 60 s, ${age}`, unit: "ms", samples: minute, ...compared("60 s") },
      target: { text: `under ${CUT_TARGET_MS} ms`, isMet: median(minute) < CUT_TARGET_MS },
    },
    ...(hour === undefined
      ? []
      : [{ name: `command cuts 1 h, ${age}`, unit: "ms", samples: hour, ...compared("1 h") }]),
  ];
}

async function cuts(
  archive: GrowingArchive,
  lookback: LookbackCommand,
  { durationMs, count }: { readonly durationMs: number; readonly count: number },
): Promise<number[]> {
  const samples: number[] = [];
  for (let number = 0; number < count; number += 1) {
    samples.push((await timeCut(archive, lookback, durationMs)).tookMs);
  }
  return samples;
}

function sourceNote({ kind, version }: LookbackCommand): string[] {
  return kind === "executable"
    ? [`Cut by the executable: ${version}.`]
    : ["Cut from the sources: there is no executable (./dev build makes it)."];
}
