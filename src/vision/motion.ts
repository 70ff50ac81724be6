/**
 * Finds what moves in a camera's pictures.
 *
 * A point moves when it is not as the scene usually is there; points that touch
 * are a thing when there are enough of them and some of them still change, so
 * that neither noise nor what was put down counts. Where the light of the whole
 * picture changes, nothing moves, and the scene is learnt anew.
 *
 * In:   decoded pictures of one camera, in the order of their times, of any size.
 * Out:  boxes of what moves.
 * Not here: what it is (the detector), where to look for it (regions.ts).
 *
 * Pure: time comes with the pictures. Keeps its memory from picture to picture.
 *
 * Design: docs/design/vision.md, "Motion"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box, Polygon } from "../model/vision.ts";
import { type Component, ComponentFinder } from "./components.ts";
import { type GrayGrid, grayGrid, type LumaPicture, readGray } from "./gray.ts";
import { mergeClose } from "./merge_boxes.ts";
import { openPoints } from "./mask.ts";
import { majority, MAJORITY_OF_NINE } from "./motion_majority.ts";
import { Background, type Thresholds } from "./motion_background.ts";
import { isSameScene, LightMeter } from "./motion_light.ts";

/** A picture in which movement is looked for. */
export interface MotionPicture extends LumaPicture {
  readonly atMs: UnixMs;
}

/** What was found in a picture. */
export interface Motion {
  /** The largest first; empty while the scene is being learnt. */
  readonly moving: readonly Box[];
  /** All of the picture was unlike the usual at once. */
  readonly isLightChange: boolean;
}

export interface MotionOptions {
  /** From 0 (only much movement counts) to 1 (the slightest does). */
  readonly sensitivity: number;
  readonly masks: readonly Polygon[];
}

/** Nothing moves so long after the scene was learnt anew, in milliseconds: a camera's exposure follows. */
const SETTLING_MS = 1_000;

/** More than this share of the picture never is a thing. */
const WHOLE_SHARE = 0.6;

/** From this share on, a thing in front and another light are told apart by the scene's edges. */
const LARGE_SHARE = 0.25;

/** After a pause longer than this the scene is taken for another one, in milliseconds. */
const PAUSE_MS = 60_000;

/** A change counts as movement for so long, in milliseconds: who stands sways. */
const FRESH_MS = 1_000;

/** The part of a thing's points that changes while it moves, and their number, at least. */
const STIRRING_SHARE = 0.1;
const FEWEST_STIRRING = 4;

/** Parts of a body that come so close are one thing, as part of the picture's width: 8 of 320. */
const BODY_GAP = 0.025;

/** Boxes told of one picture: rain and snow are not worth more. */
const MOST_BOXES = 20;

/** Time from picture to picture that is assumed at first, and the limits of what is believed. */
const USUAL_INTERVAL_MS = 200;
const INTERVAL_LIMITS_MS = [20, 2_000] as const;

export class MotionFinder {
  readonly #options: MotionOptions;
  #scene: Scene | undefined;

  constructor(options: MotionOptions) {
    this.#options = options;
  }

  /** Finds what moves. A picture of another size begins a new scene. */
  see(picture: MotionPicture): Motion {
    if (!this.#scene?.isFor(picture)) this.#scene = new Scene(grayGrid(picture), this.#options);
    return this.#scene.see(picture);
  }
}

/** The threshold of each point: 12 steps of gray in the middle, 24 and 6 at the ends. */
export function thresholdsOf(sensitivity: number): Thresholds {
  const middle = 0.5 - sensitivity;
  return { level: 12 * 4 ** middle, deviations: 3.5 * 2 ** middle };
}

/** Share of the picture that a thing takes at least: 60 points of 320x180 in the middle, 480 and 8 at the ends. */
export function leastShareOf(sensitivity: number): number {
  return 60 / (320 * 180) * 64 ** (0.5 - sensitivity);
}

/** Movement in pictures of one size. */
class Scene {
  readonly #grid: GrayGrid;
  readonly #open: Uint8Array;
  readonly #openCount: number;
  readonly #leastSize: number;
  readonly #gray: Uint8Array;
  readonly #unusual: Uint8Array;
  readonly #smooth: Uint8Array;
  readonly #background: Background;
  readonly #light = new LightMeter();
  readonly #components: ComponentFinder;
  #lastMs: number | undefined;
  #learntSinceMs = 0;
  #intervalMs = USUAL_INTERVAL_MS;
  #unusualCount = 0;

