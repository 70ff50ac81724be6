import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { describeProbe, type ProbeResult, probeSource } from "../../src/app/probe.ts";
import { makeClip } from "../support/clips.ts";
import { startRtspCamera } from "../support/rtsp_camera.ts";
import { tempFolder } from "../support/temp_folder.ts";

const OPTIONS = { ffprobePath: "ffprobe", signal: new AbortController().signal };

Deno.test("probeSource() tells a file's codec, size, rate, key frames, bits and audio", async () => {
  await using folder = await tempFolder();
  const path = await makeClip(join(folder.path, "a:b.mp4"), {
    seconds: 5,
    gop: 50,
    bframes: 2,
    audio: true,
  });
  const result = await probeSource({ kind: "file", path, loop: false }, OPTIONS);
  ok(result.ok);
  const { bitsPerSecond, ...video } = result.video;
  deepStrictEqual(video, { codec: "h264", width: 320, height: 180, fps: 25, keyFrameSeconds: 2 });
  deepStrictEqual(result.audio, { codec: "aac", sampleRate: 48_000, channels: 1 });
  const { size } = await Deno.stat(path);
  ok(bitsPerSecond! > size * 8 / 5 / 2 && bitsPerSecond! < size * 8 / 5);
});

Deno.test("probeSource() tells what a camera sends, and over how long its key frames come", async () => {
  await using camera = await startRtspCamera({
    input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25"],
    credentials: { user: "viewer", password: "s3cr3t" },
  });
  const result = await probeSource({ kind: "rtsp", url: camera.url }, OPTIONS);
  ok(result.ok);
  const { codec, width, height, fps, keyFrameSeconds } = result.video;
  deepStrictEqual({ codec, width, height, fps: Math.round(fps), keyFrameSeconds }, {
    codec: "h264",
    width: 160,
    height: 90,
    fps: 25,
    keyFrameSeconds: 1,
  });
});

Deno.test("probeSource() says that a camera refuses the password, and keeps it to itself", async () => {
  await using camera = await startRtspCamera({
    input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25"],
    credentials: { user: "viewer", password: "right" },
  });
  const url = camera.url.replace("right", "wr0ng-s3cr3t");
  const result = await probeSource({ kind: "rtsp", url }, OPTIONS);
  ok(!result.ok);
  match(result.problem, /^the camera refuses the user name or password/);
  ok(!result.problem.includes("wr0ng"));
});

Deno.test("probeSource() says that nothing listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `rtsp://127.0.0.1:${listener.addr.port}/a`;
  listener.close();
  const result = await probeSource({ kind: "rtsp", url }, OPTIONS);
  ok(!result.ok);
  match(result.problem, /^nothing listens at the camera's address and port/);
});

Deno.test("probeSource() tells a missing file from one without video", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "notes.mp4");
  const missing = await probeSource({ kind: "file", path, loop: false }, OPTIONS);
  await Deno.writeTextFile(path, "these are notes");
  const text = await probeSource({ kind: "file", path, loop: false }, OPTIONS);
  ok(!missing.ok && !text.ok);
  match(missing.problem, /^there is no such file/);
  match(text.problem, /^the source is not video that ffmpeg can read/);
});

Deno.test("probeSource() needs no program for a synthetic camera", async () => {
  const source = { kind: "test", width: 640, height: 360, fps: 12.5 } as const;
  const result = await probeSource(source, { ...OPTIONS, ffprobePath: "/nowhere/ffprobe" });
  strictEqual(describeProbe(result), "h264 640x360, 12.5 fps, key frame every 1 s, no audio");
});

Deno.test("probeSource() ends a camera's probe when it is told to", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stopping = new AbortController();
  const probing = probeSource(
    { kind: "rtsp", url: `rtsp://127.0.0.1:${listener.addr.port}/a` },
    { ...OPTIONS, signal: stopping.signal },
  );
  // It says hello, and hears nothing.
  const connection = await listener.accept();
  stopping.abort();
  await rejects(probing, { name: "AbortError" });
  connection.close();
  listener.close();
});

Deno.test("probeSource() throws what a person can mend when there is no ffprobe", async () => {
  const source = { kind: "file", path: "/a.mp4", loop: false } as const;
  await rejects(probeSource(source, { ...OPTIONS, ffprobePath: "/nowhere/ffprobe" }), {
    code: "ffmpeg-not-found",
  });
});

const VIDEO = {
  codec: "hevc",
  width: 2560,
  height: 1440,
  fps: 14.985,
  keyFrameSeconds: 3.999,
  bitsPerSecond: 4_123_456,
};

const DESCRIPTIONS: readonly { readonly result: ProbeResult; readonly text: string }[] = [
  {
    result: { ok: true, video: VIDEO, audio: { codec: "aac", sampleRate: 44_100, channels: 2 } },
    text: "hevc 2560x1440, 14.98 fps, key frame every 4 s, 4.1 Mbit/s, audio aac 44.1 kHz stereo",
  },
  {
    result: {
      ok: true,
      video: { ...VIDEO, keyFrameSeconds: null, bitsPerSecond: 640_000 },
      audio: { codec: "pcm_alaw", sampleRate: 8_000, channels: 6 },
    },
    text: "hevc 2560x1440, 14.98 fps, 640 kbit/s, audio pcm_alaw 8 kHz 6 channels",
  },
  { result: { ok: false, problem: "there is no such file" }, text: "there is no such file" },
];

for (const { result, text } of DESCRIPTIONS) {
  Deno.test(`describeProbe() says "${text}"`, () => {
    strictEqual(describeProbe(result), text);
  });
}
