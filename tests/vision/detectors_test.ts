import { notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { Detectors } from "../../src/vision/detectors.ts";
import { HttpDetector } from "../../src/vision/http_detector.ts";
import { ModelDetector } from "../../src/vision/model_detector.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SERVICE = { kind: "http", url: "http://127.0.0.1:1/", timeoutMs: 1_000 } as const;

Deno.test("Detectors gives cameras that want the same detector the same one, and none for movement only", async () => {
  const detectors = new Detectors({ root: "/nowhere", clock: systemClock });
  strictEqual(detectors.of({ kind: "motion" }), undefined);
  const first = detectors.of(SERVICE);
  ok(first instanceof HttpDetector);
  strictEqual(detectors.of({ ...SERVICE }), first);
  notStrictEqual(detectors.of({ ...SERVICE, url: "http://127.0.0.1:2/" }), first);
  await detectors.close();
});

Deno.test("Detectors says what is missing in the folder of a model of one's own", async () => {
  await using folder = await tempFolder();
  const detectors = new Detectors({ root: folder.path, clock: systemClock });
  const detector = detectors.of({ kind: "model", folder: folder.path });
  ok(detector instanceof ModelDetector);
  await detector.opened;
  strictEqual(detector.problem?.code, "model-invalid");
  await detectors.close();
});
