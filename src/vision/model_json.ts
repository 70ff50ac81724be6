/**
 * Reads model.json, in which whoever brings a model of their own says what it
 * takes and gives.
 *
 * In:   the text of model.json.
 * Out:  a {@linkcode ModelDescription}, or an error with a line for each mistake.
 * Not here: reading files (model_folder.ts), running the model (model_session.ts).
 *
 * Design: docs/design/vision.md, "Models of your own"
 *
 * @module
 */

import { z } from "zod";
import { messageOf } from "../base/errors.ts";
import { type ModelDescription, modelInvalid } from "./model_description.ts";

/** Where neither the model's description nor the settings say how sure it must be. */
const DEFAULT_SCORE = 0.35;

/** A side of the input beyond this is a slip: it would take seconds a picture. */
const MAX_SIDE = 2_048;

const side = z.int().min(32).max(MAX_SIDE);
const score = z.number().min(0.01).max(1);
const colours = (each: z.ZodNumber, otherwise: number) =>
  z.tuple([each, each, each]).default([otherwise, otherwise, otherwise]);

/** Names of outputs where model.json gives none. */
const OUTPUTS = {
  "ssd": ["boxes", "classes"],
  "yolox": ["output"],
  "end-to-end": ["output"],
} as const;

const MODEL_JSON = z.strictObject({
  input: z.strictObject({
    name: z.string().min(1).default("images"),
    width: side,
    height: side,
    layout: z.enum(["nhwc", "nchw"]).default("nchw"),
    order: z.enum(["rgb", "bgr"]).default("rgb"),
    type: z.enum(["uint8", "float32"]).default("float32"),
    mean: colours(z.number(), 0),
    std: colours(z.number().positive(), 1),
    fit: z.enum(["stretch", "letterbox"]).default("letterbox"),
  }),
  decoder: z.enum(["ssd", "yolox", "end-to-end"]),
  outputs: z.array(z.string().min(1)).optional(),
  labels: z.array(z.string().min(1).toLowerCase().nullable()).min(1),
  scores: z.record(z.string(), score).default({}),
}).refine(
  ({ decoder, outputs }) => outputs === undefined || outputs.length === OUTPUTS[decoder].length,
  {
    path: ["outputs"],
    error: ({ input }) =>
      `need ${
        OUTPUTS[(input as { decoder: keyof typeof OUTPUTS }).decoder].join(", ")
      }, in this order`,
  },
);

/**
 * Reads the text of a model.json.
 *
 * @param path Where it lies, for the error.
 * @throws {OperatorError} "model-invalid", with what is wrong where.
 */
export function readModelJson(text: string, path: string): ModelDescription {
  const { input, decoder, outputs, labels, scores } = checked(text, path);
  const { default: standard = DEFAULT_SCORE, ...byClass } = scores;
  return {
    input,
    decoder,
    outputs: outputs ?? OUTPUTS[decoder],
    labels,
    scores: { default: standard, byClass },
  };
}

function checked(text: string, path: string): z.infer<typeof MODEL_JSON> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw modelInvalid(path, { JSON: messageOf(error) });
  }
  const { success, data, error } = MODEL_JSON.safeParse(value);
  if (success) return data;
  const found = error.issues.map(({ path: place, message }) =>
    [place.map(String).join(".") || "all of it", message] as const
  );
  throw modelInvalid(path, Object.fromEntries(found));
}
