import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { childBoxes } from "../../src/media/boxes.ts";
import { parseFragment } from "../../src/media/fragment.ts";
import { type Fragment, sampleBytes } from "../../src/media/fragment_stream.ts";
import {
  buildFragment,
  oneTrackInit,
  type SampleWithBytes,
} from "../../src/media/fragment_writer.ts";
import { parseInitSegment } from "../../src/media/init_segment.ts";
import { frameMd5s } from "../support/clips.ts";
import { makeRecordedClip, RECORDED_CLIPS } from "../support/recorded_clips.ts";
import { ffprobe, probePackets, readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Ticks added to every time, because decode times may lie before 0 and a fragment's may not. */
const LEAD = 1_000_000;

/** The video samples of a stream in groups, each with its bytes, moved by {@linkcode LEAD}. */
function groupsOf(fragments: readonly Fragment[], size: number): SampleWithBytes[][] {
  const samples = fragments.flatMap((fragment) =>
    fragment.samples.video.map((sample) => ({
      ...sample,
      dts: sample.dts + LEAD,
      pts: sample.pts + LEAD,
      bytes: sampleBytes(fragment, sample),
    }))
  );
  const groups: SampleWithBytes[][] = [];
  for (let from = 0; from < samples.length; from += size) {
    groups.push(samples.slice(from, from + size));
  }
  return groups;
}

for (const recorded of RECORDED_CLIPS) {
  Deno.test(`buildFragment() makes a stream that decodes to the frames of ${recorded.name}`, async () => {
    await using folder = await tempFolder();
    const clip = await makeRecordedClip(folder.path, recorded);
    const { start, fragments } = readStream(await recordFile(clip));
    const { video } = start.init;
    const init = oneTrackInit(start.moov.subarray(8), video);
    const path = `${folder.path}/rebuilt.mp4`;
    const groups = groupsOf(fragments, 7);
    const parts = groups.map((group, index) =>
      buildFragment(group, { trackId: video.trackId, sequence: index + 1 })
    );
    await Deno.writeFile(path, new Blob([start.ftyp.slice(), init, ...parts]).stream());
    deepStrictEqual(await frameMd5s(path), await frameMd5s(clip));
    const packets = await probePackets(path);
    deepStrictEqual(
      packets.map(({ kind, pts, dts, sizeBytes, isKey }) => ({ kind, pts, dts, sizeBytes, isKey })),
      groups.flat().map(({ pts, dts, bytes, isKey }) => ({
        kind: "video",
        pts,
        dts,
        sizeBytes: bytes.length,
        isKey,
      })),
    );
  });
}

Deno.test("buildFragment() makes what parseFragment() reads, with shown before decoded too", () => {
  const bytes = (length: number) => new Uint8Array(length).fill(length);
  const samples = [
    { dts: 2 ** 40, pts: 2 ** 40 + 80, duration: 40, isKey: true, bytes: bytes(5) },
    { dts: 2 ** 40 + 40, pts: 2 ** 40 + 30, duration: 0, isKey: false, bytes: bytes(3) },
  ];
  const built = buildFragment(samples, { trackId: 9, sequence: 1 });
  const [moof, mdat] = [...childBoxes(built)];
  const track = {
    trackId: 9,
    kind: "video",
    timescale: 1_000,
    codec: "avc1",
    sampleEntry: new Uint8Array(0),
    width: 64,
    height: 36,
    presentationShift: 0,
    defaults: { duration: 1, sizeBytes: 1, flags: 0 },
  } as const;
  const { video } = parseFragment(moof!, { video: track, audio: undefined });
  deepStrictEqual(
    video,
    samples.map(({ bytes, ...times }, index) => ({
      ...times,
      sizeBytes: bytes.length,
      offset: moof!.bytes.length + 8 + (index === 0 ? 0 : 5),
    })),
  );
  deepStrictEqual([...mdat!.payload], [5, 5, 5, 5, 5, 3, 3, 3]);
});

Deno.test("buildFragment() throws a RangeError when there is no sample", () => {
  throws(() => buildFragment([], { trackId: 1, sequence: 1 }), RangeError);
});

Deno.test("oneTrackInit() drops the audio and the edit list and counts in the given timescale", async () => {
  await using folder = await tempFolder();
  const clip = await makeRecordedClip(folder.path, RECORDED_CLIPS[1]!);
  const { start } = readStream(await recordFile(clip));
  const { video, audio } = start.init;
  strictEqual(audio?.kind, "audio");
  const before = start.moov.slice();
  const init = oneTrackInit(start.moov.subarray(8), { trackId: video.trackId, timescale: 2_000 });
  deepStrictEqual(parseInitSegment(init.subarray(8)), {
    video: { ...video, timescale: 2_000, presentationShift: 0 },
    audio: undefined,
  });
  // The stream's own init segment goes on into the recording files.
  deepStrictEqual(start.moov, before);
  const path = `${folder.path}/init.mp4`;
  await Deno.writeFile(path, new Blob([start.ftyp.slice(), init]).stream());
  const { streams } = await ffprobe(path, ["-show_streams"]) as {
    streams: { time_base: string }[];
  };
  deepStrictEqual(streams.map((each) => each.time_base), ["1/2000"]);
});
