/**
 * Divides a stretch into what can be copied and what must be encoded, so that
 * the film holds no frame outside the window even for a decoder that ignores
 * edit lists.
 *
 * Pure.
 *
 * @module
 */

import type { Sample } from "../media/fragment.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { decodableFrom, keyBefore, type ShownStretch, videoOf } from "./stretches.ts";

/** Frames of a stretch that are copied, or encoded. */
export interface StrictPiece {
  readonly type: "copy" | "encode";
  readonly frames: readonly LoggedFrame[];
  /** Places in decode order of the samples that are copied, or that the encoder must decode. */
  readonly used: readonly number[];
}

/** Divides a stretch; the pieces' frames in order are the stretch's frames. */
export function divideStrictly(stretch: ShownStretch): StrictPiece[] {
  const samples = videoOf(stretch.fragments);
  const { frames } = stretch;
  const copyKey = firstCopyableKey(samples, frames);
  if (copyKey === undefined) return [encodePiece(samples, frames)];
  const { pts: copyPts } = samples[copyKey]!;
  const head = frames.filter(({ pts }) => pts < copyPts);
  const rest = frames.filter(({ pts }) => pts >= copyPts);
  const copied = copyablePrefix(samples, { key: copyKey, frames: rest });
  const tail = rest.slice(copied.length);
  return [
    ...(head.length > 0 ? [encodePiece(samples, head)] : []),
    { type: "copy", frames: rest.slice(0, copied.length), used: copied },
    ...(tail.length > 0 ? [encodePiece(samples, tail)] : []),
  ];
}

/** The first key frame that is shown. */
function firstCopyableKey(
  samples: readonly Sample[],
  frames: readonly LoggedFrame[],
): number | undefined {
  const shown = new Set(frames.map(({ pts }) => pts));
  const index = samples.findIndex(({ isKey, pts }) => isKey && shown.has(pts));
  return index < 0 ? undefined : index;
}

/**
 * The longest run of samples in decode order, from a key frame on, that is also
 * a run in presentation order and all of which is shown: cutting behind it
 * leaves no frame out and takes none too many.
 */
function copyablePrefix(
  samples: readonly Sample[],
  from: { readonly key: number; readonly frames: readonly LoggedFrame[] },
): number[] {
  const rank = new Map(from.frames.map(({ pts }, index) => [pts, index]));
  const candidates = decodableFrom(samples, { key: from.key, last: samples.length - 1 });
  let whole = 0;
  let highest = -1;
  for (const [count, index] of candidates.entries()) {
    const place = rank.get(samples[index]!.pts);
    if (place === undefined) break;
    highest = Math.max(highest, place);
    if (highest === count) whole = count + 1;
  }
  return candidates.slice(0, whole);
}

function encodePiece(samples: readonly Sample[], frames: readonly LoggedFrame[]): StrictPiece {
  const key = keyBefore(samples, frames[0]!.pts)!;
  const wanted = new Set(frames.map(({ pts }) => pts));
  const last = samples.findLastIndex(({ pts }) => wanted.has(pts));
  return { type: "encode", frames, used: decodableFrom(samples, { key, last }) };
}
