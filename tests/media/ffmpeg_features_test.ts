import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  FEATURE_LISTS,
  type FeatureOutputs,
  isTooOld,
  missingFeatures,
  parseFfmpegVersion,
} from "../../src/media/ffmpeg_features.ts";
import { toolOutput } from "../../src/host/tool_output.ts";

const VERSIONS = [
  { line: "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) …", text: "5.1.9-0+deb12u1", isOld: false },
  { line: "ffprobe version 7.0.2-static https://…", text: "7.0.2-static", isOld: false },
  { line: "ffmpeg version n6.1 Copyright", text: "n6.1", isOld: false },
  { line: "ffmpeg version 5.0.3 Copyright", text: "5.0.3", isOld: true },
  { line: "ffmpeg version 4.4.2-0ubuntu0.22.04.1", text: "4.4.2-0ubuntu0.22.04.1", isOld: true },
  { line: "ffmpeg version 10.0 Copyright", text: "10.0", isOld: false },
  { line: "ffmpeg version N-113007-g8d24a28d06", text: "N-113007-g8d24a28d06", isOld: false },
  { line: "ffmpeg version 2023-12-11-git-1439784", text: "2023-12-11-git-1439784", isOld: false },
];

for (const { line, text, isOld } of VERSIONS) {
  Deno.test(`parseFfmpegVersion() reads "${text}", ${isOld ? "too old" : "new enough"}`, () => {
    const version = parseFfmpegVersion(`${line}\nbuilt with gcc`)!;
    strictEqual(version.text, text);
    strictEqual(isTooOld(version), isOld);
  });
}

Deno.test("parseFfmpegVersion() knows no version of another program", () => {
  strictEqual(parseFfmpegVersion("mpv 0.35.1 Copyright"), undefined);
});

async function installedLists(): Promise<FeatureOutputs> {
  const lists = await Promise.all(FEATURE_LISTS.map(async (list) => {
    return [list, await toolOutput("ffmpeg", ["-hide_banner", `-${list}`])];
  }));
  return Object.fromEntries(lists);
}

Deno.test("missingFeatures() finds all that is needed in the ffmpeg that the tests run on", async () => {
  deepStrictEqual(missingFeatures(await installedLists()), []);
});

Deno.test("missingFeatures() names what a smaller build lacks", async () => {
  const lists = await installedLists();
  const smaller = {
    ...lists,
    encoders: lists.encoders.replaceAll(/^.* libx265 .*$/gm, ""),
    bsfs: lists.bsfs.replaceAll(/^setts$/gm, ""),
  };
  deepStrictEqual(missingFeatures(smaller).map(({ name, need }) => ({ name, need })), [
    { name: "setts", need: "always" },
    { name: "libx265", need: "sometimes" },
  ]);
});
