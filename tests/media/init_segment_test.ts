import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { box, fullBox, latin1, u32, u64, zeros } from "../../src/media/box_writer.ts";
import { findBox, MalformedMedia } from "../../src/media/boxes.ts";
import { parseInitSegment } from "../../src/media/init_segment.ts";
import { makeClip } from "../support/clips.ts";
import { damaged, numbersIn } from "../support/damage.ts";
import { makeRecordedClip, RECORDED_CLIPS } from "../support/recorded_clips.ts";
import { ffprobe, readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

interface ProbedStream {
  readonly id: string;
  readonly "codec_type": "video" | "audio";
  readonly "codec_tag_string": string;
  readonly "time_base": string;
  readonly width?: number;
  readonly height?: number;
}

for (const recorded of RECORDED_CLIPS) {
  Deno.test(`parseInitSegment() finds the tracks that ffprobe finds in ${recorded.name}`, async () => {
    await using folder = await tempFolder();
    const stream = await recordFile(await makeRecordedClip(folder.path, recorded));
    const path = `${folder.path}/stream.mp4`;
    await Deno.writeFile(path, stream);
    const { streams } = await ffprobe(path, ["-show_streams"]) as { streams: ProbedStream[] };
    const { video, audio } = readStream(stream).start.init;
    const tracks = [video, audio].filter((track) => track !== undefined);
    deepStrictEqual(
      tracks.map((track) => ({
        id: `0x${track.trackId.toString(16)}`,
        kind: track.kind,
        timeBase: `1/${track.timescale}`,
        size: [track.width, track.height],
      })),
      streams.map((probed) => ({
        id: probed.id,
        kind: probed.codec_type,
        timeBase: probed.time_base,
        size: [probed.width ?? 0, probed.height ?? 0],
      })),
    );
    strictEqual(video.codec, recorded.videoCodec);
    strictEqual(audio?.codec, recorded.audioCodec);
    deepStrictEqual(tracks.map(({ codec }) => codec), streams.map((each) => each.codec_tag_string));
  });
}

Deno.test("parseInitSegment() keeps the sample entry as it stands in the stream", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "64x36" });
  const { moov, init } = readStream(await recordFile(clip)).start;
  const stsd = findBox(moov.subarray(8), ["trak", "mdia", "minf", "stbl", "stsd"])!;
  deepStrictEqual(init.video.sampleEntry, stsd.payload.slice(8));
  ok(findBox(init.video.sampleEntry.subarray(8 + 78), ["avcC"]));
});

/** Parts of a `moov` by hand; what is not given is as the recorder's ffmpeg writes it. */
interface MoovParts {
  readonly handlers?: readonly string[];
  readonly movieTimescale?: number;
  readonly timescale?: number;
  readonly edits?: Uint8Array;
}

function moovPayload(parts: MoovParts = {}): Uint8Array {
  const { handlers = ["vide"], movieTimescale = 1_000, timescale = 48_000, edits } = parts;
  const trak = (handler: string, index: number) =>
    box(
      "trak",
      fullBox("tkhd", {}, u32(0, 0, index + 1)),
      ...(edits === undefined ? [] : [box("edts", edits)]),
      box(
        "mdia",
        fullBox("mdhd", {}, u32(0, 0, timescale, 0)),
        fullBox("hdlr", {}, u32(0), latin1(handler)),
        box("minf", box("stbl", fullBox("stsd", {}, u32(1), box("test", zeros(78))))),
      ),
    );
  const mvhd = fullBox("mvhd", {}, u32(0, 0, movieTimescale));
  return box("moov", mvhd, ...handlers.map(trak)).subarray(8);
}

const ONCE = 0x10000;
const SHIFTS = [
  { name: "no edit list", edits: undefined, shift: 0 },
  {
    name: "an edit that begins at the media's start",
    edits: fullBox("elst", {}, u32(1, 0, 0, ONCE)),
    shift: 0,
  },
  {
    name: "an edit that skips the time of reordering",
    edits: fullBox("elst", {}, u32(1, 2_000, 3_840, ONCE)),
    shift: -3_840,
  },
  {
    name: "an empty edit of half a second",
    edits: fullBox("elst", {}, u32(1, 500, 0xffffffff, ONCE)),
    shift: 24_000,
  },
  {
    name: "an empty edit, then one that skips",
    edits: fullBox("elst", {}, u32(2, 478, 0xffffffff, ONCE, 0, 1_024, ONCE)),
    shift: 22_944 - 1_024,
  },
  {
    name: "64-bit edits",
    edits: fullBox(
      "elst",
      { version: 1 },
      u32(2),
      u64(500),
      u64(-1),
      u32(ONCE),
      u64(0),
      u64(7),
      u32(ONCE),
    ),
    shift: 24_000 - 7,
  },
] as const;

for (const { name, edits, shift } of SHIFTS) {
  Deno.test(`parseInitSegment() shifts a track by ${shift} ticks for ${name}`, () => {
    const init = parseInitSegment(moovPayload(edits === undefined ? {} : { edits }));
    strictEqual(init.video.presentationShift, shift);
  });
}

Deno.test("parseInitSegment() passes over tracks that are neither video nor audio", () => {
  const init = parseInitSegment(moovPayload({ handlers: ["sbtl", "soun", "vide"] }));
  deepStrictEqual([init.video.trackId, init.audio?.trackId], [3, 2]);
});

const BROKEN = [
  { name: "there is no video track", moov: moovPayload({ handlers: ["soun"] }) },
  { name: "there is no track", moov: moovPayload({ handlers: [] }) },
  { name: "it is empty", moov: new Uint8Array(0) },
  { name: "it ends within a box", moov: moovPayload().subarray(0, -1) },
  { name: "a track counts time in nothing", moov: moovPayload({ timescale: 0 }) },
  {
    name: "the film counts time in nothing and an edit counts in it",
    moov: moovPayload({
      movieTimescale: 0,
      edits: fullBox("elst", {}, u32(1, 500, 0xffffffff, ONCE)),
    }),
  },
  {
    name: "an edit list says that it goes on for gigabytes",
    moov: moovPayload({ edits: fullBox("elst", {}, u32(0xffffffff, 1, 0xffffffff, ONCE)) }),
  },
];

for (const { name, moov } of BROKEN) {
  Deno.test(`parseInitSegment() throws MalformedMedia when ${name}`, () => {
    throws(() => parseInitSegment(moov), MalformedMedia);
  });
}

Deno.test("parseInitSegment() gives whole numbers or MalformedMedia for a damaged moov", async () => {
  await using folder = await tempFolder();
  const stream = await recordFile(await makeRecordedClip(folder.path, RECORDED_CLIPS[1]!));
  const { moov } = readStream(stream).start;
  fc.assert(
    fc.property(damaged(moov.subarray(8)), (payload) => {
      try {
        for (const number of numbersIn(parseInitSegment(payload))) {
          ok(Number.isSafeInteger(number), `${number}`);
        }
      } catch (error) {
        if (!(error instanceof MalformedMedia)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});
