/**
 * Decides what is burnt into each frame of a film: boxes of what was seen, the
 * wall clock, the camera's name. Decides only.
 *
 * In:  frames with their times in the film, what was seen. Out: marks
 *      (media/overlay_args.ts), each from the middle before its first frame to the
 *      middle behind its last one, so that no rounding moves it to another frame.
 *
 * Design: docs/design/export.md, "Another rate, and overlays"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { colourOf, type OverlayMark } from "../media/overlay_args.ts";
import type { LoggedFrame } from "../model/frame.ts";
import type { Detection } from "../model/vision.ts";
import { zonedAt } from "./instant_text.ts";
import type { Sights } from "./sights.ts";

export const OVERLAY_ITEMS = ["boxes", "clock", "name"] as const;
export type OverlayItem = typeof OVERLAY_ITEMS[number];

/** What is burnt in. */
export interface Overlay {
  readonly items: readonly OverlayItem[];
  readonly cameraName: string;
  /** The clock's zone. */
  readonly timeZone: string;
}

/** Boxes stay until the next frame that was looked at, and at most for so long, in milliseconds. */
const HELD_MS = 1_000;

/** Reads "boxes,clock". Undefined where something else is in it, or nothing. */
export function parseOverlay(text: string): OverlayItem[] | undefined {
  const names = text.split(",").map((name) => name.trim());
  const items = OVERLAY_ITEMS.filter((item) => names.includes(item));
  const isKnown = names.every((name) => items.some((item) => item === name));
  return isKnown ? items : undefined;
}

/** A frame, when it begins in the film, and what is known to be in it. */
export interface OverlaidFrame {
  readonly frame: LoggedFrame;
  /** In seconds. */
  readonly atSeconds: number;
  /** Undefined where no frame shortly before was looked at. */
  readonly seen: readonly Detection[] | undefined;
}

/** What is known to be in each frame: what was seen in it, or in one shortly before. */
export function heldSights(
  frames: readonly LoggedFrame[],
  sights: Sights,
): (readonly Detection[] | undefined)[] {
  let last: { readonly frame: LoggedFrame; readonly seen: readonly Detection[] } | undefined;
  return frames.map((frame) => {
    const seen = sights.get(frame.frameId);
    if (seen !== undefined) last = { frame, seen };
    const isFresh = last !== undefined && last.frame.run === frame.run &&
      Math.abs(frame.atMs - last.frame.atMs) <= HELD_MS;
    return isFresh ? last!.seen : undefined;
  });
}

/** @param frames Of one piece of film, in order; its first begins at its time 0. */
export function overlayMarks(
  frames: readonly OverlaidFrame[],
  overlay: Overlay,
): OverlayMark[] {
  const edges = edgesOf(frames);
  const marks: OverlayMark[] = [];
  if (overlay.items.includes("boxes")) marks.push(...boxMarks(frames, edges));
  if (overlay.items.includes("name")) {
    const times = { fromSeconds: edges[0]!, toSeconds: edges.at(-1)! };
    marks.push({ ...times, kind: "text", place: "top", text: overlay.cameraName });
  }
  if (overlay.items.includes("clock")) {
    const clock = clockText(overlay.timeZone);
    for (const [index, { frame }] of frames.entries()) {
      const times = { fromSeconds: edges[index]!, toSeconds: edges[index + 1]! };
      marks.push({ ...times, kind: "text", place: "bottom", text: clock(frame.atMs) });
    }
  }
  return marks;
}

/** The middles between frames; one more than there are frames. The last is far behind. */
function edgesOf(frames: readonly OverlaidFrame[]): number[] {
  const times = frames.map(({ atSeconds }) => atSeconds);
  const middles = times.slice(1).map((seconds, index) => (times[index]! + seconds) / 2);
  return [0, ...middles, (times.at(-1) ?? 0) + 3_600];
}

function boxMarks(frames: readonly OverlaidFrame[], edges: readonly number[]): OverlayMark[] {
  const marks: OverlayMark[] = [];
  let first = 0;
  for (let index = 1; index <= frames.length; index += 1) {
    const seen = frames[first]?.seen;
    if (index < frames.length && frames[index]!.seen === seen) continue;
    const times = { fromSeconds: edges[first]!, toSeconds: edges[index]! };
    for (const { class: name, score, box } of seen ?? []) {
      const label = `${name} ${Math.round(score * 100)} %`;
      marks.push({ ...times, kind: "box", box, label, colour: colourOf(name) });
    }
    first = index;
  }
  return marks;
}

const MINUTE_MS = 60_000;

/** Writes "2026-11-21 21:57:09.340 +01:00". Zones change their offset at whole minutes. */
export function clockText(timeZone: string): (atMs: UnixMs) => string {
  let known = { minute: NaN, offsetMs: 0, offset: "" };
  return (atMs) => {
    const minute = Math.floor(atMs / MINUTE_MS);
    if (minute !== known.minute) {
      const { offset, offsetNanoseconds } = zonedAt(atMs, timeZone);
      known = { minute, offset, offsetMs: offsetNanoseconds / 1e6 };
    }
    const local = new Date(atMs + known.offsetMs).toISOString();
    return `${local.slice(0, -1).replace("T", " ")} ${known.offset}`;
  };
}
