import { deepStrictEqual } from "node:assert/strict";
import { renditionSizeOf, renditionSizes } from "../../src/media/rendition_args.ts";

const CASES = [
  { stream: ["avc1", 1920, 1080], sizes: ["720p 1280x720", "480p 854x480", "360p 640x360"] },
  { stream: ["avc1", 640, 360], sizes: [] },
  {
    stream: ["avc1", 1080, 1920],
    sizes: ["1080p 608x1080", "720p 406x720", "480p 270x480", "360p 202x360"],
  },
  { stream: ["hvc1", 1280, 720], sizes: ["720p 1280x720", "480p 854x480", "360p 640x360"] },
  // Smaller than the ladder, and nothing but this size can be shown.
  { stream: ["hev1", 320, 180], sizes: ["180p 320x180"] },
  { stream: ["hev1", 0, 0], sizes: [] },
] as const;

Deno.test("renditionSizes() offers less than H.264 has, and as much as H.265 has", () => {
  for (const { stream: [codec, width, height], sizes } of CASES) {
    const found = renditionSizes({ codec, width, height });
    deepStrictEqual(found.map((each) => `${each.name} ${each.width}x${each.height}`), sizes);
  }
});

Deno.test("renditionSizeOf() makes no stream larger than it is, and knows no size of its own", () => {
  const sizeIn = (stream: { codec: string; width: number; height: number }, name: string) => {
    const size = renditionSizeOf(stream, name);
    return size && `${size.name} ${size.width}x${size.height}`;
  };
  const small = { codec: "avc1", width: 640, height: 352 };
  deepStrictEqual(sizeIn({ codec: "avc1", width: 1920, height: 1080 }, "480p"), "480p 854x480");
  // As a part of footage of which another part is larger.
  deepStrictEqual(sizeIn(small, "720p"), "720p 640x352");
  deepStrictEqual(sizeIn({ codec: "hvc1", width: 320, height: 180 }, "180p"), "180p 320x180");
  for (const name of ["352p", "0p", "99999p", "own", ""]) {
    deepStrictEqual(sizeIn(small, name), undefined);
  }
});
