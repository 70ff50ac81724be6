import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { indexRecording, type RecordingIndex } from "../../src/footage/recording_index.ts";
import { childBoxes, findBox, viewOf } from "../../src/media/boxes.ts";
import type { Sample } from "../../src/media/fragment.ts";
import type { Track } from "../../src/media/init_segment.ts";
import { buildMovie, type Movie, type MovieChunk, type MovieTrack } from "../../src/media/movie.ts";
import { type ClipOptions, frameMd5s, makeClip, runFfmpeg } from "../support/clips.ts";
import { makeRecordedClip, RECORDED_CLIPS } from "../support/recorded_clips.ts";
import {
  ffprobe,
  type ProbedPacket,
  probePackets,
  recordFile,
} from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A recording to make a film of: its file and where its samples lie. */
interface Source {
  readonly path: string;
  readonly index: RecordingIndex;
}

async function record(clip: string, path: string): Promise<Source> {
  await Deno.writeFile(path, await recordFile(clip));
  return { path, index: indexRecording(path) };
}

/** One chunk for each fragment of a track; times are moved by `shift` ticks. */
function chunksOf(
  { index }: Source,
  of: { readonly kind: Track["kind"]; readonly source: number; readonly shift: number },
): MovieChunk[] {
  const { kind, source, shift } = of;
  const move = (sample: Sample) => ({
    ...sample,
    dts: sample.dts + shift,
    pts: sample.pts + shift,
  });
  return index.fragments.map((fragment) => fragment[kind]).filter(({ length }) => length > 0)
    .map((samples) => ({
      track: kind === "video" ? 0 : 1,
      sampleEntry: source,
      source,
      offset: samples[0]!.offset,
      samples: samples.map(move),
    }));
}

function trackOf(track: Track, edit: MovieTrack["edit"]): MovieTrack {
  const { kind, timescale, width, height, sampleEntry } = track;
  return { kind, timescale, width, height, sampleEntries: [sampleEntry], edit };
}

/** Decode time of a track's first sample, in ticks. */
function firstDts({ index }: Source, kind: Track["kind"]): number {
  return index.fragments.flatMap((fragment) => fragment[kind])[0]!.dts;
}

/** A film of one recording: all samples are in it, shown is what the window says. */
function filmOf(
  source: Source,
  shown: { readonly fromSeconds: number; readonly seconds: number },
): Movie {
  const { video, audio } = source.index.init;
  const tracks = [video, audio].filter((track) => track !== undefined);
  // The media of a track begins with its first sample.
  const shift = (kind: Track["kind"]) => -firstDts(source, kind);
  return buildMovie({
    createdMs: Date.parse("2026-11-21T20:57:09Z"),
    tracks: tracks.map((track) =>
      trackOf(track, {
        start: Math.round(shown.fromSeconds * track.timescale) + shift(track.kind),
        duration: Math.round(shown.seconds * track.timescale),
      })
    ),
    chunks: tracks.flatMap(({ kind }) => chunksOf(source, { kind, source: 0, shift: shift(kind) })),
  });
}

async function writeMovie(path: string, movie: Movie, sources: readonly Source[]): Promise<string> {
  const files = await Promise.all(sources.map((source) => Deno.readFile(source.path)));
  const bytes = movie.ranges.map(({ source, offset, sizeBytes }) =>
    files[source]!.subarray(offset, offset + sizeBytes)
  );
  await Deno.writeFile(path, new Blob([movie.head.slice(), ...bytes]).stream());
  strictEqual((await Deno.stat(path)).size, movie.totalBytes);
  return path;
}

