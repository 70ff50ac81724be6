/**
 * Two real surveillance clips as cameras, side by side: every frame counted,
 * every export compared.
 *
 * The clips are "one-by-one-person-detection.mp4" and "car-detection.mp4" of
 * intel-iot-devkit/sample-videos (CC BY 4.0). They are not part of this
 * repository: the test looks for them in the folder that LOOKBACK_FOOTAGE names,
 * else in ../shared/footage, and is skipped where they are missing. They play in
 * real time, which takes 140 seconds.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { checkTenWindows, filesBelow, loggedFrames, openArchive } from "../support/archive.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const FOLDER = Deno.env.get("LOOKBACK_FOOTAGE") ??
  new URL("../../../shared/footage", import.meta.url).pathname;

const CLIPS = [
  { id: "person", file: "one-by-one-person-detection.mp4", frames: 1394 },
  { id: "cars", file: "car-detection.mp4", frames: 377 },
] as const;

function isThere(): boolean {
  try {
    return CLIPS.every(({ file }) => Deno.statSync(join(FOLDER, file)).isFile);
  } catch {
    return false;
  }
}

Deno.test({
  name: "run records real clips without losing a frame and export gives their frames back",
  ignore: !isThere(),
  fn: async () => {
    await using folder = await tempFolder();
    const root = folder.path;
    const cameras = CLIPS.map(({ id, file }) =>
      `  - { id: ${id}, source: "${join(FOLDER, file)}", loop: false }\n`
    );
    await writeConfig(root, `cameras:\n${cameras.join("")}`);
    const run = await lookback(["run", "--until-end"], { cwd: root });
    strictEqual(run.code, 0, run.stderr);
    using archive = openArchive(root);
    for (const { id, file, frames: count } of CLIPS) {
      const frames = await loggedFrames(root, id);
      deepStrictEqual(
        frames.map(({ frameId }) => frameId),
        Array.from({ length: count }, (_, index) => index + 1),
      );
      const batches = archive.batchesSince(id, frames[0]!.atMs);
      const covered = batches.flatMap(({ startingFrameId, endingFrameId }) =>
        Array.from(
          { length: endingFrameId - startingFrameId + 1 },
          (_, index) => startingFrameId + index,
        )
      );
      deepStrictEqual(covered, frames.map(({ frameId }) => frameId), `batches of ${id}`);
      const seconds = new Set(frames.map(({ atMs }) => Math.floor(atMs / 1_000)));
      strictEqual((await filesBelow(join(root, "frames", id))).length, seconds.size);
      const recording = { cameraId: id, frames, source: join(FOLDER, file), folder: root };
      for (const mode of ["exact", "strict"] as const) {
        const receipts = await checkTenWindows(archive, { ...recording, mode, longestMs: 15_000 });
        ok(receipts.some((receipt) => receipt.batches.length > 1));
      }
    }
  },
});
