import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { OperatorError } from "../../src/base/errors.ts";
import { lowestScore } from "../../src/vision/model_description.ts";
import { readModelFolder } from "../../src/vision/model_folder.ts";
import { inputTensor } from "../../src/vision/model_input.ts";
import { readModelJson } from "../../src/vision/model_json.ts";
import { tempFolder } from "../support/temp_folder.ts";

const YOLOX = {
  input: { name: "images", width: 416, height: 416, order: "bgr" },
  decoder: "yolox",
  labels: ["Person", null, "vehicle"],
  scores: { default: 0.3, person: 0.4 },
};

function read(value: unknown) {
  return readModelJson(JSON.stringify(value), "/models/yard/model.json");
}

Deno.test("readModelJson() fills in what most models have", () => {
  deepStrictEqual(read(YOLOX), {
    input: {
      name: "images",
      width: 416,
      height: 416,
      layout: "nchw",
      order: "bgr",
      type: "float32",
      mean: [0, 0, 0],
      std: [1, 1, 1],
      fit: "letterbox",
    },
    decoder: "yolox",
    outputs: ["output"],
    labels: ["person", null, "vehicle"],
    scores: { default: 0.3, byClass: { person: 0.4 } },
  });
});

const MISTAKES = [
  { name: "text that is no JSON", text: "{", place: "JSON" },
  {
    name: "a decoder that there is not",
    text: JSON.stringify({ ...YOLOX, decoder: "yolov8" }),
    place: "decoder",
  },
  {
    name: "a side that can't be",
    text: JSON.stringify({ ...YOLOX, input: { ...YOLOX.input, width: 0 } }),
    place: "input.width",
  },
  {
    name: "a misspelt key",
    text: JSON.stringify({ ...YOLOX, input: { ...YOLOX.input, layuot: "nhwc" } }),
    place: "input",
  },
  {
    name: "too few names of outputs",
    text: JSON.stringify({ ...YOLOX, decoder: "ssd", outputs: ["boxes"] }),
    place: "outputs",
  },
  {
    name: "division by nothing",
    text: JSON.stringify({ ...YOLOX, input: { ...YOLOX.input, std: [1, 0, 1] } }),
    place: "input.std.1",
  },
] as const;

for (const { name, text, place } of MISTAKES) {
  Deno.test(`readModelJson() names the place of ${name}`, () => {
    throws(() => readModelJson(text, "/models/yard/model.json"), (error) => {
      ok(error instanceof OperatorError);
      strictEqual(error.code, "model-invalid");
      ok(error.message.includes("/models/yard/model.json"));
      deepStrictEqual(Object.keys(error.advice.found ?? {}), [place]);
      return true;
    });
  });
}

Deno.test("readModelFolder() names every file that is missing", async () => {
  await using folder = await tempFolder();
  await rejects(readModelFolder(folder.path), (error) => {
    ok(error instanceof OperatorError);
    deepStrictEqual(Object.keys(error.advice.found ?? {}), ["model.json", "model.onnx"]);
    return true;
  });
  await Deno.writeTextFile(join(folder.path, "model.json"), JSON.stringify(YOLOX));
  await Deno.writeTextFile(join(folder.path, "model.onnx"), "");
  const { path, description } = await readModelFolder(folder.path);
  strictEqual(path, join(folder.path, "model.onnx"));
  strictEqual(description.decoder, "yolox");
});

Deno.test("lowestScore() takes the settings' word before the model's", () => {
  const scores = { default: 0.3, byClass: { person: 0.4 } };
  strictEqual(lowestScore("person", scores, { person: 0.2 }), 0.2);
  strictEqual(lowestScore("person", scores, {}), 0.4);
  strictEqual(lowestScore("dog", scores, { person: 0.2 }), 0.3);
  strictEqual(lowestScore("constructor", scores, {}), 0.3);
});

const RGB = Uint8Array.of(10, 20, 30, 40, 50, 60);
const TWO_PIXELS = {
  name: "x",
  width: 2,
  height: 1,
  layout: "nchw",
  order: "bgr",
  type: "float32",
  mean: [30, 20, 10],
  std: [10, 10, 10],
  fit: "stretch",
} as const;

Deno.test("inputTensor() makes planes in the model's order, with mean and deviation taken out", () => {
  deepStrictEqual(inputTensor(RGB, TWO_PIXELS), {
    type: "float32",
    data: Float32Array.of(0, 3, 0, 3, 0, 3),
    shape: [1, 3, 1, 2],
  });
});

Deno.test("inputTensor() passes bytes on where the model wants a picture as it is", () => {
  const asIs = { ...TWO_PIXELS, layout: "nhwc", order: "rgb", type: "uint8" } as const;
  strictEqual(inputTensor(RGB, asIs).data, RGB);
  deepStrictEqual(
    inputTensor(RGB, { ...asIs, order: "bgr" }).data,
    Uint8Array.of(30, 20, 10, 60, 50, 40),
  );
});
