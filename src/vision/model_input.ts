/**
 * Turns the bytes of a picture into what a model takes: another order of colours,
 * planes instead of pixels, numbers with a fraction.
 *
 * @module
 */

import type { ModelInput } from "./model_description.ts";

/** Data and shape of a model's input. */
export interface InputTensor {
  readonly type: "uint8" | "float32";
  readonly data: Uint8Array | Float32Array;
  readonly shape: readonly number[];
}

/** The input for one picture; what needs no change is passed on, not copied. */
export function inputTensor(rgb: Uint8Array, input: ModelInput): InputTensor {
  const { width, height, layout, order, type } = input;
  const shape = layout === "nhwc" ? [1, height, width, 3] : [1, 3, height, width];
  if (type === "uint8" && layout === "nhwc" && order === "rgb") return { type, data: rgb, shape };
  const pixels = width * height;
  const data = type === "uint8" ? new Uint8Array(3 * pixels) : new Float32Array(3 * pixels);
  for (let colour = 0; colour < 3; colour++) {
    const from = order === "rgb" ? colour : 2 - colour;
    const values = valuesOf(input, colour);
    const step = layout === "nhwc" ? 3 : 1;
    let at = layout === "nhwc" ? colour : colour * pixels;
    for (let index = from; index < rgb.length; index += 3, at += step) {
      data[at] = values[rgb[index]!]!;
    }
  }
  return { type, data, shape };
}

/** What each value of a colour becomes. */
function valuesOf({ type, mean, std }: ModelInput, colour: number): Float32Array {
  return Float32Array.from(
    { length: 256 },
    (_, value) => type === "uint8" ? value : (value - mean[colour]!) / std[colour]!,
  );
}
