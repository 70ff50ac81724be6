import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { needsEncoding, recorderArgs, SOURCE_TIMEOUT_MS } from "../../src/media/recorder_args.ts";
import type { CameraSource } from "../../src/model/camera.ts";
import { frameMd5s, makeClip, runFfmpeg } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

const COPY = { handling: { video: "copy", audio: "copy" }, fragmentMs: 200 } as const;
const RTSP: CameraSource = { kind: "rtsp", url: "rtsp://user:p@ss@host/a" };

/** The value behind an option; undefined where the option is not there. */
function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

Deno.test("recorderArgs() reads RTSP over TCP and gives up on a silent camera", () => {
  const args = recorderArgs(RTSP, COPY);
  strictEqual(valueOf(args, "-i"), "rtsp://user:p@ss@host/a");
  strictEqual(valueOf(args, "-rtsp_transport"), "tcp");
  // In microseconds.
  strictEqual(valueOf(args, "-timeout"), `${SOURCE_TIMEOUT_MS * 1_000}`);
  ok(args.indexOf("-timeout") < args.indexOf("-i"));
});

Deno.test("recorderArgs() gives up on a silent web camera", () => {
  const args = recorderArgs({ kind: "http", url: "http://host/a" }, COPY);
  strictEqual(valueOf(args, "-rw_timeout"), `${SOURCE_TIMEOUT_MS * 1_000}`);
  ok(args.indexOf("-rw_timeout") < args.indexOf("-i"));
});

Deno.test("recorderArgs() plays a file in real time, again and again only when asked", () => {
  const once = recorderArgs({ kind: "file", path: "/a:b.mp4", loop: false }, COPY);
  const looped = recorderArgs({ kind: "file", path: "/a:b.mp4", loop: true }, COPY);
  ok(once.indexOf("-re") < once.indexOf("-i"));
  // Without "file:", ffmpeg takes what stands before a colon for a protocol.
  strictEqual(valueOf(once, "-i"), "file:/a:b.mp4");
  strictEqual(valueOf(once, "-stream_loop"), undefined);
  strictEqual(valueOf(looped, "-stream_loop"), "-1");
  ok(looped.indexOf("-stream_loop") < looped.indexOf("-i"));
});

const HANDLINGS = [
  {
    video: "copy",
    audio: "copy",
    videoCodec: "copy",
    audioCodec: "copy",
    maps: ["0:v:0", "0:a:0?"],
  },
  {
    video: "copy",
    audio: "encode",
    videoCodec: "copy",
    audioCodec: "aac",
    maps: ["0:v:0", "0:a:0?"],
  },
  {
    video: "encode",
    audio: "copy",
    videoCodec: "libx264",
    audioCodec: "copy",
    maps: ["0:v:0", "0:a:0?"],
  },
  { video: "copy", audio: "none", videoCodec: "copy", audioCodec: "copy", maps: ["0:v:0"] },
] as const;

for (const { video, audio, videoCodec, audioCodec, maps } of HANDLINGS) {
  Deno.test(`recorderArgs() handles video "${video}" and audio "${audio}" as told`, () => {
    const args = recorderArgs(RTSP, { ...COPY, handling: { video, audio } });
    strictEqual(valueOf(args, "-c:v"), videoCodec);
    strictEqual(valueOf(args, "-c:a"), audioCodec);
    const found = args.flatMap((arg, index) => arg === "-map" ? [args[index + 1]] : []);
    deepStrictEqual(found, maps);
  });
}

const CODECS = [
  { codec: "avc1", isKept: true },
  { codec: "avc3", isKept: true },
  { codec: "hvc1", isKept: true },
  { codec: "hev1", isKept: true },
  { codec: "mp4v", isKept: false },
  { codec: "vp09", isKept: false },
  { codec: "av01", isKept: false },
];

for (const { codec, isKept } of CODECS) {
  Deno.test(`needsEncoding() is ${!isKept} for "${codec}"`, () => {
    strictEqual(needsEncoding(codec), !isKept);
  });
}

for (const codec of ["h264", "h265"] as const) {
  Deno.test(`recorderArgs() makes a stream with every frame of ${codec} as it was`, async () => {
    await using folder = await tempFolder();
    const clip = await makeClip(`${folder.path}/a.mp4`, { codec, size: "64x36", bframes: 2 });
    const path = `${folder.path}/stream.mp4`;
    await Deno.writeFile(path, await recordFile(clip));
    deepStrictEqual(await frameMd5s(path), await frameMd5s(clip));
  });
}

Deno.test("recorderArgs() begins a fragment at each key frame and at least at each interval", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 3, size: "64x36", gop: 33 });
  const { fragments } = readStream(await recordFile(clip, { fragmentMs: 400 }));
  const shapes = fragments.map(({ samples }) =>
    samples.video.map(({ isKey }) => isKey ? "K" : "-")
  );
  deepStrictEqual(
    shapes.map((shape) => shape.join("")),
    ["K---------", ..."----------,----------,---".split(",")]
      .concat(["K---------", ..."----------,----------,---".split(",")])
      .concat(["K--------"]),
  );
});

Deno.test("recorderArgs() encodes a source of another codec to frames that H.264 players take", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, {
    codec: "mjpeg",
    size: "64x36",
    seconds: 3,
  });
  const handling = { video: "encode", audio: "copy" } as const;
  const { start, fragments } = readStream(await recordFile(clip, { handling }));
  const samples = fragments.flatMap(({ samples }) => samples.video);
  strictEqual(start.init.video.codec, "avc1");
  strictEqual(samples.length, 75);
  const keySeconds = samples.filter(({ isKey }) => isKey)
    .map(({ pts }) => pts / start.init.video.timescale);
  deepStrictEqual(keySeconds, [0, 1, 2]);
});

Deno.test("recorderArgs() makes the test source's pictures at its size and rate", async () => {
  await using folder = await tempFolder();
  const source: CameraSource = { kind: "test", width: 64, height: 36, fps: 12.5 };
  const args = recorderArgs(source, COPY).filter((arg) => arg !== "-re" && arg !== "pipe:1");
  const path = `${folder.path}/test.mp4`;
  // Before the output: the source itself has no end.
  await runFfmpeg([...args, "-t", "2", path]);
  const { start, fragments } = readStream(await Deno.readFile(path));
  const samples = fragments.flatMap(({ samples }) => samples.video);
  deepStrictEqual([start.init.video.width, start.init.video.height], [64, 36]);
  strictEqual(samples.length, 25);
  strictEqual(samples.at(-1)!.pts / start.init.video.timescale, 24 * 0.08);
});
