/**
 * Models in the real runtime: a tiny one, and the built-in one on made pictures.
 * What the latter sees in films of people and cars is measured by hand
 * (bench/detector_quality.ts): no such film is in the repository.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { OperatorError } from "../../src/base/errors.ts";
import { unixMs } from "../../src/base/units.ts";
import type { Picture } from "../../src/vision/detector.ts";
import type { DetectorModel } from "../../src/vision/detector_messages.ts";
import { DetectorProcess } from "../../src/vision/detector_process.ts";
import { BUILTIN_MODEL } from "../../src/vision/model_builtin.ts";
import { ModelDetector } from "../../src/vision/model_detector.ts";
import { readModelFolder } from "../../src/vision/model_folder.ts";
import { adviceFor, detectorUnavailable } from "../../src/vision/native_library.ts";
import { detectorFiles } from "../support/detector_files.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { redModel, TINY_SIDE } from "../support/tiny_models.ts";

const files = await detectorFiles();
const ignore = !files.isThere;
const bindingPath = files.isThere ? files.bindingPath : "";

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

const TINY_JSON = {
  input: { name: "images", width: TINY_SIDE, height: TINY_SIDE, fit: "stretch" },
  decoder: "end-to-end",
  labels: ["nothing", "red"],
};

/** A folder with the tiny model, described so. */
async function tinyModel(folder: string, json: unknown = TINY_JSON): Promise<DetectorModel> {
  await Deno.writeFile(join(folder, "model.onnx"), redModel());
  await Deno.writeTextFile(join(folder, "model.json"), JSON.stringify(json));
  const { path, description } = await readModelFolder(folder);
  return { bindingPath, modelPath: path, description };
}

/** One colour. */
function plain([y, u, v]: readonly [number, number, number]): Picture {
  const [width, height] = [64, 32];
  const yuv = new Uint8Array(width * height * 3 / 2);
  yuv.fill(y, 0, width * height);
  yuv.fill(u, width * height, width * height * 5 / 4);
  yuv.fill(v, width * height * 5 / 4);
  return { cameraId: "front", width, height, yuv, atMs: unixMs(1) };
}

const RED = [81, 90, 240] as const;
const BLACK = [16, 128, 128] as const;

Deno.test({
  name:
    "ModelDetector runs a model of one's own in a process and answers in the picture's fractions",
  ignore,
  async fn() {
    await using folder = await tempFolder();
    const detector = new ModelDetector({
      findModel: () => tinyModel(folder.path),
      workers: 1,
      clock: systemClock,
    });
    await detector.opened;
    strictEqual(detector.problem, undefined);
    const region = { x: 0.5, y: 0, width: 0.5, height: 0.5 };
    const [found, ...others] = await detector.detect(plain(RED), [region]) ?? [];
    deepStrictEqual(others, []);
    strictEqual(found?.class, "red");
    ok(found.score > 0.99, `${found.score}`);
    deepStrictEqual(found.box, { x: 0.625, y: 0.125, width: 0.25, height: 0.25 });
    deepStrictEqual(await detector.detect(plain(BLACK), [WHOLE]), []);
    await detector.close();
  },
});

Deno.test({
  name:
    "ModelDetector outlives a crash of its native code: nobody looks, then another process does",
  ignore,
  async fn() {
    await using folder = await tempFolder();
    const detector = new ModelDetector({
      findModel: () => tinyModel(folder.path),
      workers: 2,
      clock: systemClock,
    });
    await detector.opened;
    const look = (cameraId: string) => detector.detect({ ...plain(RED), cameraId }, [WHOLE]);
    const both = await Promise.all([look("front"), look("yard")]);
    deepStrictEqual(both.map((found) => found?.length), [1, 1]);
    // Stopped, so that it can't answer before it crashes.
    Deno.kill(detector.pid!, "SIGSTOP");
    const crashed = look("front");
    // As a failed assertion of native code ends it.
    for (const signal of ["SIGABRT", "SIGCONT"] as const) Deno.kill(detector.pid!, signal);
    strictEqual(await crashed, null);
    const again = async () => (await look("front"))?.length === 1;
    await until(again, { limitMs: 20_000, what: "another process" });
    strictEqual(detector.counters.restarts, 1);
    await detector.close();
  },
});

const MISFITS = [
  {
    name: "another input name",
    json: { ...TINY_JSON, input: { ...TINY_JSON.input, name: "picture" } },
    place: "input.name",
  },
  {
    name: "another size",
    json: { ...TINY_JSON, input: { ...TINY_JSON.input, width: 64 } },
    place: "input",
  },
  { name: "another output name", json: { ...TINY_JSON, outputs: ["boxes"] }, place: "outputs.0" },
  {
    name: "another decoder",
    json: { ...TINY_JSON, decoder: "yolox" },
    place: "yolox output output",
  },
  {
    name: "another type",
    json: { ...TINY_JSON, input: { ...TINY_JSON.input, type: "uint8" } },
    place: "a first run",
  },
] as const;

