import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { box, fullBox, u32, u64 } from "../../src/media/box_writer.ts";
import { type Box, MalformedMedia } from "../../src/media/boxes.ts";
import { parseFragment, type Sample } from "../../src/media/fragment.ts";
import { sampleBytes } from "../../src/media/fragment_stream.ts";
import type { InitSegment, Track } from "../../src/media/init_segment.ts";
import { makeClip } from "../support/clips.ts";
import { damaged, numbersIn } from "../support/damage.ts";
import { makeRecordedClip, RECORDED_CLIPS } from "../support/recorded_clips.ts";
import {
  type ProbedPacket,
  probePackets,
  readStream,
  recordFile,
} from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** All samples of a stream as ffprobe would show them, by their place in the file. */
function packetsOf(stream: Uint8Array): ProbedPacket[] {
  const { start, fragments } = readStream(stream);
  const packets: ProbedPacket[] = [];
  let offset = start.ftyp.length + start.moov.length;
  for (const { bytes, samples } of fragments) {
    for (const kind of ["video", "audio"] as const) {
      for (const { pts, dts, sizeBytes, isKey, offset: place } of samples[kind]) {
        packets.push({ kind, pts, dts, sizeBytes, isKey, offset: offset + place });
      }
    }
    offset += bytes.length;
  }
  return packets.toSorted((one, other) => one.offset - other.offset);
}

for (const recorded of RECORDED_CLIPS) {
  Deno.test(`parseFragment() finds the packets that ffprobe finds in ${recorded.name}`, async () => {
    await using folder = await tempFolder();
    const clip = await makeRecordedClip(folder.path, recorded);
    const stream = await recordFile(clip);
    const path = `${folder.path}/stream.mp4`;
    await Deno.writeFile(path, stream);
    const probed = await probePackets(path);
    deepStrictEqual(packetsOf(stream), probed.toSorted((one, other) => one.offset - other.offset));
    const video = probed.filter(({ kind }) => kind === "video");
    strictEqual(video.length, 50);
    strictEqual(probed.length > 50, recorded.clip.audio === true);
    // The clip is what it should be: with B-frames, decoding runs ahead of showing.
    strictEqual(video.some(({ pts, dts }) => pts !== dts), recorded.reorderedFrames > 0);
  });

  Deno.test(`parseFragment() keeps audio and video as far apart as the source of ${recorded.name}`, async () => {
    await using folder = await tempFolder();
    const clip = await makeRecordedClip(folder.path, recorded);
    const { start: { init }, fragments } = readStream(await recordFile(clip));
    const firstSeconds = (kind: "video" | "audio", timescale: number) =>
      Math.min(...fragments.flatMap(({ samples }) => samples[kind].map(({ pts }) => pts))) /
      timescale;
    const source = await probePackets(clip);
    const firstProbed = (kind: "video" | "audio", timescale: number) =>
      Math.min(...source.filter((packet) => packet.kind === kind).map(({ pts }) => pts)) /
      timescale;
    const videoTicks = init.video.timescale;
    strictEqual(firstSeconds("video", videoTicks), 0);
    if (init.audio === undefined) return strictEqual(recorded.audioCodec, undefined);
    const audioTicks = init.audio.timescale;
    const apart = firstSeconds("audio", audioTicks) - firstSeconds("video", videoTicks);
    const apartInSource = firstProbed("audio", audioTicks) - firstProbed("video", videoTicks);
    // The stream's edit list counts whole milliseconds.
    ok(Math.abs(apart - apartInSource) <= 0.001, `${apart} s, in the source ${apartInSource} s`);
    ok(apart > recorded.audioDelaySeconds - 0.05);
  });
}

Deno.test("sampleBytes() gives bytes that put together are the whole mdat", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "64x36", audio: true });
  for (const fragment of readStream(await recordFile(clip)).fragments) {
    const samples = [...fragment.samples.video, ...fragment.samples.audio];
    const bytes = samples.toSorted((one, other) => one.offset - other.offset)
      .flatMap((sample) => [...sampleBytes(fragment, sample)]);
    deepStrictEqual(bytes, [...fragment.bytes.subarray(fragment.moofBytes + 8)]);
    const [sample] = samples;
    throws(() => sampleBytes(fragment, { ...sample!, offset: 0 }), MalformedMedia);
    throws(() => sampleBytes(fragment, { ...sample!, sizeBytes: 1e6 }), MalformedMedia);
  }
});

const TRACK: Track = {
  trackId: 1,
  kind: "video",
  timescale: 1_000,
  codec: "avc1",
  sampleEntry: new Uint8Array(0),
  width: 64,
  height: 36,
  presentationShift: -80,
  defaults: { duration: 40, sizeBytes: 9, flags: 0x10000 },
};
const AUDIO: Track = { ...TRACK, trackId: 2, kind: "audio", presentationShift: 500 };
const INIT: InitSegment = { video: TRACK, audio: AUDIO };

const OFFSET = 0x1;
const FIRST_FLAGS = 0x4;
const ALL_FIELDS = 0xf01;
const KEY = 0x2000000;
const NON_KEY = 0x1010000;