for (const recorded of RECORDED_CLIPS) {
  Deno.test(`buildMovie() makes a film with every frame of ${recorded.name}`, async () => {
    await using folder = await tempFolder();
    const clip = await makeRecordedClip(folder.path, recorded);
    const source = await record(clip, `${folder.path}/recording.mp4`);
    const movie = filmOf(source, { fromSeconds: 0, seconds: 3 });
    const path = await writeMovie(`${folder.path}/film.mp4`, movie, [source]);
    deepStrictEqual(await frameMd5s(path), await frameMd5s(clip));
    const [inFilm, inSource] = [await probePackets(path), await probePackets(source.path)];
    const ofKind = (packets: ProbedPacket[], kind: Track["kind"]) =>
      packets.filter((packet) => packet.kind === kind);
    deepStrictEqual(
      ofKind(inFilm, "video").map(({ offset: _, ...packet }) => packet),
      ofKind(inSource, "video").map(({ offset: _, ...packet }) => packet),
    );
    const sounds = ofKind(inSource, "audio");
    strictEqual(ofKind(inFilm, "audio").length, sounds.length);
    for (const [index, { pts, sizeBytes }] of ofKind(inFilm, "audio").entries()) {
      strictEqual(sizeBytes, sounds[index]!.sizeBytes);
      // The film's edit list counts in the video's ticks, of which 4 of the audio's make one.
      ok(Math.abs(pts - sounds[index]!.pts) <= 4, `${pts}, in the source ${sounds[index]!.pts}`);
    }
  });

  Deno.test(`buildMovie() shows just the frames of the edit of ${recorded.name}`, async () => {
    await using folder = await tempFolder();
    const clip = await makeRecordedClip(folder.path, recorded);
    const source = await record(clip, `${folder.path}/recording.mp4`);
    // From within the first group of pictures to within the second: frames 13 to 36.
    const movie = filmOf(source, { fromSeconds: 0.52, seconds: 0.96 });
    const path = await writeMovie(`${folder.path}/cut.mp4`, movie, [source]);
    deepStrictEqual(await frameMd5s(path), (await frameMd5s(clip)).slice(13, 37));
    const { format } = await ffprobe(path, ["-show_format"]) as { format: { duration: string } };
    strictEqual(Number(format.duration), 0.96);
    // What lies before and after is in the file, hidden.
    const all = await frameMd5s(path, { inputArgs: ["-ignore_editlist", "1"] });
    strictEqual(all.length, 50);
  });
}

Deno.test("buildMovie() keeps sound and picture together when cut", async () => {
  await using folder = await tempFolder();
  const clip = await makeRecordedClip(folder.path, RECORDED_CLIPS[1]!);
  const source = await record(clip, `${folder.path}/recording.mp4`);
  const movie = filmOf(source, { fromSeconds: 1, seconds: 0.8 });
  const path = await writeMovie(`${folder.path}/cut.mp4`, movie, [source]);
  /** Time of the packet of this size: sizes of key frames and of these sounds are unlike. */
  const seconds = async (file: string) => {
    const { video, audio } = source.index.init;
    const packets = await probePackets(file);
    const picture = packets.find(({ kind, isKey, pts }) => kind === "video" && isKey && pts >= 0)!;
    return packets.filter(({ kind }) => kind === "audio").map(({ sizeBytes, pts }) => [
      sizeBytes,
      Math.round((pts / audio!.timescale - picture.pts / video.timescale) * 1_000),
    ]);
  };
  const inFilm = await seconds(path);
  const keyMs = 1_000;
  const inSource = (await seconds(source.path)).map(([size, ms]) => `${size} ${ms! - keyMs}`);
  ok(inFilm.length > 30);
  const strangers = inFilm.filter(([size, ms]) => !inSource.includes(`${size} ${ms}`));
  deepStrictEqual(strangers, []);
});