for (const { name, json, place } of MISFITS) {
  Deno.test({
    name: `ModelDetector says what does not fit: ${name} than the model has`,
    ignore,
    async fn() {
      await using folder = await tempFolder();
      const model = await tinyModel(folder.path, json);
      const child = new DetectorProcess({
        model,
        lines: 1,
        clock: systemClock,
        onLine: () => {},
        onLineGone: () => {},
      });
      await rejects(child.ready, (error) => {
        ok(error instanceof OperatorError);
        strictEqual(error.code, "model-invalid");
        deepStrictEqual(Object.keys(error.advice.found ?? {}), [place]);
        return true;
      });
      await child.close();
    },
  });
}

Deno.test("ModelDetector without its files says so, and answers that nobody looked", async () => {
  const detector = new ModelDetector({
    findModel: () => Promise.reject(detectorUnavailable({ "/srv/data/bin": "read-only" })),
    workers: 1,
    clock: systemClock,
  });
  await detector.opened;
  strictEqual(detector.problem?.code, "detector-unavailable");
  strictEqual(await detector.detect(plain(RED), [WHOLE]), null);
  await detector.close();
});

Deno.test("ModelDetector says what to do about a library that does not load", async () => {
  await using folder = await tempFolder();
  const bad = join(folder.path, "onnxruntime_binding.node");
  await Deno.writeTextFile(bad, "no library");
  const detector = new ModelDetector({
    findModel: () =>
      Promise.resolve({ bindingPath: bad, modelPath: bad, description: BUILTIN_MODEL }),
    workers: 1,
    clock: systemClock,
  });
  await detector.opened;
  strictEqual(detector.problem?.code, "detector-unavailable");
  ok(detector.problem.toText().includes("remove that file"), detector.problem.toText());
  await detector.close();
});

const LOADER_SAYS = [
  {
    says: "libstdc++.so.6: cannot open shared object file",
    advice: /apt-get install libstdc\+\+6/,
  },
  { says: "x.so: failed to map segment from shared object", advice: /noexec/ },
  { says: "version `GLIBC_2.27' not found", advice: /glibc 2\.27/ },
] as const;

for (const { says, advice } of LOADER_SAYS) {
  Deno.test(`adviceFor() knows "${says}"`, () => {
    ok(advice.test(adviceFor(says)[0] ?? ""));
  });
}

/** A room with a bright thing in it, the same each time. */
function room(): Picture {
  const [width, height] = [640, 360];
  const yuv = new Uint8Array(width * height * 3 / 2).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isThing = x > 280 && x < 340 && y > 100 && y < 280;
      yuv[y * width + x] = isThing ? 200 : 60 + (x * 7 + y * 13) % 32;
    }
  }
  return { cameraId: "front", width, height, yuv, atMs: unixMs(1) };
}

/** A run takes 10 ms; a busy machine takes longer, a runtime that fell back to something else 50 times. */
const SLOW_MS = 500;

Deno.test({
  name: "the built-in model looks at three regions alike each time, in bounds and in time",
  ignore,
  async fn() {
    const modelPath = files.isThere ? files.modelPath : "";
    const detector = new ModelDetector({
      findModel: () => Promise.resolve({ bindingPath, modelPath, description: BUILTIN_MODEL }),
      workers: 1,
      clock: systemClock,
    });
    await detector.opened;
    const regions = [0, 0.25, 0.5].map((x) => ({ x, y: 0.2, width: 0.5, height: 0.5 }));
    const lowest = Object.fromEntries(
      BUILTIN_MODEL.labels.filter((name) => name !== null).map((name) => [name, 0.05]),
    );
    const first = await detector.detect(room(), regions, lowest);
    ok(first !== null && first.length > 0, "a floor of 0.05 lets something through");
    for (const { class: name, score, box } of first) {
      ok(BUILTIN_MODEL.labels.includes(name), name);
      ok(score >= 0.05 && score <= 1, `${score}`);
      ok(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0, JSON.stringify(box));
      ok(box.x + box.width <= 1 + 1e-9 && box.y + box.height <= 1 + 1e-9, JSON.stringify(box));
    }
    deepStrictEqual(await detector.detect(room(), regions, lowest), first);
    ok(detector.counters.lastMs < 3 * SLOW_MS, `${detector.counters.lastMs} ms`);
    await detector.close();
  },
});
