/**
 * Converts the built-in detector's model from TensorFlow Lite to ONNX, with the
 * preparation of the picture put in front: it takes the bytes of a picture as
 * they are. Weights stay in 16-bit numbers, which makes the file half as large;
 * the runtime widens them once, when it loads the model.
 *
 * In:  the model as model_tflite.ts reads it. Out: a graph for model_onnx.ts.
 *
 * TensorFlow keeps pictures as rows of pixels (NHWC), ONNX as planes of colours
 * (NCHW): weights are turned here, and results are turned back before a reshape.
 *
 * @module
 */

import { BuildError } from "./build_error.ts";
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from "./model_onnx.ts";
import type { Activation, TfliteModel, TfliteTensor, TfliteWork } from "./model_tflite.ts";

/** Names of what the converted model takes and gives. */
export interface GraphNames {
  readonly input: string;
  /** In the model's order. */
  readonly outputs: readonly string[];
}

/** @throws {BuildError} If the model has another shape than the converter can turn. */
export function toOnnx(model: TfliteModel, names: GraphNames): OnnxGraph {
  return new Converter(model).convert(names);
}

/** The model wants numbers from -1 to 1 where a picture has 0 to 255. */
const HALF_RANGE = 127.5;

const TO_PLANES = [0, 3, 1, 2] as const;
const TO_PIXELS = [0, 2, 3, 1] as const;

class Converter {
  readonly #model: TfliteModel;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  /** Names of tensors, where a name other than the usual was given. */
  readonly #names = new Map<number, string>();
  /** Tensors of four dimensions that are planes by now. */
  readonly #planes = new Set<number>();

  constructor(model: TfliteModel) {
    this.#model = model;
  }

