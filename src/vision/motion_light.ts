/**
 * Light that changes everywhere: how much brighter a whole picture is than usual,
 * and whether much of it is unlike the usual because the light is another one
 * (a lamp, the infrared switch) or because something large stands in front.
 *
 * Pure.
 *
 * @module
 */

/**
 * Every so many points is looked at, for the median and for edges; no divisors of
 * usual widths, so that all columns have their turn.
 */
const MEDIAN_STRIDE = 13;
const EDGE_STRIDE = 7;

/** A step between two points of the scene that is an edge and no noise, in steps of gray. */
const EDGE_LEVEL = 12;

/** Distance of the two points. */
const EDGE_REACH = 2;

/** Fewer edges than this tell nothing. */
const FEWEST_EDGES = 40;

/**
 * The scene's edges are still there when their likeness (1 for equal ones, 0 for
 * unrelated ones) is above this: a thing in front hides them.
 */
const SAME_SCENE = 0.7;

/** Measures light; keeps its memory from picture to picture. */
export class LightMeter {
  readonly #counts = new Int32Array(512);

  /**
   * What a picture is brighter by than the mean, in steps of gray: the median of
   * all points, which a thing that covers less than half of the picture can't move far.
   */
  shiftOf(gray: Uint8Array, { mean, open }: {
    readonly mean: Float32Array;
    readonly open: Uint8Array;
  }): number {
    const counts = this.#counts.fill(0);
    let total = 0;
    for (let at = 0; at < gray.length; at += MEDIAN_STRIDE) {
      if (open[at] === 0) continue;
      // Rounds: the sum is never below 0.
      const step = (gray[at]! - mean[at]! + 255.5) | 0;
      counts[step] = counts[step]! + 1;
      total += 1;
    }
    let seen = 0;
    for (let step = 0; step < counts.length; step += 1) {
      seen += counts[step]!;
      if (seen * 2 > total) return step - 255;
    }
    return 0;
  }
}

/**
 * Whether the unusual points show the scene itself in another light. Where the
 * scene has hardly any edges it can't be told, and the answer is no.
 */
export function isSameScene(
  gray: Uint8Array,
  { mean, unusual }: { readonly mean: Float32Array; readonly unusual: Uint8Array },
): boolean {
  let edges = 0;
  let both = 0;
  let now = 0;
  let usual = 0;
  for (let at = EDGE_REACH; at < gray.length; at += EDGE_STRIDE) {
    if (unusual[at] === 0) continue;
    const usualStep = mean[at]! - mean[at - EDGE_REACH]!;
    const step = gray[at]! - gray[at - EDGE_REACH]!;
    // Edges of a thing that hides the scene count as well: they are what differs.
    if (Math.abs(usualStep) < EDGE_LEVEL && Math.abs(step) < EDGE_LEVEL) continue;
    edges += 1;
    both += usualStep * step;
    now += step * step;
    usual += usualStep * usualStep;
  }
  if (edges < FEWEST_EDGES || now === 0 || usual === 0) return false;
  return both / Math.sqrt(now * usual) > SAME_SCENE;
}