Deno.test("buildMovie() delays sound that begins after the picture with an empty edit", async () => {
  await using folder = await tempFolder();
  const clip = await makeRecordedClip(folder.path, RECORDED_CLIPS[1]!);
  const source = await record(clip, `${folder.path}/recording.mp4`);
  const { head } = filmOf(source, { fromSeconds: 0, seconds: 2 });
  const [, moov] = [...childBoxes(head.subarray(0, -16))];
  const [, sound] = [...childBoxes(moov!.payload)].filter(({ type }) => type === "trak");
  const elst = viewOf(findBox(sound!.payload, ["edts", "elst"])!.payload);
  const edits = Array.from({ length: elst.getUint32(4) }, (_, index) => ({
    seconds: Number(elst.getBigUint64(8 + index * 20)) / source.index.init.video.timescale,
    mediaTime: Number(elst.getBigInt64(16 + index * 20)),
  }));
  const shownSeconds = edits.reduce((sum, { seconds }) => sum + seconds, 0);
  deepStrictEqual(edits.map(({ mediaTime }) => mediaTime), [-1, 0]);
  ok(Math.abs(edits[0]!.seconds - 0.478) < 0.001, `delayed by ${edits[0]!.seconds} s`);
  ok(Math.abs(shownSeconds - 2) < 0.001, `shown for ${shownSeconds} s`);
});

/** Two clips one behind the other on one track. */
async function joined(
  folder: string,
  clips: readonly [ClipOptions, ClipOptions],
  holeSeconds: number,
): Promise<{ readonly path: string; readonly clips: readonly string[] }> {
  const paths = [`${folder}/one.mp4`, `${folder}/two.mp4`];
  const sources: Source[] = [];
  for (const [index, options] of clips.entries()) {
    const clip = await makeClip(paths[index]!, options);
    sources.push(await record(clip, `${clip}.recorded.mp4`));
  }
  const [first, second] = sources.map(({ index }) => index.init.video);
  const perSecond = first!.timescale;
  const chunks = sources.flatMap((source, index) =>
    chunksOf(source, { kind: "video", source: index, shift: index * (1 + holeSeconds) * perSecond })
      .map((chunk) => ({ ...chunk, sampleEntry: index }))
  );
  const track = trackOf(first!, { start: 0, duration: (2 + holeSeconds) * perSecond });
  const sampleEntries = [first!.sampleEntry, second!.sampleEntry];
  const movie = buildMovie({ createdMs: 0, tracks: [{ ...track, sampleEntries }], chunks });
  return { path: await writeMovie(`${folder}/joined.mp4`, movie, sources), clips: paths };
}

Deno.test("buildMovie() plays footage of two sizes, each with its own sample entry", async () => {
  await using folder = await tempFolder();
  const sizes = [{ seconds: 1, size: "320x180" }, { seconds: 1, size: "160x90" }] as const;
  const { path, clips } = await joined(folder.path, sizes, 0);
  const entries = ["-show_frames", "-show_entries", "frame=width,height"];
  const { frames } = await ffprobe(path, entries) as {
    frames: { width: number; height: number }[];
  };
  deepStrictEqual(
    frames.map(({ width, height }) => `${width}x${height}`),
    [...Array(25).fill("320x180"), ...Array(25).fill("160x90")],
  );
  // Without it ffmpeg scales the second clip to the size of the first.
  const hashes = await runFfmpeg([
    ...["-i", path, "-autoscale", "0", "-fps_mode", "passthrough"],
    ...["-f", "framehash", "-hash", "md5", "-"],
  ]);
  const md5s = hashes.stdout.split("\n").filter((line) => /^0,/.test(line))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
  deepStrictEqual(md5s, [...await frameMd5s(clips[0]!), ...await frameMd5s(clips[1]!)]);
});

Deno.test("buildMovie() keeps a hole between two recordings as a jump in time", async () => {
  await using folder = await tempFolder();
  const clip = { seconds: 1, size: "64x36" };
  const { path } = await joined(folder.path, [clip, clip], 2);
  const seconds = (await probePackets(path)).map(({ pts }) => pts / 12_800);
  deepStrictEqual(seconds.slice(23, 27), [0.92, 0.96, 3, 3.04]);
  strictEqual((await frameMd5s(path)).length, 50);
});

const TABLES = ["trak", "mdia", "minf", "stbl"];

