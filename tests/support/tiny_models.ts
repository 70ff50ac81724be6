/**
 * ONNX models of a few hundred bytes, for tests that load one.
 *
 * @module
 */

import { type OnnxNode, type OnnxTensor, writeOnnx } from "../../tools/build/model_onnx.ts";

/** Side of the input, in pixels. */
export const TINY_SIDE = 32;

/**
 * A model with one convolution over the whole input. It answers one row: the
 * middle half of the input, the share of red in it as score, class 1.
 *
 * Input "images", float32 [1, 3, 32, 32] of 0 to 255; output "output", [1, 1, 6].
 */
export function redModel(): Uint8Array<ArrayBuffer> {
  const pixels = TINY_SIDE * TINY_SIDE;
  const weights = new Float32Array(6 * 3 * pixels);
  // Row 4 is the score, colour 0 is red.
  weights.fill(1 / (255 * pixels), 4 * 3 * pixels, (4 * 3 + 1) * pixels);
  const bias = Float32Array.of(8, 8, 24, 24, 0, 1);
  const nodes: OnnxNode[] = [
    {
      operator: "Conv",
      inputs: ["images", "weights", "bias"],
      outputs: ["column"],
      attributes: { kernel_shape: [TINY_SIDE, TINY_SIDE], strides: [1, 1] },
    },
    { operator: "Reshape", inputs: ["column", "shape"], outputs: ["output"] },
  ];
  return writeOnnx({
    name: "red",
    nodes,
    constants: [
      floats("weights", [6, 3, TINY_SIDE, TINY_SIDE], weights),
      floats("bias", [6], bias),
      {
        name: "shape",
        type: "int64",
        shape: [3],
        data: new Uint8Array(BigInt64Array.of(1n, 1n, 6n).buffer),
      },
    ],
    inputs: [{ name: "images", type: "float32", shape: [1, 3, TINY_SIDE, TINY_SIDE] }],
    outputs: [{ name: "output", type: "float32", shape: [1, 1, 6] }],
  });
}

function floats(
  name: string,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer>,
): OnnxTensor {
  return { name, type: "float32", shape, data: new Uint8Array(values.buffer) };
}
