import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";
import { liveTimeline, moveFragment } from "../../src/media/live_timeline.ts";
import { OggOpusReader } from "../../src/media/ogg_opus.ts";
import { hasOpusEncoder, opusArgs } from "../../src/media/opus_args.ts";
import { opusSamples } from "../../src/media/opus_packet.ts";
import { SoundTrack } from "../../src/media/sound_fragment.ts";
import { makeClip } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Table of contents of 20 ms of CELT, one frame. */
const TOC_20_MS = 31 << 3;

const LENGTHS = [
  { name: "20 ms of CELT", packet: [TOC_20_MS], want: 960 },
  { name: "2.5 ms of CELT", packet: [28 << 3], want: 120 },
  { name: "60 ms of SILK", packet: [3 << 3], want: 2_880 },
  { name: "two frames of 10 ms of both", packet: [(12 << 3) | 1], want: 960 },
  { name: "three frames of 20 ms", packet: [TOC_20_MS | 3, 3], want: 2_880 },
  { name: "more than 120 ms", packet: [TOC_20_MS | 3, 7], want: undefined },
  { name: "no frame", packet: [TOC_20_MS | 3, 0], want: undefined },
  { name: "nothing", packet: [], want: undefined },
] as const;

for (const { name, packet, want } of LENGTHS) {
  Deno.test(`opusSamples() finds ${want ?? "no"} samples in ${name}`, () => {
    strictEqual(opusSamples(Uint8Array.from(packet)), want);
  });
}

/** A page of Ogg with segments of these contents; a packet ends where one is shorter than 255. */
function page(endSample: number, ...segments: Uint8Array[]): Uint8Array {
  const head = new Uint8Array(27 + segments.length);
  head.set([..."OggS"].map((letter) => letter.charCodeAt(0)));
  new DataView(head.buffer).setBigInt64(6, BigInt(endSample), true);
  head[26] = segments.length;
  head.set(segments.map(({ length }) => length), 27);
  return joined([head, ...segments]);
}

function packet(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(7);
  bytes[0] = TOC_20_MS;
  return bytes;
}

const HEAD = Uint8Array.from([...[..."OpusHead"].map((c) => c.charCodeAt(0)), 1, 2, 120, 0, 0, 0]);
const HEADERS = joined([page(0, HEAD), page(0, packet(30))]);

Deno.test("OggOpusReader gives packets with their times, whatever the pieces", () => {
  const long = packet(255 + 40);
  const stream = joined([
    HEADERS,
    page(1_080 + 960, packet(9), packet(10)),
    // A packet that goes on in the next page.
    page(-1, long.subarray(0, 255)),
    page(5_000, long.subarray(255)),
  ]);
  const want = [
    { sizeBytes: 9, startSample: 0, samples: 960 },
    { sizeBytes: 10, startSample: 960, samples: 960 },
    { sizeBytes: 295, startSample: 5_000 - 120 - 960, samples: 960 },
  ];
  for (const pieceBytes of [1, 7, 100, stream.length]) {
    const reader = new OggOpusReader();
    const found = [];
    for (let at = 0; at < stream.length; at += pieceBytes) {
      found.push(...reader.push(stream.subarray(at, at + pieceBytes)));
    }
    deepStrictEqual(
      found.map(({ bytes, ...times }) => ({ sizeBytes: bytes.length, ...times })),
      want,
    );
  }
});

Deno.test("OggOpusReader refuses what is no such stream", () => {
  throws(() => new OggOpusReader().push(new Uint8Array(40)), MalformedMedia);
  throws(() => new OggOpusReader().push(page(0, packet(20))), MalformedMedia);
  const endless = new OggOpusReader();
  endless.push(HEADERS);
  const full = page(-1, ...Array.from({ length: 255 }, () => new Uint8Array(255)));
  throws(() => [1, 2, 3].forEach(() => endless.push(full)), MalformedMedia);
});

Deno.test("hasOpusEncoder() finds libopus, and not Opus by ffmpeg itself", () => {
  strictEqual(hasOpusEncoder(" A....D libopus              libopus Opus (codec opus)\n"), true);
  strictEqual(hasOpusEncoder(" A..X.D opus                 Opus\n"), false);
});

Deno.test("opusArgs() makes Opus of a camera's AAC, each packet at its time, also behind a hole", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/clip.mp4`, {
    seconds: 2,
    size: "64x36",
    audio: true,
  });
  const { start, fragments } = readStream(await recordFile(clip));
  const timeline = liveTimeline(joined([start.ftyp, start.moov]));
  const track = SoundTrack.of(timeline.initSegment)!;
  const pieces = fragments.map(({ bytes }) => {
    moveFragment(bytes, timeline);
    return track.fragment(bytes)!.bytes;
  });
  // A fragment of 0.2 s is lost on the way.
  const fed = joined([track.initSegment, ...pieces.slice(0, 5), ...pieces.slice(6)]);
  const child = new Deno.Command("ffmpeg", {
    args: opusArgs(),
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(fed as Uint8Array<ArrayBuffer>);
  await writer.close();
  const { stdout, stderr } = await child.output();
  strictEqual(new TextDecoder().decode(stderr), "");
  const packets = new OggOpusReader().push(stdout);
  ok(packets.length >= 88 && packets.length <= 94, `${packets.length} packets`);
  ok(packets.every(({ samples }) => samples === 960));
  const startS = packets[0]!.startSample / 48_000 - timeline.laterMs / 1_000;
  ok(Math.abs(startS) < 0.03, `the first begins at ${startS} s`);
  const holes = packets.slice(1).map(({ startSample }, index) =>
    startSample - packets[index]!.startSample - 960
  ).filter((samples) => samples > 100);
  strictEqual(holes.length, 1);
  ok(Math.abs(holes[0]! / 48_000 - 0.2) < 0.05, `a hole of ${holes[0]} samples`);
});
