import { notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { unixMs } from "../../src/base/units.ts";
import { Detectors } from "../../src/vision/detectors.ts";
import { HttpDetector } from "../../src/vision/http_detector.ts";
import { ModelDetector } from "../../src/vision/model_detector.ts";
import { tempFolder } from "../support/temp_folder.ts";

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };
const PICTURE = {
  cameraId: "front",
  atMs: unixMs(1),
  width: 2,
  height: 2,
  yuv: new Uint8Array(6),
};
const SERVICE = { kind: "http", url: "http://127.0.0.1:1/", timeoutMs: 1_000 } as const;

Deno.test("Detectors gives cameras that want the same detector the same one, and none for movement only", async () => {
  const detectors = new Detectors({ root: "/nowhere", clock: systemClock });
  strictEqual(detectors.share({ kind: "motion" }).detector, undefined);
  const { detector: first } = detectors.share(SERVICE);
  ok(first instanceof HttpDetector);
  strictEqual(detectors.share({ ...SERVICE }).detector, first);
  const other = detectors.share({ ...SERVICE, url: "http://127.0.0.1:2/" });
  notStrictEqual(other.detector, first);
  await detectors.close();
});

Deno.test("Detectors closes a detector when the last camera has given its share back", async () => {
  const detectors = new Detectors({ root: "/nowhere", clock: systemClock });
  const [front, yard] = [detectors.share(SERVICE), detectors.share(SERVICE)];
  await front[Symbol.asyncDispose]();
  await front[Symbol.asyncDispose]();
  const third = detectors.share(SERVICE);
  strictEqual(third.detector, yard.detector);
  await yard[Symbol.asyncDispose]();
  await third[Symbol.asyncDispose]();
  strictEqual(await third.detector!.detect(PICTURE, [WHOLE]), null);
  const later = detectors.share(SERVICE);
  notStrictEqual(later.detector, front.detector);
  await detectors.close();
  await later[Symbol.asyncDispose]();
});

Deno.test("Detectors says what is missing in the folder of a model of one's own", async () => {
  await using folder = await tempFolder();
  const detectors = new Detectors({ root: folder.path, clock: systemClock });
  const { detector } = detectors.share({ kind: "model", folder: folder.path });
  ok(detector instanceof ModelDetector);
  await detector.opened;
  strictEqual(detector.problem?.code, "model-invalid");
  await detectors.close();
});
