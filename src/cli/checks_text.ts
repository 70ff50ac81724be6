/**
 * What the tests of recorded footage found, as `lookback status` shows it.
 *
 * @module
 */

import { isoUtc, type UnixMs } from "../base/units.ts";
import { formatDuration } from "../footage/duration.ts";
import type { CheckSummary } from "../store/reader.ts";

/** One line a camera while all is well, one more for each kind of test that failed. */
export function checkLines(checks: readonly CheckSummary[], nowMs: UnixMs): string[] {
  const passed = checks.filter(({ ok }) => ok)
    .map(({ kind, atMs }) => `${kind} ok ${agoText(nowMs - atMs)}`);
  const failed = checks.filter(({ ok }) => !ok)
    .map(({ kind, atMs, detail }) =>
      `  ${kind.padEnd(7)} FAULT ${agoText(nowMs - atMs)}: ${detail}`
    );
  return [...(passed.length === 0 ? [] : [`  tested  ${passed.join(", ")}`]), ...failed];
}

export function checksJson(checks: readonly CheckSummary[]): Record<string, unknown>[] {
  return checks.map(({ kind, atMs, ok, detail, done, failed, failedMs, failure }) => ({
    kind,
    at: isoUtc(atMs),
    ok,
    detail,
    done,
    failed,
    last_failed_at: failedMs === null ? null : isoUtc(failedMs),
    last_failure: failure,
  }));
}

/** "12 min ago". A clock that was set back makes no test come from the future. */
function agoText(passedMs: number): string {
  const minutes = Math.floor(Math.max(0, passedMs) / 60_000);
  if (minutes === 0) return "less than a minute ago";
  return `${formatDuration(minutes * 60_000)} ago`;
}
