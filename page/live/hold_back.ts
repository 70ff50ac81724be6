/**
 * How long a live picture waits for what is seen in it to be known. Pure.
 *
 * Where somebody wants no wait it shows at once, and the boxes over it are the newest
 * that are known of it or of a frame before it.
 *
 * Design: docs/design/page.md, "Live"
 *
 * @module
 */

/** What is seen in a frame is known about this much later. */
export const BOXES_WAIT_MS = 400;

/** What a person wants, and what there is. */
export interface BoxesWish {
  readonly hasBoxes: boolean;
  /** The picture shall wait for its boxes. */
  readonly isInStep: boolean;
  /** Somebody looks at this camera's pictures: there are boxes to wait for. */
  readonly isLookedAt: boolean;
}

/** In milliseconds. */
export function holdBackMs({ hasBoxes, isInStep, isLookedAt }: BoxesWish): number {
  return hasBoxes && isInStep && isLookedAt ? BOXES_WAIT_MS : 0;
}
