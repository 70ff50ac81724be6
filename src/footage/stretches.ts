/**
 * Decides which samples a decoder needs for the frames to show: from the key
 * frame at or before the first one to the last one in decode order.
 *
 * Pure. In: a plan's segments with what their files hold. Out: stretches for
 * cut_plan.ts.
 *
 * @module
 */

import type { Sample } from "../media/fragment.ts";
import type { InitSegment } from "../media/init_segment.ts";
import type { LoggedFrame } from "../model/frame.ts";
import type { SourcedFragment, Stretch } from "./cut_plan.ts";
import { frameEndMs, GAP_TOLERANCE_MS } from "./plan.ts";

/** What stands between two stretches of footage in a film. */
export type GapPolicy = "collapse" | "keep";

/** A segment of the plan with what its files hold, the batch before it included where needed. */
export interface SourcedSegment {
  readonly init: InitSegment;
  readonly fragments: readonly SourcedFragment[];
  /** The frames to show, in presentation order; at least one. */
  readonly frames: readonly LoggedFrame[];
}

/** A stretch, with the frames that it really shows. */
export interface ShownStretch extends Stretch {
  readonly frames: readonly LoggedFrame[];
}

/**
 * Makes stretches out of segments. Frames that no key frame leads to, which
 * happens only at the start of a stream with open GOPs, are left out.
 */
export function toStretches(
  segments: readonly SourcedSegment[],
  policy: GapPolicy,
): ShownStretch[] {
  const stretches: ShownStretch[] = [];
  for (const segment of segments) {
    const stretch = toStretch(segment, policy);
    if (stretch === undefined) continue;
    const before = stretches.at(-1)?.frames.at(-1);
    const gapMs = before === undefined ? 0 : stretch.frames[0]!.atMs - frameEndMs(before);
    stretches.push({
      ...stretch,
      gapBeforeMs: policy === "keep" ? Math.max(0, gapMs) : 0,
      leadSound: before === undefined,
    });
  }
  return stretches;
}

/** All video samples of some fragments, in decode order. */
export function videoOf(fragments: readonly SourcedFragment[]): Sample[] {
  return fragments.flatMap(({ video }) => video);
}

/**
 * The key frame from which a picture can be decoded.
 *
 * @returns Its place in decode order; undefined if the samples have none.
 */
export function keyBefore(samples: readonly Sample[], pts: number): number | undefined {
  const index = samples.findIndex((sample) => sample.pts === pts);
  for (let at = index; at >= 0; at -= 1) {
    if (samples[at]!.isKey && samples[at]!.pts <= pts) return at;
  }
  return undefined;
}

/** Samples from a key frame on that can be decoded from it: not those shown before it. */
export function decodableFrom(
  samples: readonly Sample[],
  range: { readonly key: number; readonly last: number },
): number[] {
  const keyPts = samples[range.key]!.pts;
  const used: number[] = [];
  let isLeading = true;
  for (let index = range.key; index <= range.last; index += 1) {
    const { pts, isKey } = samples[index]!;
    if (index > range.key && isKey) isLeading = false;
    if (!isLeading || pts >= keyPts) used.push(index);
  }
  return used;
}

function toStretch(segment: SourcedSegment, policy: GapPolicy): ShownStretch | undefined {
  const samples = videoOf(segment.fragments);
  const places = new Map(samples.map(({ pts }, index) => [pts, index]));
  const known = segment.frames.filter(({ pts }) => places.has(pts));
  const firstShown = known.findIndex(({ pts }) => keyBefore(samples, pts) !== undefined);
  if (firstShown < 0) return undefined;
  const frames = known.slice(firstShown);
  const key = keyBefore(samples, frames[0]!.pts)!;
  const last = frames.reduce((highest, { pts }) => Math.max(highest, places.get(pts)!), key);
  const lastFrame = frames.at(-1)!;
  return {
    init: segment.init,
    fragments: segment.fragments,
    used: decodableFrom(samples, { key, last }),
    shown: { fromPts: frames[0]!.pts, toPts: lastFrame.pts + lastFrame.duration },
    gapBeforeMs: 0,
    leadSound: false,
    cutOut: policy === "collapse" ? holesIn(frames) : [],
    frames,
  };
}

/** Stretches of stream time without a frame that are long enough to be a gap. */
function holesIn(frames: readonly LoggedFrame[]): Stretch["cutOut"] {
  const holes: { fromPts: number; toPts: number }[] = [];
  for (const [index, frame] of frames.entries()) {
    const next = frames[index + 1];
    if (next === undefined) break;
    if (next.atMs - frameEndMs(frame) <= GAP_TOLERANCE_MS) continue;
    holes.push({ fromPts: frame.pts + frame.duration, toPts: next.pts });
  }
  return holes;
}
