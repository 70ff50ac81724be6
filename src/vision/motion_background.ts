/**
 * What a scene looks like while nothing moves in it: for each point the running
 * mean and how far it usually is from it. Says which points of a picture are not
 * as usual, and learns from the picture.
 *
 * Learning goes by time, not by pictures, so every rate behaves the same. What is
 * unusual is learnt slowly, so that a visitor does not become part of the scene;
 * what is unusual and has stopped changing is learnt at once after a while, so
 * that a parked car does.
 *
 * In:   gray pictures (gray.ts). Out: a byte for each point, and how many there are.
 * Not here: light that changes everywhere (motion_light.ts), what points add up
 * to (motion.ts).
 *
 * Pure. Keeps its memory from picture to picture.
 *
 * Design: docs/design/vision.md, "Motion"
 *
 * @module
 */

/** A scene is learnt anew within this time to two thirds, in milliseconds. */
const LEARN_MS = 10_000;

/** At most this part of what is new is learnt from one picture, whatever the rate. */
const MOST_LEARNT = 0.2;

/** What is unusual is learnt this many times more slowly. */
const UNUSUAL_SLOWER = 4;

/** Distance from the mean that is usual at first, in steps of gray: a camera's noise by day. */
const FIRST_DEVIATION = 5;

/** Pictures from which a scene is known: the mean of so many does not run after each of them. */
const LEARNING_PICTURES = 30;

/**
 * What is unusual but does not change belongs to the scene after this time, in
 * milliseconds: longer than a walker stops to look for a key.
 */
const SETTLES_AFTER_MS = 6_000;

/** A change from one picture to the next that is no noise: steps of gray, and times the usual. */
const STIR_LEVEL = 10;
const STIR_DEVIATIONS = 4.5;

/** From here on the pictures since a change are not counted: they have one byte. */
const MOST_QUIET = 255;

/** How unlike the usual a point has to be. */
export interface Thresholds {
  /** Steps of gray, at least. */
  readonly level: number;
  /** Times the usual distance from the mean, at least. */
  readonly deviations: number;
}

export class Background {
  /** Nonzero where movement counts. */
  readonly #open: Uint8Array;
  readonly #thresholds: Thresholds;
  readonly #mean: Float32Array;
  readonly #deviation: Float32Array;
  readonly #before: Uint8Array;
  /** Pictures since the point last changed from one to the next. */
  readonly #quiet: Uint8Array;
  #pictures = 0;

  constructor(open: Uint8Array, thresholds: Thresholds) {
    this.#open = open;
    this.#thresholds = thresholds;
    this.#mean = new Float32Array(open.length);
    this.#deviation = new Float32Array(open.length);
    this.#before = new Uint8Array(open.length);
    this.#quiet = new Uint8Array(open.length);
  }

  /** The mean of each point. */
  get mean(): Float32Array {
    return this.#mean;
  }

  /** Pictures that the scene was learnt from; 0 where it is not known at all. */
  get pictures(): number {
    return this.#pictures;
  }

  /** Forgets the scene and begins with this picture. */
  restart(gray: Uint8Array): void {
    this.#mean.set(gray);
    this.#deviation.fill(FIRST_DEVIATION);
    this.#before.set(gray);
    this.#quiet.fill(MOST_QUIET);
    this.#pictures = 1;
  }

  /**
   * Finds what is unusual in a picture and learns from it.
   *
   * @param out.unusual A byte for each point, written: 1 where it is unusual.
   * @param out.stirring The same: 1 where it changed within the last `freshMs`.
   * @param how.shift What the whole picture is brighter by than the mean, in steps of gray.
   * @param how.intervalMs From the picture before to this one.
   * @returns How many points are unusual.
   */
  learn(
    gray: Uint8Array,
    { unusual, stirring }: { readonly unusual: Uint8Array; readonly stirring: Uint8Array },
    how: { readonly shift: number; readonly intervalMs: number; readonly freshMs: number },
  ): number {
    const { shift, intervalMs } = how;
    const usualRate = this.#rate(intervalMs);
    const unusualRate = usualRate / UNUSUAL_SLOWER;
    const settled = picturesIn(SETTLES_AFTER_MS, intervalMs);
    const fresh = picturesIn(how.freshMs, intervalMs);
    const { level, deviations } = this.#thresholds;
    const open = this.#open;
    const mean = this.#mean;
    const deviation = this.#deviation;
    const before = this.#before;
    const quiet = this.#quiet;
    let count = 0;
    for (let at = 0; at < gray.length; at += 1) {
      const value = gray[at]!;
      const usual = mean[at]!;
      const spread = deviation[at]!;
      const change = Math.abs(value - before[at]!);
      let calm = quiet[at]!;
      if (change > STIR_LEVEL && change > spread * STIR_DEVIATIONS) calm = 0;
      else if (calm < MOST_QUIET) calm += 1;
      quiet[at] = calm;
      stirring[at] = calm < fresh ? 1 : 0;
      const difference = value - usual;
      const distance = Math.abs(difference - shift);
      if (distance > level && distance > spread * deviations && open[at] === 1) {
        count += 1;
        unusual[at] = 1;
        mean[at] = calm >= settled ? value : usual + difference * unusualRate;
        // Twice the threshold at most: a white van must not blind a point for minutes.
        const counted = Math.min(distance, 2 * Math.max(level, spread * deviations));
        deviation[at] = spread + (counted - spread) * unusualRate;
      } else {
        unusual[at] = 0;
        mean[at] = usual + difference * usualRate;
        deviation[at] = spread + (distance - spread) * usualRate;
      }
    }
    before.set(gray);
    this.#pictures += 1;
    return count;
  }

  /** The part of a picture that is learnt: the first ones count alike, later ones by their time. */
  #rate(intervalMs: number): number {
    const lasting = Math.min(MOST_LEARNT, intervalMs / LEARN_MS);
    return this.#pictures < LEARNING_PICTURES
      ? Math.max(lasting, 1 / (this.#pictures + 1))
      : lasting;
  }
}

/** Pictures in a time, as many as can be counted. */
function picturesIn(ms: number, intervalMs: number): number {
  return Math.min(MOST_QUIET, Math.max(2, Math.round(ms / Math.max(1, intervalMs))));
}