  constructor(grid: GrayGrid, { sensitivity, masks }: MotionOptions) {
    const points = grid.width * grid.height;
    this.#grid = grid;
    this.#open = openPoints(masks, grid);
    this.#openCount = this.#open.reduce((sum, open) => sum + open, 0);
    this.#leastSize = Math.max(5, Math.round(leastShareOf(sensitivity) * points));
    this.#gray = new Uint8Array(points);
    this.#unusual = new Uint8Array(points);
    this.#smooth = new Uint8Array(points);
    this.#background = new Background(this.#open, thresholdsOf(sensitivity));
    this.#components = new ComponentFinder(grid);
  }

  isFor({ width, height }: LumaPicture): boolean {
    return this.#grid.pictureWidth === width && this.#grid.pictureHeight === height;
  }

  see(picture: MotionPicture): Motion {
    const { atMs } = picture;
    readGray(picture, this.#grid, this.#gray);
    const pauseMs = atMs - (this.#lastMs ?? -Infinity);
    this.#lastMs = atMs;
    // A clock that was put back tells as little as a long pause does.
    if (pauseMs > PAUSE_MS || pauseMs < 0) return this.#restart(atMs, { isLightChange: false });
    this.#follow(pauseMs);
    const mean = this.#background.mean;
    const shift = this.#light.shiftOf(this.#gray, { mean, open: this.#open });
    const isLightChange = this.#isLightChange(shift);
    if (isLightChange) return this.#restart(atMs, { isLightChange });
    const isSettling = atMs - this.#learntSinceMs < SETTLING_MS;
    return { moving: isSettling ? [] : this.#moving(), isLightChange };
  }

  #restart(atMs: number, { isLightChange }: Pick<Motion, "isLightChange">): Motion {
    this.#background.restart(this.#gray);
    this.#learntSinceMs = atMs;
    return { moving: [], isLightChange };
  }

  /** Learns from the picture; tells whether it is the light that has changed. */
  #isLightChange(shift: number): boolean {
    const unusual = this.#unusual;
    const intervalMs = this.#intervalMs;
    const count = this.#background.learn(this.#gray, unusual, { shift, intervalMs });
    this.#unusualCount = count;
    if (count <= this.#openCount * LARGE_SHARE) return false;
    if (count > this.#openCount * WHOLE_SHARE) return true;
    return isSameScene(this.#gray, { mean: this.#background.mean, unusual });
  }

  /** Keeps to the time that usually lies between two pictures. */
  #follow(pauseMs: number): void {
    const [least, most] = INTERVAL_LIMITS_MS;
    const believed = Math.min(most, Math.max(least, pauseMs));
    this.#intervalMs += (believed - this.#intervalMs) / 8;
  }

  #moving(): Box[] {
    // Each point counts for nine at most: noise that can't make up a thing is not looked at.
    if (this.#unusualCount * 9 < this.#leastSize * MAJORITY_OF_NINE) return [];
    majority(this.#unusual, this.#smooth, this.#grid);
    const found = this.#components.find(this.#smooth, {
      marks: this.#background.stirredAt,
      markedFrom: this.#background.freshFrom(FRESH_MS, this.#intervalMs),
      leastSize: this.#leastSize,
    });
    const boxes = found
      .filter(({ size, marked }) => marked >= Math.max(FEWEST_STIRRING, size * STIRRING_SHARE))
      .slice(0, MOST_BOXES)
      .map((component) => this.#toBox(component));
    return mergeClose(boxes, { gap: BODY_GAP, high: this.#high });
  }

  /** Height of the picture in widths. */
  get #high(): number {
    return this.#grid.pictureHeight / this.#grid.pictureWidth;
  }

  #toBox({ left, top, right, bottom }: Component): Box {
    const { step, pictureWidth, pictureHeight } = this.#grid;
    const x = left * step / pictureWidth;
    const y = top * step / pictureHeight;
    return {
      x,
      y,
      width: Math.min(1, right * step / pictureWidth) - x,
      height: Math.min(1, bottom * step / pictureHeight) - y,
    };
  }
}
