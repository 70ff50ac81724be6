/**
 * What is done with boxes that a model found: brought from a piece of the picture
 * to the whole, named, and thinned, because a model finds each thing many times.
 *
 * In:   what a decoder read, piece by piece. Out: detections of the picture.
 * Not here: which scores count for a camera (detector.ts).
 *
 * @module
 */

import type { Box, Detection } from "../model/vision.ts";
import { areaOf, overlapOf, sharedArea } from "./polygon.ts";

/** A box as a decoder reads it, in fractions of the model's input. */
export interface RawDetection {
  /** Number of the class. */
  readonly label: number;
  readonly score: number;
  readonly box: Box;
}

/** What was found in one piece of the picture. */
export interface PieceResult {
  /** The part of the picture that the model's input covers; with bars it reaches beyond the picture. */
  readonly area: Box;
  readonly found: readonly RawDetection[];
}

/** Two boxes of a class that share so much are one thing, as part of what both cover. */
const SAME_IOU = 0.5;

/**
 * Of boxes from different pieces: as part of the smaller one. A thing that a
 * piece's edge cuts off is found there too, but only its half.
 */
const SAME_COVER = 0.7;

/** A box over this part of the picture is the scene, not a thing in it. */
const MAX_PICTURE_PART = 0.85;

/** Boxes that are compared with each other: more than things in any picture, few enough for 1 ms. */
const MAX_CANDIDATES = 200;

interface Candidate {
  readonly detection: Detection;
  readonly piece: number;
}

/** One detection for each thing, the surest first. */
export function mergeDetections(
  pieces: readonly PieceResult[],
  labels: readonly (string | null)[],
): Detection[] {
  const candidates = pieces.flatMap(({ area, found }, piece) =>
    found.flatMap(({ label, score, box }): Candidate[] => {
      const name = labels[label] ?? null;
      const whole = name === null ? undefined : inPicture(box, area);
      if (name === null || whole === undefined) return [];
      return [{ detection: { class: name, score, box: whole }, piece }];
    })
  );
  const best = candidates.toSorted((a, b) => b.detection.score - a.detection.score)
    .slice(0, MAX_CANDIDATES);
  const kept: Candidate[] = [];
  for (const candidate of best) {
    if (!kept.some((other) => isSameThing(other, candidate))) kept.push(candidate);
  }
  return kept.map(({ detection }) => detection);
}

/** A box of a piece in fractions of the picture, cut at its edges; undefined for what is no thing. */
function inPicture(box: Box, area: Box): Box | undefined {
  const left = clip(area.x + box.x * area.width);
  const top = clip(area.y + box.y * area.height);
  const width = clip(area.x + (box.x + box.width) * area.width) - left;
  const height = clip(area.y + (box.y + box.height) * area.height) - top;
  if (!(width > 0 && height > 0) || width * height > MAX_PICTURE_PART) return undefined;
  return { x: left, y: top, width, height };
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function isSameThing(a: Candidate, b: Candidate): boolean {
  if (a.detection.class !== b.detection.class) return false;
  const [one, other] = [a.detection.box, b.detection.box];
  if (overlapOf(one, other) >= SAME_IOU) return true;
  if (a.piece === b.piece) return false;
  return sharedArea(one, other) >= SAME_COVER * Math.min(areaOf(one), areaOf(other));
}