/** A film whose samples would have these sizes, each shown `shift` after it is decoded; no such file is there. */
function filmOfSizes(sizes: readonly number[], shift = 0): Movie {
  const track = {
    kind: "video",
    timescale: 1_000,
    width: 64,
    height: 36,
    sampleEntries: [new Uint8Array(8)],
    edit: { start: 0, duration: 1_000 },
  } as const;
  const chunks = sizes.map((sizeBytes, index) => ({
    track: 0,
    sampleEntry: 0,
    source: index,
    offset: 100,
    samples: [{ dts: index, pts: index + shift, duration: 1, sizeBytes, isKey: true }],
  }));
  return buildMovie({ createdMs: 0, tracks: [track], chunks });
}

Deno.test("buildMovie() places chunks with 64 bits when the film is past 4 GB", () => {
  const threeGigabytes = 3_000_000_000;
  const { head, ranges, totalBytes } = filmOfSizes([threeGigabytes, threeGigabytes, 7]);
  const [, moov] = [...childBoxes(head.subarray(0, -16))];
  strictEqual(findBox(moov!.payload, [...TABLES, "stco"]), undefined);
  const offsets = viewOf(findBox(moov!.payload, [...TABLES, "co64"])!.payload);
  const places = [0, 1, 2].map((index) => Number(offsets.getBigUint64(8 + index * 8)));
  deepStrictEqual(places, [0, 1, 2].map((index) => head.length + index * threeGigabytes));
  strictEqual(totalBytes, head.length + 2 * threeGigabytes + 7);
  strictEqual(ranges.length, 3);
  const mdat = viewOf(head.subarray(-16));
  strictEqual(mdat.getUint32(0), 1);
  strictEqual(Number(mdat.getBigUint64(8)), 16 + 2 * threeGigabytes + 7);
});

Deno.test("buildMovie() places chunks with 32 bits when the film is small", () => {
  const { head } = filmOfSizes([5, 6]);
  const [, moov] = [...childBoxes(head.subarray(0, -16))];
  strictEqual(findBox(moov!.payload, [...TABLES, "co64"]), undefined);
  const offsets = viewOf(findBox(moov!.payload, [...TABLES, "stco"])!.payload);
  deepStrictEqual([offsets.getUint32(8), offsets.getUint32(12)], [head.length, head.length + 5]);
});

for (
  const { name, shift, version } of [
    { name: "unsigned when no picture is due before it is decoded", shift: 7, version: 0 },
    { name: "signed when one is", shift: -7, version: 1 },
  ]
) {
  Deno.test(`buildMovie() writes the distance from decoding to showing ${name}`, () => {
    const { head } = filmOfSizes([5, 6], shift);
    const [, moov] = [...childBoxes(head.subarray(0, -16))];
    const ctts = viewOf(findBox(moov!.payload, [...TABLES, "ctts"])!.payload);
    // Version, then one row: so many samples, so far apart.
    deepStrictEqual([ctts.getUint8(0), ctts.getUint32(4)], [version, 1]);
    deepStrictEqual([ctts.getUint32(8), ctts.getInt32(12)], [2, shift]);
  });
}

Deno.test("buildMovie() copies chunks that lie one behind the other as one range", () => {
  const sample = { dts: 0, pts: 0, duration: 1, sizeBytes: 10, isKey: true };
  const chunk = { track: 0, sampleEntry: 0, source: 0, samples: [sample] };
  const track = {
    kind: "video",
    timescale: 1_000,
    width: 64,
    height: 36,
    sampleEntries: [],
    edit: { start: 0, duration: 4 },
  } as const;
  const places = [[0, 100], [0, 110], [0, 130], [1, 140]] as const;
  const chunks = places.map(([source, offset]) => ({ ...chunk, source, offset }));
  deepStrictEqual(buildMovie({ createdMs: 0, tracks: [track], chunks }).ranges, [
    { source: 0, offset: 100, sizeBytes: 20 },
    { source: 0, offset: 130, sizeBytes: 10 },
    { source: 1, offset: 140, sizeBytes: 10 },
  ]);
});

Deno.test("buildMovie() throws a RangeError when there is no track", () => {
  throws(() => buildMovie({ createdMs: 0, tracks: [], chunks: [] }), RangeError);
});
