/**
 * Measures how frames of a window are gathered out of a day's frame log: what it costs
 * must follow the window, not the log.
 *
 * Bytes are those that the process asked the system for while it gathered, as the
 * kernel counts them (rchar of /proc/PID/io): log, database and all else.
 *
 * Design: docs/performance.md
 *
 * @module
 */

import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { unixMs } from "../base/units.ts";
import { surveyFootage } from "../footage/export_job.ts";
import { makeWindow } from "../footage/request.ts";
import { frameLogPath } from "../model/paths.ts";
import { Reader } from "../store/reader.ts";
import { ARCHIVE_START_MS, DAY_MS } from "./archive_rows.ts";
import { CLIP_FPS } from "./clip.ts";
import { type Figure, median, type Section } from "./figure.ts";
import { LOGGED_CAMERA, type LoggedDay, makeLoggedDay } from "./frame_log_day.ts";
import type { MeasureOptions } from "./options.ts";
import { bytesRead } from "./process_tree.ts";

/** A window of the day. Begins within a batch, and within a second. */
interface LogWindow {
  readonly name: string;
  readonly fromMs: number;
  readonly durationMs: number;
}

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000] as const;

const NOON = 12 * HOUR + 3_480;

const WINDOWS: readonly LogWindow[] = [
  { name: "1 s at noon", fromMs: NOON, durationMs: SECOND },
  { name: "1 min at noon", fromMs: NOON, durationMs: MINUTE },
  { name: "1 h at noon", fromMs: NOON, durationMs: HOUR },
  { name: "1 min at the start of the day", fromMs: 480, durationMs: MINUTE },
  { name: "1 min at the end of the day", fromMs: DAY_MS - MINUTE - 480, durationMs: MINUTE },
];

const REPEATS = 7;

/**
 * What may be read beside the lines of the batches that a window touches: of the
 * database a page for each batch, and its schema and the upper pages of its index.
 */
const ALLOWANCE_BYTES = 200_000;

/** A window of the day's other end may take this much longer than the same at its start. */
const MOST_DISTANCE_COST = 1.5;

/** An hour may take this many times its share of a minute's time: 60 minutes would be 60. */
const MOST_HOUR_COST = 60;

