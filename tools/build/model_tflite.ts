/**
 * Reads a TensorFlow Lite model into plain data: its tensors, and its operators
 * in the order in which they are computed. Knows the six operators of the one
 * model that is built in, and refuses others.
 *
 * Numbers of fields and operators are those of the schema:
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
 *
 * @module
 */

import { BuildError } from "./build_error.ts";
import { type FlatTable, rootTable } from "./model_flatbuffer.ts";

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: "float32" | "float16" | "int32";
  /** Little-endian numbers; empty for what is computed. */
  readonly data: Uint8Array;
}

export type Activation = "none" | "relu" | "relu6";

interface Convolution {
  /** Height, width. */
  readonly strides: readonly [number, number];
  readonly padding: "same" | "valid";
  readonly activation: Activation;
}

export type TfliteWork =
  | { readonly kind: "convolution"; readonly isDepthwise: boolean } & Convolution
  | { readonly kind: "add"; readonly activation: Activation }
  | { readonly kind: "concatenation"; readonly axis: number }
  | { readonly kind: "reshape" }
  | { readonly kind: "dequantize" };

export interface TfliteOperator {
  readonly work: TfliteWork;
  /** Numbers of tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Every file of this format has these letters behind its first four bytes. */
const IDENTIFIER = "TFL3";

/** @throws {BuildError} If it is no such file, or uses what the converter does not know. */
export function readTflite(bytes: Uint8Array): TfliteModel {
  const identifier = new TextDecoder().decode(bytes.subarray(4, 8));
  if (identifier !== IDENTIFIER) {
    throw new BuildError(`Cannot read the model: found "${identifier}", need "${IDENTIFIER}"`);
  }
  const model = rootTable(bytes);
  // The older field has one byte; the newer one counts where it is there.
  const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
  const [graph] = model.tables(2);
  if (graph === undefined) throw new BuildError("Cannot read the model: it has no graph");
  const buffers = model.tables(4);
  return {
    tensors: graph.tables(0).map((tensor) => readTensor(tensor, buffers)),
    inputs: graph.ints(1),
    outputs: graph.ints(2),
    operators: graph.tables(3).map((operator) => ({
      work: readWork(codes[operator.int(0)] ?? -1, operator.table(4)),
      inputs: operator.ints(1),
      outputs: operator.ints(2),
    })),
  };
}

const TENSOR_TYPES: Readonly<Record<number, TfliteTensor["type"]>> = {
  0: "float32",
  1: "float16",
  2: "int32",
};

function readTensor(tensor: FlatTable, buffers: readonly FlatTable[]): TfliteTensor {
  const type = TENSOR_TYPES[tensor.byte(1)];
  if (type === undefined) {
    throw new BuildError(`Cannot read the model: it has a tensor of type ${tensor.byte(1)}`);
  }
  const data = buffers[tensor.int(2)]?.bytes(0) ?? new Uint8Array(0);
  return { name: tensor.text(3), shape: tensor.ints(0), type, data };
}

const READERS: Readonly<Record<number, (options: FlatTable | undefined) => TfliteWork>> = {
  0: (options) => ({ kind: "add", activation: activationOf(options?.byte(0)) }),
  2: (options) => ({ kind: "concatenation", axis: options?.int(0) ?? 0 }),
  3: (options) => ({
    kind: "convolution",
    isDepthwise: false,
    ...convolution(options),
    activation: activationOf(options?.byte(3)),
  }),
  4: (options) => ({
    kind: "convolution",
    isDepthwise: true,
    ...convolution(options),
    activation: activationOf(options?.byte(4)),
  }),
  6: () => ({ kind: "dequantize" }),
  22: () => ({ kind: "reshape" }),
};

function readWork(code: number, options: FlatTable | undefined): TfliteWork {
  const read = READERS[code];
  if (read === undefined) {
    throw new BuildError(`Cannot convert the model: operator ${code} is unknown here`);
  }
  return read(options);
}

function convolution(options: FlatTable | undefined): Omit<Convolution, "activation"> {
  return {
    padding: options?.byte(0) === 1 ? "valid" : "same",
    strides: [options?.int(2, 1) ?? 1, options?.int(1, 1) ?? 1],
  };
}

const ACTIVATIONS: Readonly<Record<number, Activation>> = { 0: "none", 1: "relu", 3: "relu6" };

function activationOf(number = 0): Activation {
  const activation = ACTIVATIONS[number];
  if (activation === undefined) {
    throw new BuildError(`Cannot convert the model: activation ${number} is unknown here`);
  }
  return activation;
}
