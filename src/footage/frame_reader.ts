/**
 * Reads frames out of the JSON log, through the places that batch rows give:
 * the cost follows the window asked for, not the length of the log.
 *
 * @module
 */

import { join } from "node:path";
import { unixMs } from "../base/units.ts";
import { MalformedMedia } from "../media/boxes.ts";
import type { Batch } from "../model/batch.ts";
import { type LoggedFrame, parseFrameLine } from "../model/frame.ts";
import { readAt } from "./recording_index.ts";

/** What a batch's part of the log gave. */
export type BatchFrames =
  | { readonly ok: true; readonly frames: readonly LoggedFrame[] }
  /** The part is not there, or not what its row says. */
  | { readonly ok: false; readonly problem: string };

/**
 * All frames of one batch, in presentation order, at the times that its row has.
 *
 * Synchronous on purpose: a batch's part is short, and an hour has 360 of them.
 */
export function readBatchFrames(root: string, batch: Batch): BatchFrames {
  let bytes: Uint8Array;
  try {
    using file = Deno.openSync(join(root, batch.framesPath));
    bytes = readAt(file, batch.framesOffset, batch.framesBytes);
  } catch (error) {
    if (error instanceof MalformedMedia) {
      return { ok: false, problem: `"${batch.framesPath}" ends before the batch's frames` };
    }
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ok: false, problem: `there is no file "${batch.framesPath}"` };
  }
  const frames: LoggedFrame[] = [];
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    const frame = line === "" ? undefined : parseFrameLine(line);
    if (frame !== undefined && frame.cameraId === batch.cameraId) {
      frames.push(shifted(frame, batch));
    }
  }
  const isWhole = frames.length === batch.frameCount &&
    frames.every(({ frameId }, index) => frameId === batch.startingFrameId + index);
  if (!isWhole) {
    return {
      ok: false,
      problem:
        `"${batch.framesPath}" has ${frames.length} of the batch's ${batch.frameCount} frames`,
    };
  }
  return { ok: true, frames };
}

/** The log keeps the time of a clock that was wrong; the row knows how wrong. */
function shifted(frame: LoggedFrame, { shiftMs }: Batch): LoggedFrame {
  return shiftMs === 0 ? frame : { ...frame, atMs: unixMs(frame.atMs + shiftMs) };
}