export async function measureFrameLog(options: MeasureOptions): Promise<Section> {
  const root = await Deno.makeTempDir({ dir: options.folder, prefix: "frame-log-" });
  try {
    options.onProgress("a day's frame log of 2.16 million lines");
    const day = await makeLoggedDay(root);
    options.onProgress("frames out of the frame log");
    const gathered: Gathering[] = [];
    for (const window of WINDOWS) gathered.push(await gather(root, window));
    const whole = await readThrough(root);
    return section(day, { gathered, whole });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** What one window cost, several times. */
interface Gathering {
  readonly window: LogWindow;
  readonly tookMs: readonly number[];
  readonly readBytes: readonly number[];
  /** Batches that the window touches, and the length of their parts of the log. */
  readonly batches: number;
  readonly batchBytes: number;
}

/** The product's own way of a film of stills: batches, their lines, frames of the window. */
async function gather(root: string, window: LogWindow): Promise<Gathering> {
  const span = makeWindow(unixMs(ARCHIVE_START_MS + window.fromMs), window.durationMs);
  const at = { source: "frames", nowMs: systemClock.now(), isRecording: false } as const;
  const tookMs: number[] = [];
  const readBytes: number[] = [];
  const counting = await costOfCounting();
  for (let number = 0; number < REPEATS; number += 1) {
    const before = await bytesRead([Deno.pid]);
    // A new connection each time: the last one would have kept what it read.
    using reader = new Reader(root);
    const startedAt = performance.now();
    const { frames } = await surveyFootage(reader, { cameraId: LOGGED_CAMERA, window: span }, at);
    tookMs.push(performance.now() - startedAt);
    readBytes.push(Math.max(0, await bytesRead([Deno.pid]) - before - counting));
    const wanted = window.durationMs / 1_000 * CLIP_FPS;
    if (frames !== wanted) throw new Error(`${window.name}: ${frames} frames, not ${wanted}`);
  }
  using reader = new Reader(root);
  const batches = reader.batchesIn(LOGGED_CAMERA, span);
  const batchBytes = batches.reduce((sum, { framesBytes }) => sum + framesBytes, 0);
  return { window, tookMs, readBytes, batches: batches.length, batchBytes };
}

/** Bytes that asking how many bytes were read reads. */
async function costOfCounting(): Promise<number> {
  const before = await bytesRead([Deno.pid]);
  return await bytesRead([Deno.pid]) - before;
}

/** Reads every byte of the log, and looks at none. */
async function readThrough(root: string): Promise<number[]> {
  const samples: number[] = [];
  for (let number = 0; number < REPEATS; number += 1) {
    const startedAt = performance.now();
    for (let hour = 0; hour < DAY_MS / HOUR; hour += 1) {
      await Deno.readFile(
        join(root, frameLogPath(LOGGED_CAMERA, unixMs(ARCHIVE_START_MS + hour * HOUR))),
      );
    }
    samples.push(performance.now() - startedAt);
  }
  return samples;
}

const WHOLE = "the day's log read through, not parsed";

function section(
  day: LoggedDay,
  { gathered, whole }: {
    readonly gathered: readonly Gathering[];
    readonly whole: readonly number[];
  },
): Section {
  const lines = day.lines.toLocaleString("en");
  return {
    id: "frame-log",
    title: "Frame log: frames of a window out of a day's JSON log",
    how: `A day of one camera: ${lines} lines, ${(day.bytes / 1e6).toFixed(0)} MB in 24 files, ` +
      "in the page cache. Gathered as for a film of stills: batches out of the database, their " +
      "lines out of the log, each parsed and checked. Bytes read are what the kernel counted " +
      "for the process meanwhile (rchar of /proc), a new connection to the database included.",
    figures: [
      { name: WHOLE, unit: "ms", samples: whole },
      ...gathered.map((each) => timeFigure(each, gathered)),
      ...gathered.map(rateFigure),
      ...gathered.map(bytesFigure),
    ],
    notes: [],
  };
}

function timeFigure(of: Gathering, all: readonly Gathering[]): Figure {
  const { window: { name }, tookMs } = of;
  const figure = { name, unit: "ms", samples: tookMs, comparedWith: WHOLE };
  const timeOf = (wanted: string) =>
    median(all.find(({ window }) => window.name === wanted)?.tookMs ?? tookMs);
  if (name === "1 h at noon") {
    const isMet = median(tookMs) <= MOST_HOUR_COST * timeOf("1 min at noon");
    return { ...figure, target: { text: `at most ${MOST_HOUR_COST} × 1 min at noon`, isMet } };
  }
  if (name === "1 min at the end of the day") {
    const isMet = median(tookMs) <= MOST_DISTANCE_COST * timeOf("1 min at the start of the day");
    const text = `at most ${MOST_DISTANCE_COST} × the same at the start`;
    return { ...figure, target: { text, isMet } };
  }
  return figure;
}

function rateFigure({ window: { name, durationMs }, tookMs }: Gathering): Figure {
  const frames = durationMs / 1_000 * CLIP_FPS;
  const samples = tookMs.map((each) => frames / (each / 1_000));
  return { name: `${name}, frames`, unit: "frames/s", samples };
}

function bytesFigure({ window: { name }, ...of }: Gathering): Figure {
  const { readBytes, batchBytes } = of;
  const limit = batchBytes + ALLOWANCE_BYTES;
  return {
    name: `${name}, bytes read`,
    unit: "kB",
    samples: readBytes.map((bytes) => bytes / 1_000),
    target: {
      text: `at most ${(limit / 1_000).toFixed(0)} kB: its batches' lines and 200 kB`,
      isMet: median(readBytes) <= limit,
    },
  };
}