function moofOf(...boxes: readonly Uint8Array[]): Box {
  const bytes = box("moof", fullBox("mfhd", {}, u32(1)), ...boxes);
  return { type: "moof", bytes, payload: bytes.subarray(8) };
}

function traf(trackId: number, ...boxes: readonly Uint8Array[]): Uint8Array {
  return box("traf", fullBox("tfhd", { flags: 0x20000 }, u32(trackId)), ...boxes);
}

const START = fullBox("tfdt", { version: 1 }, u64(1_000));

Deno.test("parseFragment() takes what a run leaves out from the track's defaults", () => {
  const run = fullBox("trun", { flags: OFFSET | FIRST_FLAGS }, u32(3, 200, KEY));
  const sample = { duration: 40, sizeBytes: 9, isKey: false };
  deepStrictEqual(parseFragment(moofOf(traf(1, START, run)), INIT), {
    video: [
      { ...sample, dts: 920, pts: 920, offset: 200, isKey: true },
      { ...sample, dts: 960, pts: 960, offset: 209 },
      { ...sample, dts: 1_000, pts: 1_000, offset: 218 },
    ],
    audio: [],
  });
});

Deno.test("parseFragment() prefers the fragment's defaults to the track's", () => {
  // sample-description-index, duration, size, flags
  const tfhd = fullBox("tfhd", { flags: 0x2003a }, u32(1, 1, 20, 5, KEY));
  const run = fullBox("trun", { flags: OFFSET }, u32(2, 200));
  const { video } = parseFragment(moofOf(box("traf", tfhd, START, run)), INIT);
  deepStrictEqual(video, [
    { dts: 920, pts: 920, duration: 20, sizeBytes: 5, isKey: true, offset: 200 },
    { dts: 940, pts: 940, duration: 20, sizeBytes: 5, isKey: true, offset: 205 },
  ]);
});

Deno.test("parseFragment() reads composition offsets as signed in both versions", () => {
  for (const version of [0, 1]) {
    const fields = u32(2, 200, 40, 7, KEY, 80, 40, 8, NON_KEY, -40);
    const run = fullBox("trun", { version, flags: ALL_FIELDS }, fields);
    const { video } = parseFragment(moofOf(traf(1, START, run)), INIT);
    deepStrictEqual(video.map(({ dts, pts }) => [dts, pts]), [[920, 1_000], [960, 920]]);
  }
});

Deno.test("parseFragment() counts time on over several runs and keeps tracks apart", () => {
  const run = (offset: number) => fullBox("trun", { flags: OFFSET }, u32(2, offset));
  const early = fullBox("tfdt", {}, u32(100));
  const moof = moofOf(traf(1, START, run(200), run(300)), traf(2, early, run(400)));
  const { video, audio } = parseFragment(moof, INIT);
  const times = (samples: readonly Sample[]) => samples.map(({ dts, offset }) => [dts, offset]);
  deepStrictEqual(times(video), [[920, 200], [960, 209], [1_000, 300], [1_040, 309]]);
  deepStrictEqual(times(audio), [[600, 400], [640, 409]]);
});

Deno.test("parseFragment() passes over tracks that the init segment does not know", () => {
  const run = fullBox("trun", { flags: OFFSET }, u32(1, 200));
  const moof = moofOf(traf(3, START, run), traf(1, START, run));
  strictEqual(parseFragment(moof, INIT).video.length, 1);
});

const ABSOLUTE = fullBox("tfhd", { flags: 0x1 }, u32(1), u64(4_000));
const BROKEN = [
  { name: "data offsets are absolute", traf: box("traf", ABSOLUTE, START) },
  { name: "a run has no offset", traf: traf(1, START, fullBox("trun", {}, u32(1))) },
  {
    name: "a run lists two million samples",
    traf: traf(1, START, fullBox("trun", { flags: OFFSET }, u32(2_000_000, 200))),
  },
  {
    name: "a run ends before its last sample",
    traf: traf(1, START, fullBox("trun", { flags: ALL_FIELDS }, u32(2, 200, 40, 7, KEY, 0))),
  },
  {
    name: "there is no start time",
    traf: traf(1, fullBox("trun", { flags: OFFSET }, u32(1, 200))),
  },
  { name: "there is no track header", traf: box("traf", START) },
];

for (const { name, traf } of BROKEN) {
  Deno.test(`parseFragment() throws MalformedMedia when ${name}`, () => {
    throws(() => parseFragment(moofOf(traf), INIT), MalformedMedia);
  });
}

Deno.test("parseFragment() gives whole numbers or MalformedMedia for a damaged moof", async () => {
  await using folder = await tempFolder();
  const stream = await recordFile(await makeRecordedClip(folder.path, RECORDED_CLIPS[1]!));
  const { start: { init }, fragments } = readStream(stream);
  const fragment = fragments.find(({ samples }) => samples.audio.length > 0)!;
  const moof = fragment.bytes.subarray(0, fragment.moofBytes);
  fc.assert(
    fc.property(damaged(moof.subarray(8)), (payload) => {
      try {
        const samples = parseFragment({ type: "moof", bytes: moof, payload }, init);
        for (const number of numbersIn(samples)) ok(Number.isSafeInteger(number), `${number}`);
      } catch (error) {
        if (!(error instanceof MalformedMedia)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});
