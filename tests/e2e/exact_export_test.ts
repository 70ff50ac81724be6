/**
 * Clips as cameras in, footage out: what is exported equals the source frame
 * for frame, whatever the codec and the distance of key frames.
 *
 * The clips are made by ffmpeg, every frame different, and played in real time.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { checkTenWindows, filesBelow, loggedFrames, openArchive } from "../support/archive.ts";
import { type ClipOptions, makeClip } from "../support/clips.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { checkWithSecondReader } from "../support/second_reader.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SECONDS = 26;

/** Sources whose frames must come back unchanged, and the tracks of their films. */
const CLIPS: readonly {
  readonly id: string;
  readonly options: ClipOptions;
  readonly codecs: readonly string[];
}[] = [
  { id: "plain", options: { gop: 25, audio: true }, codecs: ["avc", "aac"] },
  { id: "b-frames", options: { gop: 200, bframes: 3 }, codecs: ["avc"] },
  { id: "hevc", options: { gop: 50, codec: "h265", bframes: 3 }, codecs: ["hevc"] },
];

Deno.test("export gives back the source's frames for H.264, B-frames with key frames 8 s apart, and H.265", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  for (const { id, options } of CLIPS) {
    await makeClip(join(root, `${id}.mp4`), { ...options, seconds: SECONDS, size: "320x180" });
  }
  await writeConfig(root, configYaml());
  const run = await lookback(["run", "--until-end"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);
  await Deno.mkdir(join(root, "cuts"));
  using archive = openArchive(root);
  for (const { id, options, codecs } of CLIPS) {
    const frames = await loggedFrames(root, id);
    deepStrictEqual(
      frames.map(({ frameId }) => frameId),
      Array.from({ length: SECONDS * 25 }, (_, index) => index + 1),
      `frame ids of ${id}`,
    );
    ok(frames.every(({ atMs }, index) => index === 0 || atMs > frames[index - 1]!.atMs));
    await checkStills(root, id);
    const common = { cameraId: id, frames, source: join(root, `${id}.mp4`), longestMs: 12_000 };
    for (const mode of ["exact", "strict"] as const) {
      const receipts = await checkTenWindows(archive, {
        ...common,
        mode,
        folder: join(root, "cuts"),
      });
      ok(receipts.some(({ batches }) => batches.length > 1), `${id}: a batch border is crossed`);
      deepStrictEqual(receipts.flatMap(({ gaps }) => gaps), []);
      if (mode === "exact") {
        for (const receipt of receipts) {
          const path = join(root, "cuts", receipt.file.name);
          await checkWithSecondReader(path, { receipt, frames, codecs });
        }
      }
      const begunInside = mode === "exact"
        ? receipts.some(({ hidden }) => hidden.frames_before_start > 0)
        : receipts.some(({ encoded_frames: encoded }) => encoded > 0);
      ok(begunInside, `${id}: a window begins in the middle of a GOP (${options.gop})`);
    }
  }
});

/** One still for every second that has frames, and each frame names one that is there. */
async function checkStills(root: string, id: string): Promise<void> {
  const frames = await loggedFrames(root, id);
  const named = new Set(frames.map(({ imagePath }) => join(root, imagePath!)));
  const seconds = new Set(frames.map(({ atMs }) => Math.floor(atMs / 1_000)));
  const found = await filesBelow(join(root, "frames", id));
  strictEqual(found.length, seconds.size, `stills of ${id}`);
  deepStrictEqual(found, [...named].sort());
}

function configYaml(): string {
  const cameras = CLIPS.map(({ id }) => `  - { id: ${id}, source: ${id}.mp4, loop: false }`);
  return `batch: { duration_seconds: 5 }\ncameras:\n${cameras.join("\n")}\n`;
}
