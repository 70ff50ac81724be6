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

/**
 * What is usual is learnt so often, in milliseconds, part by part: each part of the picture
 * has its turn, and with 5 pictures a second each picture is half of the work.
 */
const TURN_MS = 400;

/** Parts at most: what is learnt from fewer pictures is not worth less work. */
const MOST_PARTS = 8;

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

/** Pictures of a time that is asked for, at most; a point that never changed has not for so many. */
const MOST_QUIET = 255;

/** Pictures that are counted, at most: more than a year at 25 a second, and half of what has room. */
const MOST_COUNTED = 2 ** 30;

/** How unlike the usual a point has to be. */
export interface Thresholds {
  /** Steps of gray, at least. */
  readonly level: number;
  /** Times the usual distance from the mean, at least. */
  readonly deviations: number;
}

/** What a picture is judged with. */
interface Judging {
  readonly gray: Uint8Array;
  readonly unusual: Uint8Array;
  readonly shift: number;
  /** Its number. */
  readonly picture: number;
  /** The part that is learnt of what is unusual. */
  readonly rate: number;
  /** What last changed in this picture or before belongs to the scene. */
  readonly settledAt: number;
}

export class Background {
  /** Nonzero where movement counts. */
  readonly #open: Uint8Array;
  readonly #thresholds: Thresholds;
  readonly #mean: Float32Array;
  readonly #deviation: Float32Array;
  readonly #before: Uint8Array;
  /**
   * The number of the picture in which the point last changed. Not how long that is ago:
   * this is written where something stirs only, and next to nothing does in a still scene.
   */
  readonly #stirredAt: Int32Array;
  #pictures = 0;

  constructor(open: Uint8Array, thresholds: Thresholds) {
    this.#open = open;
    this.#thresholds = thresholds;
    this.#mean = new Float32Array(open.length);
    this.#deviation = new Float32Array(open.length);
    this.#before = new Uint8Array(open.length);
    this.#stirredAt = new Int32Array(open.length);
  }

  /** The mean of each point. */
  get mean(): Float32Array {
    return this.#mean;
  }

  /** For each point the number of the picture in which it last changed. */
  get stirredAt(): Int32Array {
    return this.#stirredAt;
  }

  /** The number of the first picture of the last `freshMs`, up to the one that was learnt last. */
  freshFrom(freshMs: number, intervalMs: number): number {
    return this.#pictures - picturesIn(freshMs, intervalMs);
  }

  /** Forgets the scene and begins with this picture. */
  restart(gray: Uint8Array): void {
    this.#mean.set(gray);
    this.#deviation.fill(FIRST_DEVIATION);
    this.#before.set(gray);
    this.#countFrom(1);
  }

  /**
   * Finds what is unusual in a picture and learns from it.
   *
   * @param unusual A byte for each point, written: 1 where it is unusual.
   * @param how.shift What the whole picture is brighter by than the mean, in steps of gray.
   * @param how.intervalMs From the picture before to this one.
   * @returns How many points are unusual.
   */
  learn(
    gray: Uint8Array,
    unusual: Uint8Array,
    { shift, intervalMs }: { readonly shift: number; readonly intervalMs: number },
  ): number {
    if (this.#pictures >= MOST_COUNTED) this.#countFrom(LEARNING_PICTURES);
    const picture = this.#pictures;
    const how: Judging = {
      ...{ gray, unusual, shift, picture },
      rate: this.#rate(intervalMs) / UNUSUAL_SLOWER,
      settledAt: picture - picturesIn(SETTLES_AFTER_MS, intervalMs),
    };
    const parts = this.#parts(intervalMs);
    const size = Math.ceil(gray.length / parts);
    const from = picture % parts * size;
    const to = Math.min(gray.length, from + size);
    unusual.fill(0);
    const count = this.#judge(how, 0, from) +
      this.#learnPart(how, { from, to, rate: this.#rate(intervalMs * parts) }) +
      this.#judge(how, to, gray.length);
    this.#before.set(gray);
    this.#pictures += 1;
    return count;
  }

  // The next two loops are most of what vision costs in a still scene. One that learns all
  // that it judges is quicker than two, and what seldom happens stands apart.

  /** Finds what is unusual among the points of a stretch. */
  #judge(how: Judging, from: number, to: number): number {
    const { gray, shift } = how;
    const { level } = this.#thresholds;
    const mean = this.#mean;
    const before = this.#before;
    let count = 0;
    for (let at = from; at < to; at += 1) {
      const value = gray[at]!;
      const isUsual = Math.abs(value - before[at]!) <= STIR_LEVEL &&
        Math.abs(value - mean[at]! - shift) <= level;
      if (!isUsual && this.#isUnusual(at, how)) count += 1;
    }
    return count;
  }

  /** The same; and learns from those that are as usual. */
  #learnPart(
    how: Judging,
    { from, to, rate }: { readonly from: number; readonly to: number; readonly rate: number },
  ): number {
    const { gray, shift } = how;
    const { level } = this.#thresholds;
    const mean = this.#mean;
    const deviation = this.#deviation;
    const before = this.#before;
    let count = 0;
    for (let at = from; at < to; at += 1) {
      const value = gray[at]!;
      const usual = mean[at]!;
      const difference = value - usual;
      const distance = Math.abs(difference - shift);
      const isUsual = Math.abs(value - before[at]!) <= STIR_LEVEL && distance <= level;
      if (!isUsual && this.#isUnusual(at, how)) {
        count += 1;
        continue;
      }
      const spread = deviation[at]!;
      mean[at] = usual + difference * rate;
      deviation[at] = spread + (distance - spread) * rate;
    }
    return count;
  }

  /** Looks closely at a point that may be unusual; learns from it where it is. */
  #isUnusual(at: number, { gray, unusual, shift, picture, rate, settledAt }: Judging): boolean {
    const { level, deviations } = this.#thresholds;
    const value = gray[at]!;
    const usual = this.#mean[at]!;
    const spread = this.#deviation[at]!;
    const change = Math.abs(value - this.#before[at]!);
    if (change > STIR_LEVEL && change > spread * STIR_DEVIATIONS) this.#stirredAt[at] = picture;
    const difference = value - usual;
    const distance = Math.abs(difference - shift);
    if (distance <= level || distance <= spread * deviations || this.#open[at] !== 1) return false;
    unusual[at] = 1;
    this.#mean[at] = this.#stirredAt[at]! <= settledAt ? value : usual + difference * rate;
    // Twice the threshold at most: a white van must not blind a point for minutes.
    const counted = Math.min(distance, 2 * Math.max(level, spread * deviations));
    this.#deviation[at] = spread + (counted - spread) * rate;
    return true;
  }

  /** Parts of the picture that take turns; a new scene is learnt whole from each picture. */
  #parts(intervalMs: number): number {
    if (this.#pictures < LEARNING_PICTURES) return 1;
    return Math.min(MOST_PARTS, Math.max(1, Math.round(TURN_MS / intervalMs)));
  }

  /** Counts pictures from a number on; no point has changed of late. */
  #countFrom(picture: number): void {
    this.#pictures = picture;
    this.#stirredAt.fill(picture - MOST_QUIET);
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
