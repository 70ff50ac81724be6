/**
 * `lookback coverage`: of each camera and day, how much is on disk, and what is
 * missing for which cause.
 *
 * @module
 */

import { Command } from "commander";
import { openIndexWith } from "../app/open_index.ts";
import { systemClock } from "../base/clock.ts";
import type { UnixMs } from "../base/units.ts";
import { isRootHeld } from "../host/root_lock.ts";
import { CoverageReader } from "../store/coverage_reader.ts";
import { coverageOf } from "../upkeep/coverage_causes.ts";
import { type DaysAsked, daysAsked, type LocalDay } from "../upkeep/local_day.ts";
import {
  localZone,
  type ReadOptions,
  requireCamera,
  settingsToRead,
  withReading,
} from "./context.ts";
import { coverageJson, coverageSummary, holeLines } from "./coverage_text.ts";
import { print, printJson } from "./terminal.ts";

interface CoverageFlags extends ReadOptions, DaysAsked {
  readonly camera?: string;
  readonly json?: boolean;
}

export function coverageCommand(): Command {
  const command = new Command("coverage")
    .description("show how much of each day is on disk, and what is missing and why")
    .option("--camera <id>", "which camera (default: all)")
    .option("--day <date>", "which day of this machine's calendar (default: today)")
    .option("--from <date>", "the first of several days")
    .option("--to <date>", "the last of them (default: today)")
    .option("--json", "print JSON for programs, with every hole");
  return withReading(command, "lookback coverage --day 2026-11-21").action(coverage);
}

async function coverage(flags: CoverageFlags): Promise<void> {
  const timeZone = localZone();
  const nowMs = systemClock.now();
  const days = daysAsked(flags, { nowMs, timeZone });
  const settings = await settingsToRead(flags);
  const isRecording = await isRootHeld(settings.root);
  using reader = openIndexWith(settings, (...place) => new CoverageReader(...place));
  const cameras = reader.cameras();
  if (flags.camera !== undefined) requireCamera(cameras, flags.camera);
  const ids = cameras.map(({ cameraId }) => cameraId)
    .filter((id) => flags.camera === undefined || flags.camera === id);
  const parts = { reader, ids, days, at: { nowMs, isRecording } };
  if (flags.json) printDaysAsJson(parts, timeZone);
  else printDays(parts, timeZone);
}

/** What is asked of the index. */
interface Question {
  readonly reader: CoverageReader;
  readonly ids: readonly string[];
  readonly days: readonly LocalDay[];
  readonly at: { readonly nowMs: UnixMs; readonly isRecording: boolean };
}

/** One camera after the other, day by day. */
function* answers({ reader, ids, days, at }: Question) {
  const ranges = days.map(({ window }) => window);
  for (const cameraId of ids) {
    let index = 0;
    for (const coverage of coverageOf(reader, { cameraId, ranges }, at)) {
      yield { cameraId, day: days[index]!.day, coverage };
      index += 1;
    }
  }
}

function printDaysAsJson(question: Question, timeZone: string): void {
  const days = Array.from(answers(question), ({ cameraId, day, coverage }) => ({
    camera_id: cameraId,
    day,
    ...coverageJson(coverage),
  }));
  printJson({ time_zone: timeZone, days });
}

function printDays(question: Question, timeZone: string): void {
  let last: string | undefined;
  for (const { cameraId, day, coverage } of answers(question)) {
    if (cameraId !== last) print(`${last === undefined ? "" : "\n"}${cameraId}  (${timeZone})`);
    last = cameraId;
    print(`  ${day}  ${coverageSummary(coverage)}`);
    for (const line of holeLines(coverage, timeZone)) print(`      ${line}`);
  }
}

/** A camera's coverage of today in one line, for `lookback status`. */
export function todaysCoverage(
  reader: CoverageReader,
  cameraId: string,
  at: { readonly nowMs: UnixMs; readonly isRecording: boolean },
): string {
  const ranges = daysAsked({}, { nowMs: at.nowMs, timeZone: localZone() })
    .map(({ window }) => window);
  const [today] = coverageOf(reader, { cameraId, ranges }, at);
  return coverageSummary(today!);
}
