/**
 * Coverage of a camera: how much of the time that it was wanted is on disk, and
 * what is missing for which cause. The causes are those of an export's receipt
 * (footage/gap_cause.ts).
 *
 * In:  an index, handed in. Out: plain numbers for `lookback coverage` and `status`.
 *
 * Design: docs/design/coverage.md
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { type ExplainedGap, explainGap } from "../footage/gap_cause.ts";
import { type GapIndex, surroundingsOf } from "../footage/gap_surroundings.ts";
import type { CameraEventEntry, GapCause } from "../model/ledger.ts";
import { intersect, type TimeWindow, windowLengthMs } from "../model/window.ts";
import { type BatchSpan, measureCoverage } from "./coverage.ts";
import { type Lifecycle, wantedWindows } from "./wanted.ts";

/** What is asked of the store. */
export interface CoverageIndex extends GapIndex {
  lifecycle(cameraId: string): Lifecycle;
  /** Batches that share time with the range, and the nearest on each side of it. */
  batchSpans(cameraId: string, range: TimeWindow): Iterable<BatchSpan>;
  /** Events "frames-lost" with an end that share time with the range, oldest first. */
  lostIn(cameraId: string, range: TimeWindow): CameraEventEntry[];
}

export interface Coverage {
  readonly range: TimeWindow;
  /** Always `onDiskMs + missingMs`. */
  readonly wantedMs: number;
  readonly onDiskMs: number;
  readonly missingMs: number;
  /** Adds up to `missingMs`; the largest first. */
  readonly missingByCause: ReadonlyMap<GapCause, number>;
  /** In order of time; neither touches a neighbour of the same cause and detail. */
  readonly holes: readonly ExplainedGap[];
}

export interface CoverageMoment {
  readonly nowMs: UnixMs;
  /** True while a Lookback records the root. */
  readonly isRecording: boolean;
}

/** The coverage of a camera in each of some ranges, in their order, one at a time. */
export function* coverageOf(
  index: CoverageIndex,
  { cameraId, ranges }: { readonly cameraId: string; readonly ranges: Iterable<TimeWindow> },
  at: CoverageMoment,
): Generator<Coverage> {
  const wanted = wantedWindows(index.lifecycle(cameraId), at.nowMs);
  for (const range of ranges) {
    const events = index.lostIn(cameraId, range);
    const lost = events.map(({ atMs, untilMs }) => ({ fromMs: atMs, toMs: untilMs! }));
    const batches = index.batchSpans(cameraId, range);
    const measured = measureCoverage({ range, wanted, batches, lost });
    const holes = measured.holes.flatMap((window) =>
      explainGap(window, surroundingsOf(index, { cameraId, hole: { window } }, at))
    );
    const lostHoles = measured.lost.flatMap((window) => explainLost(window, events));
    yield sum(range, measured, [...holes, ...lostHoles]);
  }
}

/** Says what was observed of a stretch inside batches in which nothing arrived. */
function explainLost(window: TimeWindow, events: readonly CameraEventEntry[]): ExplainedGap[] {
  const pieces: ExplainedGap[] = [];
  let fromMs = window.fromMs;
  for (const { atMs, untilMs, cause, detail } of events) {
    const piece = intersect({ fromMs: atMs, toMs: untilMs! }, { fromMs, toMs: window.toMs });
    if (piece === null) continue;
    pieces.push({ window: piece, cause: cause ?? "frames-lost", detail });
    fromMs = piece.toMs;
  }
  return pieces;
}

function sum(
  range: TimeWindow,
  { wantedMs, onDiskMs }: { readonly wantedMs: number; readonly onDiskMs: number },
  gaps: readonly ExplainedGap[],
): Coverage {
  const holes = gaps.toSorted((one, other) => one.window.fromMs - other.window.fromMs);
  const byCause = new Map<GapCause, number>();
  for (const { cause, window } of holes) {
    byCause.set(cause, (byCause.get(cause) ?? 0) + windowLengthMs(window));
  }
  return {
    range,
    wantedMs,
    onDiskMs,
    missingMs: wantedMs - onDiskMs,
    missingByCause: new Map([...byCause].sort(([, one], [, other]) => other - one)),
    holes,
  };
}
