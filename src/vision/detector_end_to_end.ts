/**
 * Reads what models give that thin their boxes themselves: rows of left, top,
 * right, bottom (in pixels of the input), score and class.
 *
 * @module
 */

import type { RawDetection } from "./detector_boxes.ts";

/** Numbers in a row. */
export const ROW = 6;

/** Boxes of the output [1, N, 6] with a score of at least `floor`. */
export function decodeEndToEnd(
  output: Float32Array,
  input: { readonly width: number; readonly height: number },
  floor: number,
): RawDetection[] {
  const found: RawDetection[] = [];
  for (let at = 0; at + ROW <= output.length; at += ROW) {
    const score = output[at + 4]!;
    // Rows that are not used are filled with zeros or minus one.
    if (score < floor) continue;
    const left = output[at]! / input.width;
    const top = output[at + 1]! / input.height;
    const box = {
      x: left,
      y: top,
      width: output[at + 2]! / input.width - left,
      height: output[at + 3]! / input.height - top,
    };
    found.push({ label: Math.round(output[at + 5]!), score, box });
  }
  return found;
}
