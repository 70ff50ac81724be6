import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { COLLECTED, CountedMemory } from "../../src/base/shared_memory.ts";
import type { Logger } from "../../src/base/log.ts";
import type { UnixMs } from "../../src/base/units.ts";
import { identifyRoot } from "../../src/host/root_identity.ts";
import { PresentationOrder } from "../../src/media/presentation_order.ts";
import { noStills, type StillFrame, StillMaker } from "../../src/capture/still_maker.ts";
import { sampleBytes } from "../../src/media/fragment_stream.ts";
import { slotOf, stillPath } from "../../src/model/paths.ts";
import { makeClip, runFfmpeg } from "../support/clips.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { nearest, thumbnails } from "../support/thumbnails.ts";

/**
 * Wall time of stream time 0; not on a full second. With a key frame each 1.6 s it
 * also puts full seconds between key frames and the frames that lead them in.
 */
const ORIGIN = Date.parse("2026-11-21T20:57:09.420Z");

type Ordered = StillFrame & { readonly pts: number; readonly dts: number };

/** A recording with what is needed of it to make stills. */
interface Recording {
  readonly start: ReturnType<typeof readStream>["start"];
  /** In decode order. */
  readonly decoded: readonly Ordered[];
}

/** Reads the recorder's stream of a clip; its stills are due every `everyMs`. */
async function recordingOf(clip: string, everyMs: number): Promise<Recording> {
  const { start, fragments } = readStream(await recordFile(clip));
  const wallMs = (ticks: number) => ORIGIN + ticks * 1_000 / start.init.video.timescale;
  let gop = { number: 0, length: 0, keyPts: 0 };
  const decoded = fragments.flatMap((fragment) =>
    fragment.samples.video.map((sample) => {
      if (sample.isKey) gop = { number: gop.number + 1, length: 0, keyPts: sample.pts };
      gop.length += 1;
      return {
        ...sample,
        bytes: sampleBytes(fragment, sample),
        memory: COLLECTED,
        slotMs: slotOf(wallMs(sample.pts), everyMs),
        isLeading: sample.pts < gop.keyPts,
        atMs: wallMs(sample.pts),
        decodeAtMs: wallMs(sample.dts),
        gop: gop.number,
        index: gop.length - 1,
      };
    })
  );
  return { start, decoded };
}

interface World {
  readonly root: string;
  readonly recording: Recording;
  readonly ffmpegPath?: string;
}

/** A still maker for a recording, its clock, its counters and what it complained of. */
async function makeWorld({ root, recording, ffmpegPath = "ffmpeg" }: World) {
  const { ftyp, moov, init } = recording.start;
  const clock = new FakeClock(new Date(ORIGIN).toISOString());
  const counters = noStills();
  const rootIdentity = await identifyRoot(root);
  const complaints = new EventTarget();
  const complain = () => complaints.dispatchEvent(new Event("complaint"));
  const log = { warning: complain, error: complain } as unknown as Logger;
  const maker = new StillMaker({
    mayWrite: () => true,
    ...{ root, rootIdentity, cameraId: "front", quality: 85, ffmpegPath, ftyp, moov },
    ...{ track: init.video, clock, log, counters },
  });
  const complained = () =>
    new Promise((resolve) => complaints.addEventListener("complaint", resolve, { once: true }));
  return { maker, clock, counters, complained };
}

/**
 * Hands frames to the maker as a recorder does: kept when they come, shown in order.
 *
 * @returns The frames as it got them.
 */
function feed(maker: StillMaker, frames: readonly Ordered[]): Ordered[] {
  const all: Ordered[] = [];
  const order = new PresentationOrder<Ordered>();
  for (const frame of frames) {
    const bytes = frame.bytes.slice();
    const memory = new CountedMemory(bytes);
    const given = { ...frame, bytes, memory };
    all.push(given);
    maker.keep(given);
    // From here on the maker alone holds it.
    memory.release();
    for (const shown of order.push(given)) maker.show(shown);
  }
  for (const shown of order.flush()) maker.show(shown);
  return all;
}

/** Frames whose memory nobody has let go of. */
function stillHeld(frames: readonly Ordered[]): Ordered[] {
  return frames.filter(({ bytes }) => bytes.length > 0);
}

/** Every interval that has a frame, in order. */
function slotsOf({ decoded }: Recording): UnixMs[] {
  return [...new Set(decoded.map(({ slotMs }) => slotMs))].sort();
}

async function stillNames(root: string): Promise<string[]> {
  const names: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      if (isDirectory) await walk(`${folder}/${name}`);
      else names.push(`${folder}/${name}`);
    }
  };
  await walk("frames");
  return names.sort();
}

/** ffmpeg reads the pictures in the order of their names, which is that of time. */
const GLOB = ["-f", "image2", "-pattern_type", "glob"];

