import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import { systemClock } from "../../src/base/clock.ts";
import { pictureBytes, SOURCE_SIZE, visionSize } from "../../src/media/vision_args.ts";
import { SmallPictureDecoder } from "../../src/vision/small_picture_decoder.ts";
import { makeClip } from "../support/clips.ts";
import { FAKE_DECODERS, makeFakeDecoder } from "../support/fake_decoders.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

interface Seen {
  readonly pts: number;
  /** Mean of all brightness. */
  readonly mean: number;
}

/** All pictures that a decoder makes of a clip, and how many bytes it said it took. */
async function picturesOf(clip: string, fps: number) {
  const { start, fragments } = readStream(await recordFile(clip));
  const { timescale } = start.init.video;
  const size = visionSize(start.init.video);
  const seen: Seen[] = [];
  let takenBytes = 0;
  const decoder = new SmallPictureDecoder({
    ffmpegPath: "ffmpeg",
    input: { kind: "fragments", timescale },
    size,
    fps,
    onTaken: (bytes) => takenBytes += bytes,
    onPicture: ({ yuv, pts, width, height }) => {
      strictEqual(yuv.length, pictureBytes({ width, height }));
      const luma = yuv.subarray(0, width * height);
      seen.push({ pts, mean: luma.reduce((sum, value) => sum + value, 0) / luma.length });
    },
    clock: systemClock,
  });
  decoder.begin(joined([start.ftyp, start.moov]));
  for (const { bytes } of fragments) ok(decoder.offer(bytes));
  // A closed decoder has a second for what it has; on a busy machine that is not enough.
  await until(() => seen.length >= 12, { limitMs: 30_000, what: "the pictures" });
  await decoder.close();
  const samples = fragments.flatMap(({ samples }) => samples.video);
  const offered = fragments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { seen, samples, size, timescale, takenBytes, offered };
}

for (const bframes of [0, 2]) {
  Deno.test(`SmallPictureDecoder gives pictures of recorded frames at the rate asked for, ${bframes} B-frames`, async () => {
    await using folder = await tempFolder();
    const clip = await makeClip(`${folder.path}/a.mp4`, {
      seconds: 3,
      size: "1280x720",
      bframes,
    });
    const { seen, samples, size, timescale, takenBytes, offered } = await picturesOf(clip, 5);
    deepStrictEqual(size, { width: 640, height: 360 });
    strictEqual(takenBytes, offered);
    const known = new Set(samples.map(({ pts }) => pts));
    deepStrictEqual(seen.filter(({ pts }) => !known.has(pts)), []);
    ok(seen.length >= 12 && seen.length <= 16, `${seen.length} pictures of 3 s`);
    const steps = seen.slice(1).map(({ pts }, index) => (pts - seen[index]!.pts) / timescale);
    ok(steps.every((step) => step > 0.15 && step < 0.36), steps.join(" "));
    ok(seen.every(({ mean }) => mean > 20 && mean < 235));
  });
}

Deno.test("SmallPictureDecoder says how it ended when its process is killed, and takes nothing more", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "320x180" });
  const { start, fragments } = readStream(await recordFile(clip));
  const decoder = new SmallPictureDecoder({
    ffmpegPath: "ffmpeg",
    input: { kind: "fragments", timescale: start.init.video.timescale },
    size: visionSize(start.init.video),
    fps: 5,
    onTaken: () => {},
    onPicture: () => {},
    clock: systemClock,
  });
  Deno.kill(decoder.pid, "SIGKILL");
  strictEqual(await decoder.ended, "it was ended by SIGKILL");
  strictEqual(decoder.offer(fragments[0]!.bytes), false);
});

/** A decoder of 2 x 2 points that is no ffmpeg. */
function fakeDecoder(ffmpegPath: string, size = { width: 2, height: 2 }) {
  const times: number[] = [];
  const decoder = new SmallPictureDecoder({
    ffmpegPath,
    input: { kind: "fragments", timescale: 1_000 },
    size,
    fps: 5,
    onTaken: () => {},
    onPicture: ({ pts }) => times.push(pts),
    clock: systemClock,
  });
  return { decoder, times };
}

for (const fake of FAKE_DECODERS) {
  Deno.test(`SmallPictureDecoder tells how one ended that ${fake.name}`, async () => {
    await using folder = await tempFolder();
    const { decoder, times } = fakeDecoder(await makeFakeDecoder(folder.path, fake));
    strictEqual(await decoder.ended, fake.reason);
    deepStrictEqual(times, Array<number>(fake.pictures).fill(3));
  });
}

Deno.test("SmallPictureDecoder takes no picture of another size", async () => {
  await using folder = await tempFolder();
  const other = FAKE_DECODERS.find(({ pictures }) => pictures > 0)!;
  const path = await makeFakeDecoder(folder.path, other);
  const { decoder, times } = fakeDecoder(path, { width: 4, height: 2 });
  strictEqual(await decoder.ended, "Need a picture of 12 bytes, found one of 6");
  deepStrictEqual(times, []);
});

Deno.test("SmallPictureDecoder takes what it was given, also when its process is gone", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "320x180" });
  const { start, fragments } = readStream(await recordFile(clip));
  let takenBytes = 0;
  const decoder = new SmallPictureDecoder({
    ffmpegPath: "ffmpeg",
    input: { kind: "fragments", timescale: start.init.video.timescale },
    size: visionSize(start.init.video),
    fps: 5,
    onTaken: (bytes) => takenBytes += bytes,
    onPicture: () => {},
    clock: systemClock,
  });
  decoder.begin(joined([start.ftyp, start.moov]));
  let offeredBytes = 0;
  for (let round = 0; round < 50; round += 1) {
    for (const { bytes } of fragments) if (decoder.offer(bytes)) offeredBytes += bytes.length;
  }
  Deno.kill(decoder.pid, "SIGKILL");
  await decoder.ended;
  ok(offeredBytes > 0);
  strictEqual(takenBytes, offeredBytes);
});

Deno.test("SmallPictureDecoder reads a stream of its own, in one shape whatever that has", async () => {
  await using folder = await tempFolder();
  const path = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "320x240" });
  const times: number[] = [];
  const decoder = new SmallPictureDecoder({
    ffmpegPath: "ffmpeg",
    input: { kind: "source", source: { kind: "file", path, loop: false } },
    size: SOURCE_SIZE,
    fps: 5,
    onTaken: () => {},
    onPicture: ({ pts, yuv }) => {
      strictEqual(yuv.length, 640 * 360 * 1.5);
      times.push(pts);
    },
    clock: systemClock,
  });
  strictEqual(await decoder.ended, "code 0");
  deepStrictEqual(times, [0, 200, 400, 600, 800]);
});
