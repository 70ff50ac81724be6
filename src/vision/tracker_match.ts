/**
 * Decides which detection is which of the things that were seen before.
 *
 * Takes the best pair first, then the best of the rest: with the handful of
 * things in a picture this differs from the best sum over all pairs only where
 * things of one class are on top of each other, and there neither knows.
 *
 * Pure.
 *
 * @module
 */

import type { Box, Detection } from "../model/vision.ts";
import { overlapOf } from "./polygon.ts";
import { distanceBetween, growthBetween } from "./tracker_motion.ts";

/** A thing that was seen before. */
export interface Candidate {
  readonly class: string;
  /** Where it should be by now. */
  readonly box: Box;
  /** Since it was last seen, in milliseconds. */
  readonly unseenMs: number;
  /** It stood still then. */
  readonly isAtRest: boolean;
}

/** Positions in the two lists that were given. */
export interface Pair {
  readonly candidate: number;
  readonly detection: number;
}

/**
 * How far a thing may be from where it should be, in its own size: a runner's
 * second box is a whole width away; and more for each second without a sight,
 * unless it stood still.
 */
const REACH = 1;
const REACH_PER_SECOND = 0.4;
const MOST_REACH = 2;

/** A thing does not grow more than so many times by area: at the picture's edge it soon does. */
const MOST_GROWTH = 6;

/** A box of another class is the same thing only where it covers so much of it. */
const SAME_PLACE = 0.5;

/** Cost of a change of class: a box of the right class is preferred to a nearer one. */
const OTHER_CLASS_COST = 1;

/** Cost of growing e times: place tells more than size. */
const GROWTH_COST = 0.25;

/** Pairs up things and detections, each with at most one of the others. */
export function matchThings(
  candidates: readonly Candidate[],
  detections: readonly Detection[],
): Pair[] {
  const pairs = candidates.flatMap((candidate, index) =>
    detections.flatMap((detection, other) => {
      const cost = costOf(candidate, detection);
      return cost === undefined ? [] : [{ candidate: index, detection: other, cost }];
    })
  ).toSorted((a, b) => a.cost - b.cost);
  const isTaken = { candidate: new Set<number>(), detection: new Set<number>() };
  return pairs.filter(({ candidate, detection }) => {
    if (isTaken.candidate.has(candidate) || isTaken.detection.has(detection)) return false;
    isTaken.candidate.add(candidate);
    isTaken.detection.add(detection);
    return true;
  });
}

/** What is against a pair; undefined where it can't be. */
function costOf(candidate: Candidate, { class: name, box }: Detection): number | undefined {
  const isSame = candidate.class === name;
  if (!isSame && overlapOf(candidate.box, box) < SAME_PLACE) return undefined;
  const unseenSeconds = candidate.isAtRest ? 0 : candidate.unseenMs / 1_000;
  const reach = Math.min(MOST_REACH, REACH + REACH_PER_SECOND * unseenSeconds);
  const distance = distanceBetween(candidate.box, box);
  const growth = growthBetween(candidate.box, box);
  if (distance > reach || growth > MOST_GROWTH) return undefined;
  return distance + GROWTH_COST * Math.log(growth) + (isSame ? 0 : OTHER_CLASS_COST);
}
