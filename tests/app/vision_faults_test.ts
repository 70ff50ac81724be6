import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import {
  NO_VISION_FAULTS,
  readVisionFaults,
  VISION_FAULTS_PATH,
  VisionFaultFile,
} from "../../src/app/vision_faults.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SOME = { picturesLost: 2, picturesLeftOut: 0, detectorRestarts: 1, workerFailures: 0 };

async function entries(root: string): Promise<string[]> {
  const found = await Array.fromAsync(Deno.readDir(join(root, "data", "upkeep")));
  return found.map(({ name }) => name);
}

Deno.test("VisionFaultFile keeps what is told for readVisionFaults(), and nothing where all is well", async () => {
  await using folder = await tempFolder();
  const { path: root } = folder;
  const file = new VisionFaultFile(root);
  file.tell(SOME);
  await file.stop();
  deepStrictEqual(await readVisionFaults(root), SOME);
  // The numbers of an earlier run are forgotten by the first thing that is told.
  const next = new VisionFaultFile(root);
  next.tell(NO_VISION_FAULTS);
  await next.stop();
  deepStrictEqual(await entries(root), []);
  deepStrictEqual(await readVisionFaults(root), NO_VISION_FAULTS);
});

Deno.test("VisionFaultFile writes the newest of what was told at once", async () => {
  await using folder = await tempFolder();
  const file = new VisionFaultFile(folder.path);
  for (const picturesLost of [3, 4, 5]) file.tell({ ...SOME, picturesLost });
  await file.stop();
  deepStrictEqual(await readVisionFaults(folder.path), { ...SOME, picturesLost: 5 });
});

Deno.test("readVisionFaults() takes a file that can't be read for none", async () => {
  await using folder = await tempFolder();
  const file = new VisionFaultFile(folder.path);
  file.tell(SOME);
  await file.stop();
  for (const text of ["{", '{"picturesLost":"many"}']) {
    await Deno.writeTextFile(join(folder.path, VISION_FAULTS_PATH), text);
    deepStrictEqual(await readVisionFaults(folder.path), NO_VISION_FAULTS);
  }
});
