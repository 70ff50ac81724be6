/**
 * Times the planning of requests: what the survey asks of the database, and the whole
 * survey with frames and recordings read.
 *
 * Planning is every question that the survey asks the database from the request on,
 * added up, on an open connection; the survey itself is the product's own.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { unixMs } from "../base/units.ts";
import { surveyFootage } from "../footage/export_job.ts";
import type { FootageIndex } from "../footage/footage_index.ts";
import { makeWindow } from "../footage/request.ts";
import { Reader } from "../store/reader.ts";
import {
  ARCHIVE_CAMERAS,
  FOOTAGE_CAMERA,
  FOOTAGE_START_MS,
  type GrowingArchive,
} from "./archive_world.ts";
import { ARCHIVE_START_MS, archiveCamera, DAY_MS } from "./archive_rows.ts";
import { quantile } from "./figure.ts";

/** Requests of a round, which gives one sample. */
const ROUND_REQUESTS = 60;

const ROUNDS = 5;

/** Where windows begin behind the start of the footage, which is 10 s longer than an hour. */
const SURVEY_OFFSETS_MS = [0, 1_480, 3_333, 5_020, 8_760];

/** Milliseconds that each request of a round took. */
export interface PlanTimes {
  /** Of each round, the time below which 99 % of its requests stay. */
  readonly p99Ms: readonly number[];
  /** Of each round, the time in the middle. */
  readonly medianMs: readonly number[];
}

/**
 * Times requests of one length at any place of the archive. Every second one lies in
 * its first day, whose batches are the shortest there are.
 */
export async function timePlanning(
  archive: GrowingArchive,
  durationMs: number,
): Promise<PlanTimes> {
  using reader = new Reader(archive.root);
  const rounds: number[][] = [];
  const random = seededRandom(durationMs);
  for (let round = 0; round < ROUNDS; round += 1) {
    const times: number[] = [];
    for (let number = 0; number < ROUND_REQUESTS; number += 1) {
      const spanMs = number % 2 === 0 ? DAY_MS : archive.endMs - ARCHIVE_START_MS;
      const fromMs = unixMs(ARCHIVE_START_MS + Math.floor(random() * (spanMs - durationMs)));
      const cameraId = archiveCamera(1 + Math.floor(random() * ARCHIVE_CAMERAS));
      const index = new TimedIndex(reader);
      await survey(index, { cameraId, window: makeWindow(fromMs, durationMs) });
      times.push(index.spentMs);
    }
    rounds.push(times);
  }
  return {
    p99Ms: rounds.map((times) => quantile(times, 0.99)),
    medianMs: rounds.map((times) => quantile(times, 0.5)),
  };
}

/** Times the whole survey of windows with footage, in milliseconds. */
export async function timeSurveys(archive: GrowingArchive, durationMs: number): Promise<number[]> {
  using reader = new Reader(archive.root);
  const samples: number[] = [];
  for (const offsetMs of SURVEY_OFFSETS_MS) {
    const window = makeWindow(unixMs(FOOTAGE_START_MS + offsetMs), durationMs);
    const startedAt = performance.now();
    const { frames, gaps } = await survey(reader, { cameraId: FOOTAGE_CAMERA, window });
    samples.push(performance.now() - startedAt);
    if (frames !== durationMs / 40 || gaps.length > 0) {
      throw new Error(`The survey found ${frames} frames and ${gaps.length} gaps`);
    }
  }
  return samples;
}

/** Times the opening of the index and the list of cameras, in milliseconds: every command does both. */
export function timeOpening(archive: GrowingArchive): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    using reader = new Reader(archive.root);
    reader.cameras();
    return performance.now() - startedAt;
  });
}

function survey(index: FootageIndex, request: Parameters<typeof surveyFootage>[1]) {
  const nowMs = systemClock.now();
  return surveyFootage(index, request, { source: "video", nowMs, isRecording: false });
}

/** Adds up the time of all questions. */
class TimedIndex implements FootageIndex {
  readonly #reader: Reader;
  readonly root: string;
  spentMs = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
    this.root = reader.root;
  }

  batchesIn: FootageIndex["batchesIn"] = (...asked) => this.#timed((of) => of.batchesIn(...asked));
  batchBefore: FootageIndex["batchBefore"] = (...asked) =>
    this.#timed((of) => of.batchBefore(...asked));
  batchAfter: FootageIndex["batchAfter"] = (...asked) =>
    this.#timed((of) => of.batchAfter(...asked));
  batchEndingBefore: FootageIndex["batchEndingBefore"] = (...asked) =>
    this.#timed((of) => of.batchEndingBefore(...asked));
  run: FootageIndex["run"] = (...asked) => this.#timed((of) => of.run(...asked));
  newestFrameId: FootageIndex["newestFrameId"] = (...asked) =>
    this.#timed((of) => of.newestFrameId(...asked));
  isChainBreak: FootageIndex["isChainBreak"] = (...asked) =>
    this.#timed((of) => of.isChainBreak(...asked));
  eventsIn: FootageIndex["eventsIn"] = (...asked) => this.#timed((of) => of.eventsIn(...asked));

  #timed<T>(ask: (reader: Reader) => T): T {
    const startedAt = performance.now();
    const answer = ask(this.#reader);
    this.spentMs += performance.now() - startedAt;
    return answer;
  }
}

/** The same windows in every run of the bench (a linear congruential generator, Numerical Recipes). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
