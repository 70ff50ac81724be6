/**
 * A model of one's own: a folder with model.onnx and model.json.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { type ModelDescription, modelInvalid } from "./model_description.ts";
import { readModelJson } from "./model_json.ts";

export interface ModelFiles {
  /** Path of the model. */
  readonly path: string;
  readonly description: ModelDescription;
}

/** @throws {OperatorError} "model-invalid" if a file is missing or the description has mistakes. */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
  const path = join(folder, "model.onnx");
  const jsonPath = join(folder, "model.json");
  const found: Record<string, string> = {};
  const noteFault = (name: string) => (error: unknown) => {
    found[name] = messageOf(error);
    return "";
  };
  const text = await Deno.readTextFile(jsonPath).catch(noteFault("model.json"));
  await Deno.stat(path).catch(noteFault("model.onnx"));
  if (Object.keys(found).length > 0) throw modelInvalid(folder, found);
  return { path, description: readModelJson(text, jsonPath) };
}
