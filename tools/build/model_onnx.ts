/**
 * Writes ONNX models: nodes and tensors as plain data in, the file's bytes out.
 * Only what the converter and the tests use of the format.
 *
 * Numbers of fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 *
 * @module
 */

/** Numbers that ONNX gives to types of values. */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int64: 7, float16: 10 } as const;

export type OnnxType = keyof typeof ELEMENT_TYPES;

/** A constant. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** Little-endian numbers. */
  readonly data: Uint8Array;
}

/** What a graph takes or gives. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
}

/** One operation. Attributes are whole numbers, lists of them, or texts. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[] | string>>;
}

export interface OnnxGraph {
  readonly name: string;
  /** In the order of computing. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Versions of the format and of its operators: old enough for every runtime since 2021. */
const FORMAT_VERSION = 7;
const OPERATORS_VERSION = 13;

/** The file of a graph. The same graph gives the same bytes. */
export function writeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  return message([
    int(1, FORMAT_VERSION),
    text(2, "lookback"),
    field(7, [
      ...graph.nodes.map((node) => field(1, nodeFields(node))),
      text(2, graph.name),
      ...graph.constants.map((tensor) => field(5, tensorFields(tensor))),
      ...graph.inputs.map((value) => field(11, valueFields(value))),
      ...graph.outputs.map((value) => field(12, valueFields(value))),
    ]),
    field(8, [text(1, ""), int(2, OPERATORS_VERSION)]),
  ]);
}

type Bytes = Uint8Array<ArrayBufferLike>;

function nodeFields({ operator, inputs, outputs, attributes = {} }: OnnxNode): Bytes[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => field(5, attributeFields(name, value))),
  ];
}

function attributeFields(name: string, value: number | readonly number[] | string): Bytes[] {
  if (typeof value === "number") return [text(1, name), int(3, value), int(20, 2)];
  if (typeof value === "string") return [text(1, name), text(4, value), int(20, 3)];
  return [text(1, name), ...value.map((each) => int(8, each)), int(20, 7)];
}

function tensorFields({ name, type, shape, data }: OnnxTensor): Bytes[] {
  return [
    ...shape.map((size) => int(1, size)),
    int(2, ELEMENT_TYPES[type]),
    text(8, name),
    bytes(9, data),
  ];
}

function valueFields({ name, type, shape }: OnnxValue): Bytes[] {
  const sizes = shape.map((size) => field(1, [int(1, size)]));
  const tensorType = field(1, [int(1, ELEMENT_TYPES[type]), field(2, sizes)]);
  return [text(1, name), field(2, [tensorType])];
}

// Protocol Buffers: a number and a kind before each field, https://protobuf.dev/programming-guides/encoding/

function int(number: number, value: number): Bytes {
  return message([varint(number << 3), varint(value)]);
}

function text(number: number, value: string): Bytes {
  return bytes(number, new TextEncoder().encode(value));
}

function field(number: number, fields: readonly Bytes[]): Bytes {
  return bytes(number, message(fields));
}

function bytes(number: number, value: Bytes): Bytes {
  return message([varint((number << 3) | 2), varint(value.length), value]);
}

/** Seven bits a byte, the lowest first; -1 and below take ten bytes. */
function varint(value: number): Bytes {
  const digits: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  while (left > 0x7fn) {
    digits.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  return Uint8Array.from([...digits, Number(left)]);
}

function message(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
