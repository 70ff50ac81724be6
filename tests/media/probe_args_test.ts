import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseProbe, probeArgs } from "../../src/media/probe_args.ts";

/** What ffprobe says of an RTSP camera's video: it has measured no rate. */
const VIDEO = JSON.parse(`{
  "index": 0, "codec_type": "video", "codec_name": "h264", "width": 64, "height": 36,
  "avg_frame_rate": "0/0", "r_frame_rate": "90000/1"
}`);

/** One packet each 40 ms; those at the positions of `keys` are key frames of 1000 bytes. */
function packets(count: number, keys: readonly number[]): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    stream_index: 0,
    pts_time: (index * 0.04).toFixed(6),
    size: keys.includes(index) ? "1000" : "100",
    flags: keys.includes(index) ? "K_" : "__",
  }));
}

function probed(document: unknown): ReturnType<typeof parseProbe> {
  return parseProbe(JSON.stringify(document));
}

Deno.test("probeArgs() asks a camera over TCP, with ffprobe's own time-out and six seconds", () => {
  const args = probeArgs({ kind: "rtsp", url: "rtsp://host/a" }, "packets");
  strictEqual(args[args.indexOf("-rtsp_transport") + 1], "tcp");
  strictEqual(args[args.indexOf("-timeout") + 1], "8000000");
  strictEqual(args[args.indexOf("-read_intervals") + 1], "%+6");
  strictEqual(args.at(-1), "rtsp://host/a");
});

Deno.test("probeArgs() asks for no packets when only the streams are wanted", () => {
  const args = probeArgs({ kind: "http", url: "http://host/a" }, "streams");
  ok(!args.includes("-read_intervals"));
  ok(!args.some((arg) => arg.includes("packet=")));
});

Deno.test("probeArgs() takes a colon in a file's name for a part of the name", () => {
  const args = probeArgs({ kind: "file", path: "/a:b.mp4", loop: false }, "packets");
  strictEqual(args.at(-1), "file:/a:b.mp4");
});

Deno.test("parseProbe() measures rate, bits and the longest way between key frames", () => {
  const facts = probed({ streams: [VIDEO], packets: packets(100, [0, 25, 75]) });
  // 3 x 1000 + 97 x 100 bytes in four seconds.
  deepStrictEqual(facts, {
    video: {
      codec: "h264",
      width: 64,
      height: 36,
      fps: 25,
      keyFrameSeconds: 2,
      bitsPerSecond: 25_400,
    },
    audio: null,
  });
});

Deno.test("parseProbe() believes a stream's average rate before its own measure", () => {
  const facts = probed({
    streams: [{ ...VIDEO, avg_frame_rate: "30000/1001" }],
    packets: packets(50, [0]),
  });
  strictEqual(facts?.video.fps, 29.97);
});

Deno.test("parseProbe() leaves open what one packet can't tell", () => {
  const facts = probed({
    streams: [{ ...VIDEO, r_frame_rate: "25/1" }],
    packets: packets(1, [0]),
  });
  const { fps, keyFrameSeconds, bitsPerSecond } = facts!.video;
  deepStrictEqual({ fps, keyFrameSeconds, bitsPerSecond }, {
    fps: 25,
    keyFrameSeconds: null,
    bitsPerSecond: null,
  });
});

Deno.test("parseProbe() takes the first audio and no other stream's packets", () => {
  const audio = JSON.parse('{ "codec_type": "audio", "sample_rate": "48000", "channels": 2 }');
  const foreign = packets(100, [0, 1, 2]).map((packet) => ({ ...packet, stream_index: 1 }));
  const facts = probed({
    streams: [
      VIDEO,
      { ...audio, index: 1, "codec_name": "aac" },
      { ...audio, index: 2, "codec_name": "opus" },
    ],
    packets: [...foreign, ...packets(100, [0, 50])],
  });
  deepStrictEqual(facts?.audio, { codec: "aac", sampleRate: 48_000, channels: 2 });
  strictEqual(facts?.video.keyFrameSeconds, 2);
});

const WITHOUT_VIDEO = [
  { name: "nothing", json: "{}" },
  { name: "half a text", json: '{ "packets": [ { "stream_index": 0' },
  { name: "a picture without a size", json: '{"streams":[{"index":0,"codec_type":"video"}]}' },
  { name: "sound alone", json: '{"streams":[{"index":0,"codec_type":"audio"}]}' },
];

for (const { name, json } of WITHOUT_VIDEO) {
  Deno.test(`parseProbe() finds no video in ${name}`, () => {
    strictEqual(parseProbe(json), undefined);
  });
}
