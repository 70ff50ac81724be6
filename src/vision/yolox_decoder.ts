/**
 * Reads what YOLOX gives: for each cell of three grids a box, how sure it is that
 * there is something, and how sure of each class.
 *
 * In:   the output [1, N, 5 + C] as YOLOX exports it (offsets raw, scores from 0
 *       to 1). Out: boxes whose score is high enough.
 *
 * @module
 */

import type { RawDetection } from "./detector_boxes.ts";

/** Pixels of a cell on each grid, in the output's order. */
const STRIDES = [8, 16, 32] as const;

interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** How many boxes the output has for an input. */
export function yoloxCount({ width, height }: InputSize): number {
  return STRIDES.reduce((sum, stride) => sum + (width / stride | 0) * (height / stride | 0), 0);
}

/** Boxes with a score of at least `floor`, each with its likeliest class. */
export function decodeYolox(output: Float32Array, input: InputSize, floor: number): RawDetection[] {
  const perBox = output.length / yoloxCount(input);
  const found: RawDetection[] = [];
  let at = 0;
  for (const stride of STRIDES) {
    const columns = input.width / stride | 0;
    const cells = columns * (input.height / stride | 0);
    for (let cell = 0; cell < cells; cell++, at += perBox) {
      const sureness = output[at + 4]!;
      if (sureness < floor) continue;
      const { label, score } = likeliest(output.subarray(at + 5, at + perBox));
      if (sureness * score < floor) continue;
      const width = Math.exp(output[at + 2]!) * stride / input.width;
      const height = Math.exp(output[at + 3]!) * stride / input.height;
      const x = (output[at]! + cell % columns) * stride / input.width;
      const y = (output[at + 1]! + (cell / columns | 0)) * stride / input.height;
      const box = { x: x - width / 2, y: y - height / 2, width, height };
      found.push({ label, score: sureness * score, box });
    }
  }
  return found;
}

function likeliest(scores: Float32Array): { readonly label: number; readonly score: number } {
  let label = 0;
  for (let index = 1; index < scores.length; index++) {
    if (scores[index]! > scores[label]!) label = index;
  }
  return { label, score: scores[label] ?? 0 };
}
