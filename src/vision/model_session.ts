/**
 * One model, loaded: pieces of a picture in, detections out. Runs in the
 * detector's Worker, because a run of the model blocks its thread.
 *
 * @module
 */

import { Tensor } from "onnxruntime-common";
import { messageOf } from "../base/errors.ts";
import type { Detection } from "../model/vision.ts";
import { mergeDetections, type RawDetection } from "./detector_boxes.ts";
import type { Crop } from "./detector_crop.ts";
import { decodeEndToEnd, ROW } from "./detector_end_to_end.ts";
import { type ModelDescription, modelInvalid } from "./model_description.ts";
import { inputTensor } from "./model_input.ts";
import type { OnnxRuntime, OnnxSession } from "./native_library.ts";
import { SsdDecoder } from "./ssd_decoder.ts";
import { decodeYolox, yoloxCount } from "./yolox_decoder.ts";

/** A thread for each session: two sessions do more on two cores than one session with two threads. */
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1 };

type Decode = (outputs: readonly Float32Array[], floor: number) => RawDetection[];

export class ModelSession implements Disposable {
  readonly #session: OnnxSession;
  readonly #description: ModelDescription;
  readonly #decode: Decode;
  readonly #path: string;

  /** @throws {OperatorError} "model-invalid" if the file is no model, or not as it is described. */
  constructor(runtime: OnnxRuntime, path: string, description: ModelDescription) {
    this.#path = path;
    this.#description = description;
    this.#session = new runtime.InferenceSession();
    try {
      this.#session.loadModel(path, OPTIONS);
    } catch (error) {
      throw modelInvalid(path, { model: messageOf(error) });
    }
    const mistakes = mistakesIn(description, this.#session);
    if (Object.keys(mistakes).length > 0) throw modelInvalid(path, mistakes);
    this.#decode = decoderOf(description);
    this.#tryOnce();
  }

  /**
   * Finds things in pieces of one picture.
   *
   * @param floor Boxes with a lower score are left out before they are compared.
   * @returns Detections in fractions of the picture, the surest first.
   */
  look(crops: readonly Crop[], floor: number): Detection[] {
    const pieces = crops.map(({ rgb, area }) => ({
      area,
      found: this.#decode(this.#run(rgb), floor),
    }));
    return mergeDetections(pieces, this.#description.labels);
  }

  [Symbol.dispose](): void {
    this.#session.dispose();
  }

  #run(rgb: Uint8Array): Float32Array[] {
    const { input, outputs } = this.#description;
    const { type, data, shape } = inputTensor(rgb, input);
    const tensor = type === "uint8"
      ? new Tensor("uint8", data as Uint8Array, shape)
      : new Tensor("float32", data as Float32Array, shape);
    const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
    const results = this.#session.run({ [input.name]: tensor }, fetches, {});
    return outputs.map((name) => {
      const values = results[name]?.data;
      if (values instanceof Float32Array) return values;
      throw modelInvalid(this.#path, { [name]: `gives ${results[name]?.type}, need float32` });
    });
  }

  /** The first run takes several times as long as the others, and shows what does not fit. */
  #tryOnce(): void {
    const { input, outputs, decoder } = this.#description;
    let results: Float32Array[];
    try {
      results = this.#run(new Uint8Array(input.width * input.height * 3));
    } catch (error) {
      throw modelInvalid(this.#path, { "a first run": messageOf(error) });
    }
    const problem = sizeProblem(this.#description, results.map(({ length }) => length));
    if (problem !== undefined) {
      throw modelInvalid(this.#path, { [`${decoder} output ${outputs.join(", ")}`]: problem });
    }
  }
}

/** What the description says that the model does not have. */
function mistakesIn(
  { input, outputs }: ModelDescription,
  { inputMetadata, outputMetadata }: OnnxSession,
): Record<string, string> {
  const found: Record<string, string> = {};
  const own = inputMetadata.find(({ name }) => name === input.name);
  if (own === undefined) {
    found["input.name"] = `found "${input.name}", need one of ${namesOf(inputMetadata)}`;
  } else {
    const { width, height, layout } = input;
    const described = layout === "nhwc" ? [1, height, width, 3] : [1, 3, height, width];
    const differs = own.shape.some((size, axis) => size > 0 && size !== described[axis]);
    if (own.shape.length !== 4 || differs) {
      found["input"] = `found ${layout} of ${described.join(" x ")}, need ${own.shape.join(" x ")}`;
    }
  }
  outputs.forEach((name, index) => {
    if (outputMetadata.some((output) => output.name === name)) return;
    found[`outputs.${index}`] = `found "${name}", need one of ${namesOf(outputMetadata)}`;
  });
  return found;
}

function namesOf(values: readonly { readonly name: string }[]): string {
  return values.map(({ name }) => `"${name}"`).join(", ");
}

function decoderOf({ decoder, input }: ModelDescription): Decode {
  switch (decoder) {
    case "ssd": {
      const ssd = new SsdDecoder(input.width);
      return ([offsets, classes], floor) => ssd.decode(offsets!, classes!, floor);
    }
    case "yolox":
      return ([output], floor) => decodeYolox(output!, input, floor);
    case "end-to-end":
      return ([output], floor) => decodeEndToEnd(output!, input, floor);
  }
}

/** What is wrong with the outputs' sizes; undefined when nothing is. */
export function sizeProblem(
  { decoder, input, labels }: ModelDescription,
  lengths: readonly number[],
): string | undefined {
  const [first = 0, second = 0] = lengths;
  const wanted = (need: number, what: string) => `found ${first} numbers, need ${need} (${what})`;
  switch (decoder) {
    case "ssd": {
      const { count } = new SsdDecoder(input.width);
      if (first !== count * 4) return wanted(count * 4, `${count} boxes of 4`);
      if (second === count * labels.length) return undefined;
      return `found ${second / count} classes, need as many as there are labels (${labels.length})`;
    }
    case "yolox": {
      const boxes = yoloxCount(input);
      const need = boxes * (5 + labels.length);
      return first === need
        ? undefined
        : wanted(need, `${boxes} boxes of 5 and ${labels.length} labels`);
    }
    case "end-to-end":
      return first % ROW === 0 ? undefined : `found ${first} numbers, need rows of ${ROW}`;
  }
}
