/**
 * Pictures of a textured, noisy scene with things in it, made in memory.
 *
 * @module
 */

import { unixMs } from "../../src/base/units.ts";
import type { Box } from "../../src/model/vision.ts";
import type { MotionPicture } from "../../src/vision/motion.ts";

/** A thing in a picture. */
export interface SceneThing {
  /** In fractions of the picture. */
  readonly box: Box;
  /** How bright it is; things have stripes of 30 more, so that they are seen to move. */
  readonly gray: number;
}

export interface PictureOptions {
  readonly things?: readonly SceneThing[];
  /** The light of the whole picture: `gray × gain + offset`. */
  readonly light?: { readonly gain: number; readonly offset: number };
}

/** Time from picture to picture, in milliseconds: 5 a second. */
const PICTURE_MS = 200;

/** Wall time of the first picture. */
const START_MS = 1_795_293_429_000;

/** A camera's view. The same options give the same pictures. */
export class GrayScene {
  readonly #width: number;
  readonly #height: number;
  readonly #noise: number;
  #pictures = 0;
  #seed = 1;

  constructor({ width = 640, height = 360, noise = 3 }: {
    readonly width?: number;
    readonly height?: number;
    /** The largest distance from what is really there, in steps of gray. */
    readonly noise?: number;
  } = {}) {
    this.#width = width;
    this.#height = height;
    this.#noise = noise;
  }

  /** The next picture. */
  picture({ things = [], light = { gain: 1, offset: 0 } }: PictureOptions = {}): MotionPicture {
    const width = this.#width;
    const height = this.#height;
    const yuv = new Uint8Array(width * height * 3 / 2).fill(128);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const gray = (grayAt(things, x / width, y / height) ?? sceneAt(x, y)) * light.gain +
          light.offset + this.#noise * (2 * this.#random() - 1);
        yuv[y * width + x] = Math.max(16, Math.min(235, Math.round(gray)));
      }
    }
    const atMs = unixMs(START_MS + PICTURE_MS * this.#pictures);
    this.#pictures += 1;
    return { width, height, yuv, atMs };
  }

  /** Fast and always the same; how random it is does not matter. */
  #random(): number {
    this.#seed = (this.#seed * 16_807) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}

/** Tiles of different grays. */
function sceneAt(x: number, y: number): number {
  return 70 + 25 * ((Math.floor(x / 40) * 7 + Math.floor(y / 40) * 13) % 5);
}

function grayAt(things: readonly SceneThing[], x: number, y: number): number | undefined {
  const thing = things.findLast(({ box }) =>
    x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height
  );
  if (thing === undefined) return undefined;
  return thing.gray + (Math.floor((x - thing.box.x) * 100) % 4 < 2 ? 30 : 0);
}
