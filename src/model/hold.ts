/**
 * A hold: a stretch of time whose footage nothing deletes until it is released.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { TimeWindow } from "./window.ts";

export interface Hold extends TimeWindow {
  readonly name: string;
  /** Null for all cameras. */
  readonly cameraId: string | null;
}

/** What a hold is asked about. */
interface Piece {
  readonly cameraId: string;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
}

/**
 * The first frames of a batch can need the batch before it to be decoded (open
 * groups of pictures, some tenths of a second), so footage that ends this little
 * before a hold is held too. In milliseconds.
 */
const LEAD_MS = 1_000;

/** The stretch in which whole batches are kept for a hold. */
export function heldWindow(hold: TimeWindow): TimeWindow {
  return { fromMs: unixMs(hold.fromMs - LEAD_MS), toMs: hold.toMs };
}

/** True when some of a piece of footage is held. */
export function isHeld(piece: Piece, holds: readonly Hold[]): boolean {
  return holds.some((hold) => touches(hold, piece));
}

/** How far the holds reach that keep a piece. */
export function lastHeldMs(piece: Piece, holds: readonly Hold[]): UnixMs {
  const ends = holds.filter((hold) => touches(hold, piece)).map(({ toMs }) => toMs);
  return ends.reduce((latest, toMs) => toMs > latest ? toMs : latest, piece.endMs);
}

/** What a camera's holds keep: windows that do not touch, in order of time. */
export function heldWindows(cameraId: string, holds: readonly Hold[]): TimeWindow[] {
  const windows = holds.filter((hold) => isFor(hold, cameraId)).map(heldWindow)
    .sort((one, other) => one.fromMs - other.fromMs);
  const merged: TimeWindow[] = [];
  for (const window of windows) {
    const last = merged.at(-1);
    if (last === undefined || window.fromMs > last.toMs) merged.push(window);
    else if (window.toMs > last.toMs) merged.splice(-1, 1, { ...last, toMs: window.toMs });
  }
  return merged;
}

function isFor(hold: Hold, cameraId: string): boolean {
  return hold.cameraId === null || hold.cameraId === cameraId;
}

function touches(hold: Hold, { cameraId, startMs, endMs }: Piece): boolean {
  if (!isFor(hold, cameraId)) return false;
  const { fromMs, toMs } = heldWindow(hold);
  // A piece of no length still lies somewhere.
  return startMs < toMs && Math.max(endMs, startMs + 1) > fromMs;
}
