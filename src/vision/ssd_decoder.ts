/**
 * Reads what an SSD model gives: how each of its fixed boxes ("anchors") has to
 * be moved and sized, and a number for each class and box.
 *
 * In:   the two raw outputs. Out: boxes whose score is high enough.
 * Not here: thinning (detector_boxes.ts), names of classes.
 *
 * @module
 */

import type { RawDetection } from "./detector_boxes.ts";

/** Centre and size of a fixed box, in fractions of the input. */
interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels between neighbouring centres on each grid of MobileNet SSD, finest first. */
const STRIDES = [16, 32, 64, 128, 256, 512] as const;

/** Sizes of boxes from the finest grid to the coarsest, as part of the input. */
const SMALLEST = 0.2;
const LARGEST = 0.95;
/** On the finest grid a smaller square stands for the two squares of the others. */
const FINEST_SQUARE = 0.1;

/** Box offsets are stretched by these, as in training. */
const CENTRE_SCALE = 10;
const SIZE_SCALE = 5;

/** The fixed boxes of a square input, in the order of the model's outputs. 300 pixels have 1917. */
export function ssdAnchors(inputPixels: number): Anchor[] {
  return STRIDES.flatMap((stride, level) => {
    const cells = Math.ceil(inputPixels / stride);
    const shapes = shapesOf(level);
    return Array.from({ length: cells * cells }, (_, cell) => ({
      x: (cell % cells + 0.5) / cells,
      y: (Math.floor(cell / cells) + 0.5) / cells,
    })).flatMap((centre) => shapes.map((shape) => ({ ...centre, ...shape })));
  });
}

function shapesOf(level: number): { readonly width: number; readonly height: number }[] {
  const scale = scaleOf(level);
  const shape = (size: number, ratio: number) => ({
    width: size * Math.sqrt(ratio),
    height: size / Math.sqrt(ratio),
  });
  if (level === 0) return [shape(FINEST_SQUARE, 1), shape(scale, 2), shape(scale, 1 / 2)];
  const between = Math.sqrt(scale * scaleOf(level + 1));
  return [...[1, 2, 1 / 2, 3, 1 / 3].map((ratio) => shape(scale, ratio)), shape(between, 1)];
}

function scaleOf(level: number): number {
  const steps = STRIDES.length - 1;
  return level > steps ? 1 : SMALLEST + (LARGEST - SMALLEST) * level / steps;
}

/** A decoder for one model. Output 0 has offsets [1, N, 4], output 1 classes [1, N, C]. */
export class SsdDecoder {
  readonly #anchors: readonly Anchor[];

  constructor(inputPixels: number) {
    this.#anchors = ssdAnchors(inputPixels);
  }

  /** How many boxes the outputs must have. */
  get count(): number {
    return this.#anchors.length;
  }

  /** Boxes with a score of at least `floor`; the first class is the background. */
  decode(offsets: Float32Array, classes: Float32Array, floor: number): RawDetection[] {
    const perBox = classes.length / this.#anchors.length;
    // Compared as the model gives it: the sigmoid is worked out only for the few that pass.
    const least = Math.log(floor / (1 - floor));
    const found: RawDetection[] = [];
    for (let index = 0; index < classes.length; index++) {
      const logit = classes[index]!;
      const label = index % perBox;
      if (logit < least || label === 0) continue;
      const score = 1 / (1 + Math.exp(-logit));
      found.push({ label, score, box: this.#box(Math.floor(index / perBox), offsets) });
    }
    return found;
  }

  #box(index: number, offsets: Float32Array): RawDetection["box"] {
    const anchor = this.#anchors[index]!;
    const [y, x, high, wide] = offsets.subarray(index * 4, index * 4 + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const width = Math.exp(wide / SIZE_SCALE) * anchor.width;
    const height = Math.exp(high / SIZE_SCALE) * anchor.height;
    return {
      x: x / CENTRE_SCALE * anchor.width + anchor.x - width / 2,
      y: y / CENTRE_SCALE * anchor.height + anchor.y - height / 2,
      width,
      height,
    };
  }
}
