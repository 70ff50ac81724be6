import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { BuildError } from "../../tools/build/build_error.ts";
import { toOnnx, turned } from "../../tools/build/model_convert.ts";
import { rootTable } from "../../tools/build/model_flatbuffer.ts";
import { writeOnnx } from "../../tools/build/model_onnx.ts";
import { cutModel, LIBRARY_PACKAGES, MODEL_PACKAGE } from "../../tools/build/model_source.ts";
import {
  readTflite,
  type TfliteModel,
  type TfliteOperator,
  type TfliteTensor,
} from "../../tools/build/model_tflite.ts";

/** A table with a byte (field 0), nothing (field 1), a number (field 2) and a text (field 3). */
function flatbuffer(): Uint8Array {
  const bytes = new Uint8Array(48);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 20, true);
  // The offsets at 4: own length, the table's length, then a place for each of the four fields.
  [12, 16, 4, 0, 8, 12].forEach((value, index) => view.setUint16(4 + index * 2, value, true));
  view.setInt32(20, 16, true);
  bytes[24] = 7;
  view.setInt32(28, -70_000, true);
  view.setUint32(32, 4, true);
  view.setUint32(36, 3, true);
  bytes.set(new TextEncoder().encode("car"), 40);
  return bytes;
}

Deno.test("rootTable() finds fields by number, and has a default for what is left out", () => {
  const table = rootTable(flatbuffer());
  strictEqual(table.byte(0), 7);
  strictEqual(table.int(1, 5), 5);
  strictEqual(table.int(2), -70_000);
  strictEqual(table.text(3), "car");
  strictEqual(table.int(9, 1), 1);
  deepStrictEqual(table.tables(1), []);
});

Deno.test("readTflite() refuses another kind of file", () => {
  throws(() => readTflite(new TextEncoder().encode("PK\x03\x04 no model")), BuildError);
});

Deno.test("turned() puts the dimensions of a tensor in another order", () => {
  const data = new Uint8Array(Uint16Array.of(1, 2, 3, 4, 5, 6).buffer);
  // One row of two pixels with three colours becomes three planes.
  const planes = turned(data, [1, 1, 2, 3], [0, 3, 1, 2]);
  deepStrictEqual([...new Uint16Array(planes.buffer as ArrayBuffer)], [1, 4, 2, 5, 3, 6]);
});

function tensor(
  name: string,
  shape: readonly number[],
  halves: readonly number[] = [],
): TfliteTensor {
  const data = new Uint8Array(Uint16Array.from(halves).buffer);
  return { name, shape, type: halves.length > 0 ? "float16" : "float32", data };
}

function depthwise(inputs: readonly number[], output: number): TfliteOperator {
  return {
    work: {
      kind: "convolution",
      isDepthwise: true,
      strides: [2, 2],
      padding: "same",
      activation: "relu6",
    },
    inputs,
    outputs: [output],
  };
}

const SMALL: TfliteModel = {
  tensors: [
    tensor("picture", [1, 4, 4, 3]),
    tensor("weights", [1, 1, 1, 3], [1, 2, 3]),
    tensor("bias", [3], [4, 5, 6]),
    tensor("wide weights", [1, 1, 1, 3]),
    tensor("wide bias", [3]),
    tensor("half as large", [1, 2, 2, 3]),
    tensor("rows", [1, 4, 3]),
  ],
  inputs: [0],
  outputs: [6],
  operators: [
    { work: { kind: "dequantize" }, inputs: [1], outputs: [3] },
    { work: { kind: "dequantize" }, inputs: [2], outputs: [4] },
    depthwise([0, 3, 4], 5),
    { work: { kind: "reshape" }, inputs: [5], outputs: [6] },
  ],
};

const NAMES = { input: "rgb", outputs: ["boxes"] };

Deno.test("toOnnx() prepares bytes, keeps weights in 16 bits and turns back before a reshape", () => {
  const graph = toOnnx(SMALL, NAMES);
  deepStrictEqual(graph.nodes.map(({ operator }) => operator), [
    ...["Cast", "Mul", "Sub", "Transpose"],
    ...["Cast", "Cast", "Conv", "Clip"],
    ...["Transpose", "Reshape"],
  ]);
  deepStrictEqual(graph.inputs, [{ name: "rgb", type: "uint8", shape: [1, 4, 4, 3] }]);
  deepStrictEqual(graph.outputs, [{ name: "boxes", type: "float32", shape: [1, 4, 3] }]);
  deepStrictEqual(graph.nodes[6]?.attributes, {
    kernel_shape: [1, 1],
    strides: [2, 2],
    auto_pad: "SAME_UPPER",
    group: 3,
  });
  const weights = graph.constants.find(({ name }) => name === "weights3");
  deepStrictEqual([weights?.type, weights?.shape], ["float16", [3, 1, 1, 1]]);
  deepStrictEqual(writeOnnx(graph), writeOnnx(toOnnx(SMALL, NAMES)));
});

Deno.test("toOnnx() refuses weights that are not in 16 bits", () => {
  const operators = SMALL.operators.slice(2);
  throws(() => toOnnx({ ...SMALL, operators }, NAMES), BuildError);
});

Deno.test("writeOnnx() writes the format's fields", () => {
  const bytes = writeOnnx({
    name: "g",
    nodes: [{ operator: "Relu", inputs: ["x"], outputs: ["y"], attributes: { axis: -1 } }],
    constants: [],
    inputs: [{ name: "x", type: "uint8", shape: [300] }],
    outputs: [],
  });
  const hex = bytes.toHex();
  // Format version 7; a node "x", "y", "Relu" with a whole number of ten bytes; operators version 13.
  ok(hex.startsWith("0807"), hex);
  ok(hex.includes("0a01781201792204" + "52656c75"), hex);
  ok(hex.includes("0a0461786973" + "18ffffffffffffffffff01" + "a00102"), hex);
  // The input: one dimension of 300.
  ok(hex.includes("0a0178" + "120b0a09" + "0802" + "1205" + "0a03" + "08ac02"), hex);
  ok(hex.endsWith("42040a00100d"), hex);
});

Deno.test("cutModel() refuses bytes that are not the pinned ones", async () => {
  await rejects(cutModel(new Uint8Array(1_000)), BuildError);
});

Deno.test("every package has an exact version and every file a hash", () => {
  for (const { npmPackage, files } of [MODEL_PACKAGE, ...Object.values(LIBRARY_PACKAGES)]) {
    ok(/@\d+\.\d+\.\d+$/.test(npmPackage), npmPackage);
    for (const { sha256 } of files) ok(/^[0-9a-f]{64}$/.test(sha256), sha256);
  }
});
