/**
 * Coverage as lines for people and as JSON for programs.
 *
 * Pure.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import { formatDuration } from "../footage/duration.ts";
import type { ExplainedGap } from "../footage/gap_cause.ts";
import { windowLengthMs } from "../model/window.ts";
import type { Coverage } from "../upkeep/coverage_causes.ts";

/** Holes that are shown to a person; --json has all. */
const SHOWN_HOLES = 5;

/** Coverage in one line: "99.97 % of 23 h 59 min: 17.500 s missing (restart 9.400 s, …)". */
export function coverageSummary(coverage: Coverage): string {
  const { wantedMs, missingMs, missingByCause } = coverage;
  if (wantedMs === 0) return "nothing was to be recorded";
  const head = `${percent(coverage)} of ${formatDuration(wantedMs)}`;
  if (missingMs === 0) return head;
  const causes = [...missingByCause].map(([cause, ms]) => `${cause} ${formatDuration(ms)}`);
  return `${head}: ${formatDuration(missingMs)} missing (${causes.join(", ")})`;
}

/** Rounded down: 100 % is said only where nothing at all is missing. */
function percent({ wantedMs, onDiskMs }: Coverage): string {
  return `${(Math.floor(onDiskMs / wantedMs * 10_000) / 100).toFixed(2)} %`;
}

/** The longest holes of a day, in order of time. */
export function holeLines({ holes }: Coverage, timeZone: string): string[] {
  const longest = holes.toSorted((one, other) =>
    windowLengthMs(other.window) - windowLengthMs(one.window)
  ).slice(0, SHOWN_HOLES);
  const shown = holes.filter((hole) => longest.includes(hole));
  const more = holes.length - shown.length;
  return [
    ...shown.map((hole) => holeLine(hole, timeZone)),
    ...(more > 0 ? [`and ${more} shorter ${more === 1 ? "one" : "ones"}: --json shows all`] : []),
  ];
}

function holeLine({ window, cause, detail }: ExplainedGap, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(window.fromMs)
    .toZonedDateTimeISO(timeZone).toPlainTime().toString({ fractionalSecondDigits: 3 });
  return `${local}  ${formatDuration(windowLengthMs(window))}  ${cause}: ${detail}`;
}

/** Seconds with milliseconds, so that sums in them come out even when rounded to three digits. */
function seconds(ms: number): number {
  return ms / 1_000;
}

/** Plain data, ready for JSON. */
export function coverageJson(coverage: Coverage): Record<string, unknown> {
  const { wantedMs, onDiskMs, missingMs, missingByCause, holes } = coverage;
  return {
    wanted_seconds: seconds(wantedMs),
    on_disk_seconds: seconds(onDiskMs),
    missing_seconds: seconds(missingMs),
    missing_by_cause: Object.fromEntries(
      [...missingByCause].map(([cause, ms]) => [cause, seconds(ms)]),
    ),
    holes: holes.map(({ window, cause, detail }) => ({
      start: isoUtc(window.fromMs),
      end: isoUtc(window.toMs),
      seconds: seconds(windowLengthMs(window)),
      cause,
      detail,
    })),
  };
}
