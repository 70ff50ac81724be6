/**
 * Where a thing is, how large and how fast, out of boxes that jump a little: a
 * filter that expects constant velocity, and forgets it where it is not told for long.
 *
 * Pure.
 *
 * @module
 */

import type { Box } from "../model/vision.ts";

/** How far the state goes along with a new box: a detector's boxes jump by a tenth of their size. */
const PLACE_GAIN = 0.7;
const SIZE_GAIN = 0.4;
const VELOCITY_GAIN = 0.5;

/** A velocity is believed for about so long, in milliseconds: people turn, cars stop. */
const COASTING_MS = 1_000;

/** A shorter time between two boxes would make a velocity of their jumping, in milliseconds. */
const LEAST_STEP_MS = 50;

/** A thing stands still below this speed, in its own size: boxes of one that does jump a little. */
const REST_PER_SECOND = 0.4;

/** Height of a picture in widths, for distances: near enough for every shape of picture. */
const HIGH = 9 / 16;

export class SmoothBox {
  #box: Box;
  #atMs: number;
  /** Middle of the box, per second. */
  #velocity = { x: 0, y: 0 };
  #boxes = 1;

  constructor(box: Box, atMs: number) {
    this.#box = box;
    this.#atMs = atMs;
  }

  get box(): Box {
    return this.#box;
  }

  /** Where it should be at a time that is not before the last box. */
  at(atMs: number): Box {
    const sinceMs = Math.max(0, atMs - this.#atMs);
    const seconds = COASTING_MS / 1_000 * (1 - Math.exp(-sinceMs / COASTING_MS));
    const { x, y, ...size } = this.#box;
    return { x: x + this.#velocity.x * seconds, y: y + this.#velocity.y * seconds, ...size };
  }

  /** Whether it stood still when it was last seen. */
  get isAtRest(): boolean {
    const { x, y } = this.#velocity;
    return Math.hypot(x, y * HIGH) < REST_PER_SECOND * sizeOf(this.#box);
  }

  /** Goes along with a new box. `trust` below 1 is for boxes of movement, which are rougher. */
  follow(box: Box, { atMs, trust }: { readonly atMs: number; readonly trust: number }): void {
    const expected = this.at(atMs);
    const seconds = Math.max(LEAST_STEP_MS, atMs - this.#atMs) / 1_000;
    const off = { x: middle(box).x - middle(expected).x, y: middle(box).y - middle(expected).y };
    // Of the second box all is believed: before it, there is no velocity to expect anything of.
    const isSecond = this.#boxes === 1 && trust === 1;
    const gain = isSecond ? 1 : VELOCITY_GAIN * trust;
    this.#velocity.x += off.x * gain / seconds;
    this.#velocity.y += off.y * gain / seconds;
    const place = isSecond ? 1 : PLACE_GAIN * trust;
    const size = SIZE_GAIN * trust;
    const width = expected.width + (box.width - expected.width) * size;
    const height = expected.height + (box.height - expected.height) * size;
    this.#box = {
      x: middle(expected).x + off.x * place - width / 2,
      y: middle(expected).y + off.y * place - height / 2,
      width,
      height,
    };
    this.#atMs = Math.max(atMs, this.#atMs);
    if (trust === 1) this.#boxes += 1;
  }
}

function middle({ x, y, width, height }: Box): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}

/** How far apart the middles of two boxes are, in the size of the first: 1 is a whole thing away. */
export function distanceBetween(a: Box, b: Box): number {
  const across = middle(a).x - middle(b).x;
  const down = (middle(a).y - middle(b).y) * HIGH;
  return Math.hypot(across, down) / sizeOf(a);
}

/** The side of a square that is as large as the box. */
function sizeOf({ width, height }: Box): number {
  return Math.sqrt(Math.max(1e-6, width * height * HIGH));
}

/** How much larger the larger of two boxes is, by area. */
export function growthBetween(a: Box, b: Box): number {
  const ratio = sizeOf(a) / sizeOf(b);
  return Math.max(ratio, 1 / ratio) ** 2;
}
