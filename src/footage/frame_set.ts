/**
 * Decides which recorded frames become the pictures of a set: evenly spaced in
 * time at a rate, each the first frame at or after its instant. Decides only.
 *
 * In:  the frames of the window, what was seen in them, what is wished for.
 * Out: the chosen frames with what is known to be in them.
 * Not here: decoding (frame_set_film.ts, frame_set_job.ts), annotations (coco.ts).
 *
 * Design: docs/design/export.md, "Frames as pictures"
 *
 * @module
 */

import type { LoggedFrame } from "../model/frame.ts";
import type { Detection } from "../model/vision.ts";
import type { TimeWindow } from "../model/window.ts";
import { compactMs } from "./instant_text.ts";
import type { Sights } from "./sights.ts";

/**
 * How far away the frame may be in which something was seen, in milliseconds. At the
 * usual 5 pictures a second that are looked at, the nearest one is at most 100 away;
 * boxes that are a quarter of a second old belong to no picture.
 */
export const NEAREST_MS = 250;

export interface FrameSetWish {
  readonly window: TimeWindow;
  /** Pictures a second; above 0. */
  readonly fps: number;
  /** Most pictures; null for as many as there are. */
  readonly max: number | null;
  /** Only pictures in which one of these was seen; null for all. */
  readonly classes: readonly string[] | null;
  /** Only frames that were looked at themselves. */
  readonly onlyAnalysed: boolean;
}

/** What is known to be in a frame. */
export interface NearestSight {
  readonly detections: readonly Detection[];
  /** The frame that was looked at, and how much later it is, in milliseconds. */
  readonly frameId: number;
  readonly laterMs: number;
}

/** A frame that becomes a picture. */
export interface ChosenFrame {
  readonly frame: LoggedFrame;
  /** Undefined where no frame near it was looked at. */
  readonly sight: NearestSight | undefined;
}

export interface FrameChoice {
  readonly chosen: readonly ChosenFrame[];
  /** True where `max` left some out. */
  readonly isCut: boolean;
}

/**
 * Chooses frames.
 *
 * The instants are `fromMs`, `fromMs + 1/fps`, and so on. Each has the first frame at
 * or after it that lies before the next instant; where there is none (a gap, a slower
 * camera) it has no picture. So no frame is chosen twice.
 *
 * @param frames Of the window, in any order.
 */
export function chooseFrames(
  frames: readonly LoggedFrame[],
  known: { readonly sights: Sights },
  wish: FrameSetWish,
): FrameChoice {
  const inOrder = frames.toSorted((one, other) => one.atMs - other.atMs);
  const analysed = inOrder.filter(({ frameId }) => known.sights.has(frameId));
  const nearest = nearestFinder(analysed, known.sights);
  const chosen: ChosenFrame[] = [];
  let lastSlot = -1;
  for (const frame of wish.onlyAnalysed ? analysed : inOrder) {
    const slot = slotOf(frame, wish);
    if (slot <= lastSlot) continue;
    lastSlot = slot;
    const sight = nearest(frame);
    if (!hasClass(sight, wish.classes)) continue;
    if (chosen.length === wish.max) return { chosen, isCut: true };
    chosen.push({ frame, sight });
  }
  return { chosen, isCut: false };
}

/** The number of the last instant at or before a frame. */
function slotOf({ atMs }: LoggedFrame, { window, fps }: FrameSetWish): number {
  // A frame that is due exactly at its instant must not miss it by the last binary digit.
  return Math.floor((atMs - window.fromMs) * fps / 1_000 + 1e-9);
}

function hasClass(sight: NearestSight | undefined, classes: readonly string[] | null): boolean {
  if (classes === null) return true;
  return sight?.detections.some((seen) => classes.includes(seen.class)) ?? false;
}

/** Finds what was seen nearest to frames that are asked for in order of time. */
function nearestFinder(
  analysed: readonly LoggedFrame[],
  sights: Sights,
): (frame: LoggedFrame) => NearestSight | undefined {
  let at = 0;
  return (frame) => {
    const farMs = (index: number) => Math.abs((analysed[index]?.atMs ?? Infinity) - frame.atMs);
    while (at + 1 < analysed.length && farMs(at + 1) <= farMs(at)) at += 1;
    // Two frames of one millisecond: the frame's own is the nearest.
    const own = sights.get(frame.frameId);
    if (own !== undefined) return { detections: own, frameId: frame.frameId, laterMs: 0 };
    const found = analysed[at];
    if (found === undefined || farMs(at) > NEAREST_MS) return undefined;
    const { frameId, atMs } = found;
    return { detections: sights.get(frameId)!, frameId, laterMs: atMs - frame.atMs };
  };
}

/** "front_20261121T205709340Z_1234.jpg": camera, time to the millisecond, frame id. */
export function pictureName(frame: LoggedFrame, format: string): string {
  return `${frame.cameraId}_${compactMs(frame.atMs)}_${frame.frameId}.${format}`;
}
