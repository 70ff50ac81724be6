import { deepStrictEqual } from "node:assert/strict";
import { avcPictureSize, hevcPictureSize } from "../../src/media/picture_size.ts";
import { runFfmpeg } from "../support/clips.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Encoders whose sequence parameter sets differ in what stands before the size. */
const ENCODERS = [
  { name: "H.264 baseline", args: ["libx264", "-profile:v", "baseline"], size: "320x180" },
  { name: "H.264 high", args: ["libx264", "-profile:v", "high"], size: "1920x1080" },
  { name: "H.264 high 4:4:4", args: ["libx264", "-pix_fmt", "yuv444p"], size: "64x36" },
  { name: "H.264 interlaced", args: ["libx264", "-flags", "+ildct+ilme"], size: "720x576" },
  { name: "H.265", args: ["libx265", "-x265-params", "log-level=error"], size: "320x180" },
  {
    name: "H.265 with temporal layers",
    args: ["libx265", "-x265-params", "log-level=error:temporal-layers=3"],
    size: "1280x720",
  },
] as const;

/** Sizes as they are coded: in macroblocks of 16 pixels (32 lines where interlaced), or blocks of 8. */
const CODED: Readonly<Record<string, readonly [number, number]>> = {
  "H.264 baseline": [320, 192],
  "H.264 high": [1920, 1088],
  "H.264 high 4:4:4": [64, 48],
  "H.264 interlaced": [720, 576],
  "H.265": [320, 192],
  "H.265 with temporal layers": [1280, 720],
};

/** The first parameter set of a type in a stream of bytes with start codes. */
function setOf(bytes: Uint8Array, isSet: (header: number) => boolean): Uint8Array {
  const starts: number[] = [];
  for (let at = 0; at + 3 < bytes.length; at += 1) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) starts.push(at + 3);
  }
  const index = starts.findIndex((start) => isSet(bytes[start]!));
  return bytes.subarray(starts[index], starts[index + 1]);
}

for (const { name, args, size } of ENCODERS) {
  Deno.test(`picture sizes are read from ${name}`, async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/stream.${name.startsWith("H.264") ? "h264" : "h265"}`;
    const source = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`, "-frames:v", "2"];
    const format = args.includes("-pix_fmt" as never) ? [] : ["-pix_fmt", "yuv420p"];
    await runFfmpeg([...source, ...format, "-c:v", ...args, "-preset", "ultrafast", path]);
    const bytes = await Deno.readFile(path);
    const found = name.startsWith("H.264")
      ? avcPictureSize(setOf(bytes, (header) => (header & 0x1f) === 7))
      : hevcPictureSize(setOf(bytes, (header) => header === 66));
    const [width, height] = CODED[name]!;
    deepStrictEqual(found, { width, height });
  });
}
