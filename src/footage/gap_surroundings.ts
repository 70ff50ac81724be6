/**
 * Looks up what explains a stretch without footage: the runs on both sides, what
 * was observed in between, and whether something was recorded there and deleted.
 *
 * In:  the index and the stretch. Out: what gap_cause.ts decides from.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import { type Batch, FIRST_CHAIN } from "../model/batch.ts";
import type { CameraEventEntry } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";
import type { FootageIndex } from "./footage_index.ts";
import type { GapSurroundings } from "./gap_cause.ts";

/** What is asked of the index. */
export type GapIndex = Pick<
  FootageIndex,
  | "batchBefore"
  | "batchAfter"
  | "batchEndingBefore"
  | "newestFrameId"
  | "isChainBreak"
  | "run"
  | "eventsIn"
>;

/** Ends of frames and of batches are rounded, each by itself: so far they may lie apart, in ms. */
const ROUNDING_MS = 2;

/** A stretch without footage, and the runs of the frames on both sides where those are known. */
export interface UnexplainedHole {
  readonly window: TimeWindow;
  readonly runBefore?: number | undefined;
  readonly runAfter?: number | undefined;
}

export function surroundingsOf(
  index: GapIndex,
  { cameraId, hole }: { readonly cameraId: string; readonly hole: UnexplainedHole },
  at: { readonly nowMs: UnixMs; readonly isRecording: boolean },
): GapSurroundings {
  const { window } = hole;
  const before = index.batchBefore(cameraId, unixMs(window.fromMs + ROUNDING_MS));
  const after = index.batchAfter(cameraId, window.toMs);
  const runBefore = hole.runBefore ?? before?.run;
  const runAfter = hole.runAfter ?? after?.run;
  const beganMs = before === undefined ? 0 : Math.min(before.endMs, window.fromMs);
  return {
    nowMs: at.nowMs,
    isRecording: at.isRecording,
    runBefore: runBefore === undefined ? undefined : index.run(cameraId, runBefore),
    runAfter: runAfter === undefined ? undefined : index.run(cameraId, runAfter),
    events: eventsBetween(index, { cameraId, fromMs: unixMs(beganMs), toMs: after?.startMs }),
    wasDeleted: wasDeleted(index, { cameraId, before, after }),
  };
}

/** A step of the clock is noticed when the next part of the stream arrives: up to here later, in ms. */
const STEP_NOTICED_MS = 5_000;

/** A stretch that was lost is a batch at most, in milliseconds. */
const LONGEST_LOSS_MS = 2 * 3_600_000;

/** Events between two stretches of footage, and a step of the clock that was noticed in the second. */
function eventsBetween(
  index: GapIndex,
  { cameraId, fromMs, toMs = unixMs(Number.MAX_SAFE_INTEGER - STEP_NOTICED_MS) }: {
    readonly cameraId: string;
    readonly fromMs: UnixMs;
    readonly toMs: UnixMs | undefined;
  },
): CameraEventEntry[] {
  // What is lost for a stretch of time may begin before the footage ahead of it ends.
  const lookFromMs = unixMs(Math.max(0, fromMs - LONGEST_LOSS_MS));
  return index.eventsIn(cameraId, { fromMs: lookFromMs, toMs: unixMs(toMs + STEP_NOTICED_MS) })
    .filter(({ atMs, untilMs, kind }) =>
      atMs >= fromMs
        ? atMs < toMs || kind === "clock-step"
        : kind === "frames-lost" && untilMs !== null && untilMs > fromMs
    );
}

/**
 * Whether batches stood between two that are neighbours now. The chain proves it;
 * for batches of a version without one, ids that begin behind 1.
 */
function wasDeleted(
  index: GapIndex,
  { cameraId, before, after }: {
    readonly cameraId: string;
    readonly before: Batch | undefined;
    readonly after: Batch | undefined;
  },
): boolean {
  const newestId = index.newestFrameId(cameraId);
  if (after === undefined) {
    if (before === undefined) return newestId > 0;
    // After the clock was set back, the newest batch is not the last one in time.
    return index.batchEndingBefore(cameraId, newestId + 1)?.batchId === before.batchId &&
      before.endingFrameId < newestId;
  }
  const neighbour = index.batchEndingBefore(cameraId, after.startingFrameId);
  if (neighbour === undefined) return before === undefined && after.startingFrameId > 1;
  if (after.seals === null || neighbour.seals === null) return false;
  const piece = { previousChain: neighbour.seals.chain, chain: after.seals.previousChain };
  return piece.previousChain !== piece.chain && piece.chain !== FIRST_CHAIN &&
    index.isChainBreak(cameraId, piece);
}
