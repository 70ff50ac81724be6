import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { RecorderProcess } from "../../src/capture/recorder_process.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A recorder of a camera that says nothing. */
async function silentRecorder(folder: string, clock: FakeClock): Promise<RecorderProcess> {
  const ffmpegPath = join(folder, "ffmpeg");
  await Deno.writeTextFile(ffmpegPath, "#!/bin/sh\nexec sleep 600\n");
  await Deno.chmod(ffmpegPath, 0o755);
  return new RecorderProcess({
    ffmpegPath,
    source: { kind: "rtsp", url: "rtsp://127.0.0.1:1/" },
    handling: { video: "copy", audio: "none" },
    fragmentMs: 200,
    clock,
  });
}

Deno.test("RecorderProcess ends a stream that says nothing, and not for the time in which its thread stood still", async () => {
  await using folder = await tempFolder();
  const clock = new FakeClock();
  const recorder = await silentRecorder(folder.path, clock);
  await clock.advance(20_000);
  clock.standStill(3_600_000);
  // The look that comes late counts one second of the hour.
  await clock.advance(8_000);
  strictEqual(clock.sleeping, 1, "it still watches");
  await clock.advance(1_000);
  deepStrictEqual(await recorder.ended, { cause: "camera-stalled", detail: "no data for 30 s" });
});
