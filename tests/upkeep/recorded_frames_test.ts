import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { BatchEntry } from "../../src/model/ledger.ts";
import { recordedFrames } from "../../src/upkeep/recorded_frames.ts";
import { scanRecording } from "../../src/upkeep/recording_scan.ts";
import { at } from "../support/ledger_entries.ts";
import { type RecordedRunOptions, recordRun, RUN_CLIP } from "../support/recorded_run.ts";
import { tempFolder } from "../support/temp_folder.ts";

const RUNS: readonly { readonly name: string; readonly options: RecordedRunOptions }[] = [
  { name: "with B-frames", options: {} },
  { name: "without B-frames", options: { clip: { ...RUN_CLIP, bframes: 0 } } },
  { name: "with sound", options: { clip: { ...RUN_CLIP, audio: true } } },
  {
    name: "at 29.97 frames a second",
    options: { clip: { ...RUN_CLIP, fps: "30000/1001", gop: 30 } },
  },
  { name: "in H.265", options: { clip: { ...RUN_CLIP, codec: "h265" } } },
  {
    name: "with a place, over midnight, from a later frame on",
    options: {
      geoLocation: { lat: -12.5, lon: 0.25 },
      startMs: at(3 * 3_600 + 179.123),
      startingFrameId: 123_457,
    },
  },
  { name: "with a still each 200 ms", options: { stillsEveryMs: 200 } },
];

for (const { name, options } of RUNS) {
  Deno.test(`recordedFrames() gives the lines that were written for a recording ${name}`, async () => {
    await using folder = await tempFolder();
    const entries = await recordRun(folder.path, options);
    const batches = entries.filter((entry): entry is BatchEntry => entry.type === "batch");
    ok(batches.length >= 3);
    for (const batch of batches) {
      const { label, init, fragments } = scanRecording(`${folder.path}/${batch.recordingPath}`);
      const samples = fragments.flatMap(({ video }) => video);
      const { frames, lines, endMs } = recordedFrames({ label: label!, init: init! }, samples);
      const log = await Deno.readFile(`${folder.path}/${batch.framesPath}`);
      const { framesOffset, framesBytes } = batch;
      strictEqual(
        lines.join(""),
        new TextDecoder().decode(log.subarray(framesOffset, framesOffset + framesBytes)),
      );
      deepStrictEqual(
        [frames[0]!.frameId, frames.at(-1)!.frameId, frames.length, frames[0]!.atMs, endMs],
        [
          ...[batch.startingFrameId, batch.endingFrameId, batch.frameCount],
          ...[batch.startMs, batch.endMs],
        ],
      );
    }
  });
}
