import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type ClipOptions, frameMd5s, makeClip, runFfmpeg } from "./clips.ts";
import { tempFolder } from "./temp_folder.ts";

const CASES: readonly (ClipOptions & { readonly file: string; readonly frames: number })[] = [
  { codec: "h264", file: "a.mp4", frames: 50 },
  { codec: "h264", file: "b.mp4", frames: 50, bframes: 2, audio: true },
  { codec: "h265", file: "c.mp4", frames: 50, bframes: 2 },
  { codec: "mpeg4", file: "d.mp4", frames: 50, bframes: 1 },
  { codec: "mjpeg", file: "e.mp4", frames: 50 },
  { codec: "vp9", file: "f.webm", frames: 50, audio: true },
  { codec: "h264", file: "g.mp4", frames: 1500, seconds: 60, size: "160x90" },
];

for (const { file, frames, ...options } of CASES) {
  const { codec, bframes = 0, audio = false } = options;
  Deno.test(`makeClip() makes ${frames} different frames of ${codec}, ${bframes} B-frames, audio ${audio}`, async () => {
    await using folder = await tempFolder();
    const md5s = await frameMd5s(await makeClip(`${folder.path}/${file}`, options));
    strictEqual(md5s.length, frames);
    strictEqual(new Set(md5s).size, frames);
  });
}

Deno.test("makeClip() makes the same file every time", async () => {
  await using folder = await tempFolder();
  const first = await makeClip(`${folder.path}/first.mp4`, { bframes: 2 });
  const again = await makeClip(`${folder.path}/again.mp4`, { bframes: 2 });
  deepStrictEqual(await Deno.readFile(first), await Deno.readFile(again));
});

Deno.test("frameMd5s() gives a copy in another container the same MD5s", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/clip.mp4`, { bframes: 2 });
  const copy = `${folder.path}/copy.ts`;
  await runFfmpeg(["-i", clip, "-c", "copy", copy]);
  deepStrictEqual(await frameMd5s(copy), await frameMd5s(clip));
});

Deno.test("runFfmpeg() throws ffmpeg's own words when it fails", async () => {
  await rejects(runFfmpeg(["-i", "/nowhere.mp4"]), /exit code 1\n.*No such file or directory/s);
});

Deno.test("runFfmpeg() kills an ffmpeg that runs past its limit", async () => {
  const endless = ["-f", "lavfi", "-re", "-i", "testsrc2", "-f", "null", "-"];
  await rejects(runFfmpeg(endless, { limitMs: 200 }), /no end after 200 ms/);
});
