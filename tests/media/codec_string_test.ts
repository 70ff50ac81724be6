import { strictEqual, throws } from "node:assert/strict";
import { box, fullBox, zeros } from "../../src/media/box_writer.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";
import { codecString, mimeOf } from "../../src/media/codec_string.ts";
import { makeClip } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

function track(codec: string, kind: "video" | "audio", ...boxes: Uint8Array[]) {
  const fixed = zeros(kind === "video" ? 78 : 28);
  return { codec, kind, sampleEntry: box(codec, fixed, ...boxes) } as const;
}

const AVCC = box("avcC", Uint8Array.of(1, 0x64, 0x00, 0x1f, 0xff, 0xe0, 0));

/** Main profile, level 3.1; the flags as x265 writes them. */
const HVCC = box(
  "hvcC",
  Uint8Array.of(1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93, 0xf0, 0, 0xfc, 0xfd),
);

/** An esds as ffmpeg writes it: lengths in four bytes. */
function esds(objectType: number, specific: readonly number[]): Uint8Array {
  const long = (length: number) => [0x80, 0x80, 0x80, length];
  const config = [objectType, 0x15, ...Array(11).fill(0), 5, ...long(specific.length), ...specific];
  const body = [0, 2, 0, 4, ...long(config.length), ...config, 6, ...long(1), 2];
  return fullBox("esds", {}, Uint8Array.of(3, ...long(body.length), ...body));
}

const CASES = [
  { of: track("avc1", "video", AVCC), is: "avc1.64001f" },
  { of: track("avc3", "video", box("free"), AVCC), is: "avc3.64001f" },
  { of: track("hvc1", "video", HVCC), is: "hvc1.1.6.L93.90" },
  { of: track("hev1", "video", HVCC), is: "hev1.1.6.L93.90" },
  { of: track("mp4a", "audio", esds(0x40, [0x11, 0x90])), is: "mp4a.40.2" },
  { of: track("mp4a", "audio", esds(0x40, [0xf9, 0x40])), is: "mp4a.40.42" },
  { of: track("mp4a", "audio", esds(0x6b, [])), is: "mp4a.6b" },
  { of: track("Opus", "audio", box("dOps")), is: "opus" },
  { of: track("mjpg", "video"), is: "mjpg" },
  { of: track("avc1", "video"), is: "avc1" },
];

Deno.test("codecString() names codecs as RFC 6381 does", () => {
  for (const { of, is } of CASES) strictEqual(codecString(of), is);
});

Deno.test("codecString() refuses a configuration that is cut off", () => {
  throws(() => codecString(track("hvc1", "video", box("hvcC", zeros(4)))), MalformedMedia);
});

Deno.test("mimeOf() names video and sound of what the recorder makes", async () => {
  await using folder = await tempFolder();
  const options = { seconds: 1, size: "128x72", profile: "main", audio: true } as const;
  const path = await makeClip(`${folder.path}/clip.mp4`, options);
  const { start } = readStream(await recordFile(path));
  strictEqual(mimeOf(start.init), 'video/mp4; codecs="avc1.4d400a,mp4a.40.2"');
});
