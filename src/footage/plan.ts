/**
 * Decides which footage answers a request: the frames inside the window, the
 * batches they come from, and what is missing. Decides only: nothing here reads
 * a file, a clock or the database.
 *
 * In:  batches that touch the window, with their frames. Out: a {@linkcode FootagePlan}.
 * Not here: where a decoder must begin (cut_plan.ts), why something is missing (gap_cause.ts).
 *
 * Design: docs/design/export.md
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { LoggedFrame } from "../model/frame.ts";
import type { TimeWindow } from "../model/window.ts";

/**
 * Holes up to this long are not reported as gaps, in milliseconds: two frame
 * intervals at 4 fps. One late frame is not missing footage.
 */
export const GAP_TOLERANCE_MS = 500;

/** A batch with the frames that its part of the JSON log holds, in presentation order. */
export interface BatchWithFrames {
  readonly batch: Batch;
  readonly frames: readonly LoggedFrame[];
}

/** Batches that follow each other without a break within one run. */
export interface Segment {
  readonly run: number;
  readonly batches: readonly Batch[];
  /** The frames to show, in presentation order; at least one. */
  readonly frames: readonly LoggedFrame[];
}

/** What is missing, and the frames on both sides of it where there are any. */
export interface Hole {
  readonly window: TimeWindow;
  readonly before: LoggedFrame | undefined;
  readonly after: LoggedFrame | undefined;
}

export interface FootagePlan {
  readonly window: TimeWindow;
  readonly segments: readonly Segment[];
  readonly holes: readonly Hole[];
}

/**
 * Plans the footage of one camera.
 *
 * A frame belongs to the window when its own time lies in it (start included,
 * end excluded). With none, `segments` is empty and `holes` has the whole
 * window; that is an answer, not an error.
 *
 * @param batches In order of their frames.
 * @param window Wall time.
 */
export function planFootage(
  batches: readonly BatchWithFrames[],
  window: TimeWindow,
): FootagePlan {
  const segments: { run: number; batches: Batch[]; frames: LoggedFrame[] }[] = [];
  let previous: Batch | undefined;
  for (const { batch, frames } of batches) {
    const shown = frames.filter(({ atMs }) => atMs >= window.fromMs && atMs < window.toMs);
    if (shown.length === 0) continue;
    const last = segments.at(-1);
    if (last !== undefined && previous !== undefined && continues(previous, batch)) {
      last.batches.push(batch);
      for (const frame of shown) last.frames.push(frame);
    } else segments.push({ run: batch.run, batches: [batch], frames: shown });
    previous = batch;
  }
  return { window, segments, holes: findHoles(segments.flatMap(({ frames }) => frames), window) };
}

function continues(before: Batch, after: Batch): boolean {
  return before.run === after.run && before.endingFrameId + 1 === after.startingFrameId;
}

/** Wall time at which a frame ends. */
export function frameEndMs(frame: LoggedFrame): UnixMs {
  return unixMs(frame.atMs + Math.round(frame.duration * 1_000 / frame.timescale));
}

/**
 * What of the window no frame shows. After the wall clock was set back two runs
 * share their times: what either of them has is there.
 */
function findHoles(shown: readonly LoggedFrame[], window: TimeWindow): Hole[] {
  const frames = inOrderOfTime(shown);
  const holes: Hole[] = [];
  let coveredTo = window.fromMs;
  let before: LoggedFrame | undefined;
  for (const frame of frames) {
    if (frame.atMs - coveredTo > GAP_TOLERANCE_MS) {
      holes.push({ window: { fromMs: coveredTo, toMs: frame.atMs }, before, after: frame });
    }
    const endMs = frameEndMs(frame);
    if (endMs >= coveredTo) before = frame;
    coveredTo = unixMs(Math.max(coveredTo, endMs));
  }
  if (window.toMs - coveredTo > GAP_TOLERANCE_MS || frames.length === 0) {
    holes.push({ window: { fromMs: coveredTo, toMs: window.toMs }, before, after: undefined });
  }
  return holes;
}

function inOrderOfTime(frames: readonly LoggedFrame[]): readonly LoggedFrame[] {
  const isInOrder = frames.every(({ atMs }, index) =>
    index === 0 || frames[index - 1]!.atMs <= atMs
  );
  return isInOrder ? frames : frames.toSorted((one, other) => one.atMs - other.atMs);
}
