import { deepStrictEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { takeSnapshot } from "../../src/app/snapshot.ts";
import { makeClip } from "../support/clips.ts";
import { startRtspCamera } from "../support/rtsp_camera.ts";
import { tempFolder } from "../support/temp_folder.ts";

const OPTIONS = { ffmpegPath: "ffmpeg", signal: new AbortController().signal };

/** First and last marker of a JPEG (ITU-T T.81, annex B). */
function assertJpeg(bytes: Uint8Array): void {
  deepStrictEqual([...bytes.slice(0, 2), ...bytes.slice(-2)], [0xff, 0xd8, 0xff, 0xd9]);
}

Deno.test("takeSnapshot() takes a picture of a file, and of a synthetic camera", async () => {
  await using folder = await tempFolder();
  const path = await makeClip(join(folder.path, "a:b.mp4"), { seconds: 1, size: "64x36" });
  const file = await takeSnapshot({ kind: "file", path, loop: false }, OPTIONS);
  const test = await takeSnapshot({ kind: "test", width: 64, height: 36, fps: 25 }, OPTIONS);
  ok(file.ok && test.ok);
  assertJpeg(file.jpeg);
  assertJpeg(test.jpeg);
});

Deno.test("takeSnapshot() takes a picture of a camera that it joins in the middle", async () => {
  await using camera = await startRtspCamera({
    input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x36:rate=25"],
  });
  const snapshot = await takeSnapshot({ kind: "rtsp", url: camera.url }, OPTIONS);
  ok(snapshot.ok);
  assertJpeg(snapshot.jpeg);
});

Deno.test("takeSnapshot() says why there is no picture", async () => {
  const source = { kind: "file", path: "/nowhere/a.mp4", loop: false } as const;
  const snapshot = await takeSnapshot(source, OPTIONS);
  ok(!snapshot.ok);
  match(snapshot.problem, /^there is no such file/);
});
