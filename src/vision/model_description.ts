/**
 * What a detector's model takes and gives: size and order of its input, how its
 * output is read, what its classes are called. The built-in model is described in
 * model_builtin.ts, a model of one's own in its model.json (model_json.ts).
 *
 * @module
 */

import { OperatorError } from "../base/errors.ts";

/** How a picture is brought to the model's size: distorted, or whole with bars at its sides. */
export type Fit = "stretch" | "letterbox";

export interface ModelInput {
  readonly name: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixel after pixel, or a plane for each colour. */
  readonly layout: "nhwc" | "nchw";
  readonly order: "rgb" | "bgr";
  readonly type: "uint8" | "float32";
  /** Taken off each colour, in the model's order, before it is divided by `std`; of 0 to 255. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly fit: Fit;
}

/** Lowest scores that count. */
export interface Scores {
  readonly default: number;
  readonly byClass: Readonly<Record<string, number>>;
}

export interface ModelDescription {
  readonly input: ModelInput;
  /**
   * "ssd": outputs "boxes" [1, N, 4] and "classes" [1, N, C], both raw, class 0 is background.
   * "yolox": one output [1, N, 5 + C]. "end-to-end": one output [1, N, 6] of corners, score, class.
   */
  readonly decoder: "ssd" | "yolox" | "end-to-end";
  /** Names of the outputs, in the order that the decoder wants. */
  readonly outputs: readonly string[];
  /** Class by number; null for what is not wanted. Two numbers may have one name. */
  readonly labels: readonly (string | null)[];
  readonly scores: Scores;
}

/** A model or its description that can't be used. */
export function modelInvalid(path: string, found: Readonly<Record<string, string>>): OperatorError {
  return new OperatorError("model-invalid", `Cannot use "${path}"`, {
    found,
    fix: [
      'correct what is named; docs/design/vision.md, "Models of your own", has every key',
      'or set "vision: { detector: builtin }" in the config file',
    ],
  });
}

/** The lowest score that counts for a class: the settings' word, else the model's. */
export function lowestScore(
  name: string,
  scores: Scores,
  minScore: Readonly<Record<string, number>>,
): number {
  // A service may call a thing "constructor", which every object has.
  const of = (limits: Readonly<Record<string, number>>) =>
    Object.hasOwn(limits, name) ? limits[name] : undefined;
  return of(minScore) ?? of(scores.byClass) ?? scores.default;
}