  convert(names: GraphNames): OnnxGraph {
    const [input = -1] = this.#model.inputs;
    this.#prepare(input, names.input);
    this.#model.outputs.forEach((output, index) => {
      this.#names.set(output, names.outputs[index] ?? `output${index}`);
    });
    for (const { work, inputs, outputs: [output = -1] } of this.#model.operators) {
      this.#add(work, inputs, output);
    }
    return {
      name: "detector",
      nodes: this.#nodes,
      constants: [...this.#constants.values()],
      inputs: [{ name: names.input, type: "uint8", shape: this.#tensor(input).shape }],
      outputs: this.#model.outputs.map((output): OnnxValue => ({
        name: this.#name(output),
        type: "float32",
        shape: this.#tensor(output).shape,
      })),
    };
  }

  /** From bytes, a pixel after the other, to planes of numbers from -1 to 1. */
  #prepare(input: number, name: string): void {
    this.#float("scale", 1 / HALF_RANGE);
    this.#float("one", 1);
    this.#node("Cast", [name], "widened", { to: 1 });
    this.#node("Mul", ["widened", "scale"], "scaled");
    this.#node("Sub", ["scaled", "one"], "centred");
    this.#node("Transpose", ["centred"], this.#name(input), { perm: [...TO_PLANES] });
    this.#planes.add(input);
  }

  #add(work: TfliteWork, inputs: readonly number[], output: number): void {
    switch (work.kind) {
      // Its input, a 16-bit constant, is written where it is used.
      case "dequantize":
        return;
      case "convolution":
        return this.#convolution(work, inputs, output);
      case "add":
        this.#activated("Add", work.activation, inputs.map((each) => this.#name(each)), output);
        this.#planes.add(output);
        return;
      case "reshape":
        return this.#reshape(inputs[0] ?? -1, output);
      case "concatenation":
        return this.#node("Concat", inputs.map((each) => this.#name(each)), this.#name(output), {
          axis: work.axis,
        });
    }
  }

  #convolution(
    work: TfliteWork & { readonly kind: "convolution" },
    [input = -1, weights = -1, bias = -1]: readonly number[],
    output: number,
  ): void {
    const { shape, data } = this.#weights(weights);
    const [outer = 0, height = 0, width = 0, inner = 0] = shape;
    const planes = turned(data, shape, work.isDepthwise ? [3, 0, 1, 2] : TO_PLANES);
    const turnedShape = work.isDepthwise
      ? [inner, outer, height, width]
      : [outer, inner, height, width];
    const inputs = [
      this.#name(input),
      this.#halves(`weights${weights}`, turnedShape, planes),
      this.#halves(`bias${bias}`, this.#weights(bias).shape, this.#weights(bias).data),
    ];
    this.#activated("Conv", work.activation, inputs, output, {
      kernel_shape: [height, width],
      strides: work.strides,
      auto_pad: work.padding === "same" ? "SAME_UPPER" : "VALID",
      group: work.isDepthwise ? inner : 1,
    });
    this.#planes.add(output);
  }

  /** A node and, where it has one, what its activation makes of the result. */
  #activated(
    operator: string,
    activation: Activation,
    inputs: readonly string[],
    output: number,
    attributes: OnnxNode["attributes"] = {},
  ): void {
    const name = this.#name(output);
    if (activation === "none") return this.#node(operator, inputs, name, attributes);
    this.#node(operator, inputs, `${name}_raw`, attributes);
    if (activation === "relu") return this.#node("Relu", [`${name}_raw`], name);
    const limits = [this.#float("zero", 0), this.#float("six", 6)];
    this.#node("Clip", [`${name}_raw`, ...limits], name);
  }

  #reshape(input: number, output: number): void {
    let name = this.#name(input);
    if (this.#planes.has(input)) {
      this.#node("Transpose", [name], `${name}_pixels`, { perm: [...TO_PIXELS] });
      name = `${name}_pixels`;
    }
    const { shape } = this.#tensor(output);
    const data = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
    const shapeName = `shape${shape.join("x")}`;
    this.#constants.set(shapeName, { name: shapeName, type: "int64", shape: [shape.length], data });
    this.#node("Reshape", [name, shapeName], this.#name(output));
  }

  /** The 16-bit constant behind a tensor that is widened at the start. */
  #weights(tensor: number): TfliteTensor {
    const source = this.#model.operators.find(({ work, outputs }) =>
      work.kind === "dequantize" && outputs[0] === tensor
    );
    const found = this.#tensor(source?.inputs[0] ?? tensor);
    if (found.type !== "float16" || found.data.length === 0) {
      throw new BuildError(`Cannot convert "${found.name}": its weights are not in 16 bits`);
    }
    return found;
  }

  /** Adds a constant in 16 bits and the node that widens it; answers the widened one's name. */
  #halves(name: string, shape: readonly number[], data: Uint8Array): string {
    if (!this.#constants.has(name)) {
      this.#constants.set(name, { name, type: "float16", shape, data });
      this.#node("Cast", [name], `${name}_wide`, { to: 1 });
    }
    return `${name}_wide`;
  }

  #float(name: string, value: number): string {
    const data = new Uint8Array(Float32Array.of(value).buffer);
    this.#constants.set(name, { name, type: "float32", shape: [], data });
    return name;
  }

  #node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: OnnxNode["attributes"] = {},
  ): void {
    this.#nodes.push({ operator, inputs, outputs: [output], attributes });
  }

  #name(tensor: number): string {
    return this.#names.get(tensor) ?? `t${tensor}`;
  }

  #tensor(number: number): TfliteTensor {
    const tensor = this.#model.tensors[number];
    if (tensor === undefined) throw new BuildError(`Cannot convert the model: no tensor ${number}`);
    return tensor;
  }
}

/** The 16-bit numbers of a tensor of four dimensions, with its dimensions in another order. */
export function turned(
  data: Uint8Array,
  shape: readonly number[],
  order: readonly number[],
): Uint8Array {
  const from = new Uint16Array(data.slice().buffer);
  const to = new Uint16Array(from.length);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [a = 0, b = 0, c = 0, d = 0] = order.map((axis) => shape[axis] ?? 1);
  const [sa = 0, sb = 0, sc = 0, sd = 0] = order.map((axis) => strides[axis] ?? 0);
  let at = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        for (let l = 0; l < d; l++) to[at++] = from[i * sa + j * sb + k * sc + l * sd] ?? 0;
      }
    }
  }
  return new Uint8Array(to.buffer);
}