/** Key frames that are decoded with frames before them: H.265 as many cameras send it. */
async function makeOpenGops(path: string): Promise<string> {
  const parameters = "log-level=error:pools=none:frame-threads=1:open-gop=1:bframes=3:keyint=40";
  await runFfmpeg([
    ...["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "6", "-pix_fmt", "yuv420p"],
    ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", parameters, path],
  ]);
  return path;
}

const CLIPS = [
  {
    name: "key frames each 8 s and B-frames",
    everyMs: 1_000,
    make: (path: string) => makeClip(path, { seconds: 19, gop: 200, bframes: 2 }),
  },
  {
    name: "key frames each second and no B-frames",
    everyMs: 1_000,
    make: (path: string) => makeClip(path, { seconds: 6, gop: 25 }),
  },
  {
    name: "key frames each second, B-frames and stills each 200 ms",
    everyMs: 200,
    make: (path: string) => makeClip(path, { seconds: 4, gop: 25, bframes: 2 }),
  },
  {
    name: "H.265 in open groups of pictures",
    hasLeading: true,
    everyMs: 1_000,
    make: makeOpenGops,
  },
  {
    name: "7 frames a second",
    everyMs: 1_000,
    make: (path: string) => makeClip(path, { seconds: 9, fps: "7", gop: 21, bframes: 1 }),
  },
];

for (const { name, everyMs, make, hasLeading = false } of CLIPS) {
  Deno.test(`StillMaker makes one still of each interval, of a frame within it: ${name}`, async () => {
    await using folder = await tempFolder();
    const clip = await make(`${folder.path}/clip.mp4`);
    const recording = await recordingOf(clip, everyMs);
    strictEqual(recording.decoded.some(({ isLeading }) => isLeading), hasLeading);
    const { maker, counters } = await makeWorld({ root: folder.path, recording });
    const given = feed(maker, recording.decoded);
    await maker.close();
    deepStrictEqual(stillHeld(given), []);
    const slots = slotsOf(recording);
    deepStrictEqual(counters, { ...counters, written: slots.length, lost: 0 });
    const names = await stillNames(folder.path);
    deepStrictEqual(names, slots.map((slotMs) => stillPath("front", slotMs)).sort());
    const sizes = names.map((each) => Deno.statSync(`${folder.path}/${each}`).size);
    strictEqual(counters.bytes, sizes.reduce((sum, size) => sum + size));
    const pictures = await thumbnails(clip);
    const stills = await thumbnails(`${folder.path}/frames/front/*/*/*.jpg`, GLOB);
    const shown = recording.decoded.toSorted((one, other) => one.pts - other.pts);
    strictEqual(pictures.length, shown.length);
    for (const [index, slotMs] of slots.entries()) {
      const inSlot = shown.filter((frame) => frame.slotMs === slotMs && !frame.isLeading);
      const wanted = inSlot.find(({ isKey }) => isKey) ?? inSlot[0]!;
      const found = nearest(stills[index]!, pictures);
      strictEqual(found, shown.indexOf(wanted), `still of ${slotMs - ORIGIN} ms`);
    }
    ok(slots.includes(slotOf(counters.lastAtMs!, everyMs)));
  });
}

Deno.test("StillMaker counts every still as lost when there is no decoder, and never throws", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/clip.mp4`, { seconds: 3 });
  const recording = await recordingOf(clip, 1_000);
  const ffmpegPath = `${folder.path}/no-ffmpeg`;
  const { maker, counters } = await makeWorld({ root: folder.path, recording, ffmpegPath });
  const given = feed(maker, recording.decoded);
  await maker.close();
  deepStrictEqual(stillHeld(given), []);
  const lost = slotsOf(recording).length;
  deepStrictEqual(counters, { ...noStills(), lost });
});

Deno.test("StillMaker starts another decoder at the next key frame after the first has died", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/clip.mp4`, { seconds: 5 });
  const recording = await recordingOf(clip, 1_000);
  const ffmpegPath = `${folder.path}/ffmpeg`;
  // The first one reads a little and fails; those after it are ffmpeg.
  await Deno.writeTextFile(
    ffmpegPath,
    `#!/bin/sh\nmkdir "${folder.path}/died" 2>/dev/null || exec ffmpeg "$@"\nhead -c 1 >/dev/null\n` +
      "echo out of memory >&2\nexit 1\n",
    { mode: 0o755 },
  );
  const { maker, clock, counters, complained } = await makeWorld({
    root: folder.path,
    recording,
    ffmpegPath,
  });
  const firstSeconds = recording.decoded.filter(({ gop }) => gop <= 2);
  const told = complained();
  feed(maker, firstSeconds);
  await told;
  await clock.advance(60_000);
  feed(maker, recording.decoded.slice(firstSeconds.length));
  await maker.close();
  const slots = slotsOf(recording);
  const names = await stillNames(folder.path);
  // Seconds whose key frame came after the first decoder had died.
  deepStrictEqual(names, slots.slice(2).map((slotMs) => stillPath("front", slotMs)));
  strictEqual(counters.written + counters.lost, slots.length);
});

Deno.test("StillMaker counts a still as lost that can't be written, and goes on", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/clip.mp4`, { seconds: 3 });
  const recording = await recordingOf(clip, 1_000);
  const slots = slotsOf(recording);
  // A folder stands where the second still should.
  await Deno.mkdir(`${folder.path}/${stillPath("front", slots[1]!)}`, { recursive: true });
  const { maker, counters } = await makeWorld({ root: folder.path, recording });
  feed(maker, recording.decoded);
  await maker.close();
  deepStrictEqual([counters.written, counters.lost], [slots.length - 1, 1]);
});
