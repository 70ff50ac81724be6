/**
 * What an inference service answers: checked, and brought to Lookback's form.
 *
 * `{ "detections": [{ "class", "confidence", "x", "y", "width", "height" }] }`, where x
 * and y are the left upper corner. Services differ in what they count in: an
 * answer whose numbers are all 1 or less is in fractions of the picture, any other
 * in its pixels.
 *
 * @module
 */

import { z } from "zod";
import type { Detection } from "../model/vision.ts";

const DETECTION = z.object({
  class: z.string().min(1).max(100).toLowerCase(),
  confidence: z.number().min(0).max(1),
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
});

/** More than that is no answer about one picture. */
const MAX_DETECTIONS = 1_000;

const ANSWER = z.object({ detections: z.array(DETECTION).max(MAX_DETECTIONS) });

/** A hair over 1 is a rounding error; two pixels are not. */
const LARGEST_FRACTION = 1.01;

/**
 * Reads an answer.
 *
 * @param size The picture's, in pixels.
 * @returns Detections in fractions of the picture, the surest first.
 * @throws {Error} If it is not in this form; the message says where.
 */
export function readAnswer(
  text: string,
  size: { readonly width: number; readonly height: number },
): Detection[] {
  const { success, data, error } = ANSWER.safeParse(JSON.parse(text));
  if (!success) {
    const [issue] = error.issues;
    throw new Error(`${issue?.path.map(String).join(".") || "the answer"}: ${issue?.message}`);
  }
  const inPixels = data.detections.some(({ x, y, width, height }) =>
    Math.max(x + width, y + height) > LARGEST_FRACTION
  );
  const [across, down] = inPixels ? [size.width, size.height] : [1, 1];
  return data.detections.flatMap(({ class: name, confidence, x, y, width, height }) => {
    const [left, top] = [clip(x / across), clip(y / down)];
    const box = {
      x: left,
      y: top,
      width: clip((x + width) / across) - left,
      height: clip((y + height) / down) - top,
    };
    return box.width > 0 && box.height > 0 ? [{ class: name, score: confidence, box }] : [];
  }).toSorted((a, b) => b.score - a.score);
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
