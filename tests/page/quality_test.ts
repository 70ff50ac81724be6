import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  AUTOMATIC,
  firstLevel,
  isEncodedFile,
  isOwnLevel,
  OWN,
  playlistFile,
} from "../../page/recorded/quality.ts";

const CASES = [
  { quality: OWN, canPlayOwn: true, file: "recorded.m3u8", isEncoded: false },
  { quality: OWN, canPlayOwn: false, file: "recorded-master.m3u8", isEncoded: undefined },
  { quality: AUTOMATIC, canPlayOwn: true, file: "recorded-master.m3u8", isEncoded: undefined },
  { quality: "480p", canPlayOwn: true, file: "renditions/480p.m3u8", isEncoded: true },
] as const;

Deno.test("playlistFile() plays as recorded, unless somebody chose otherwise or the browser can't", () => {
  for (const { quality, canPlayOwn, file, isEncoded } of CASES) {
    strictEqual(playlistFile(quality, { canPlayOwn }), file);
    strictEqual(isEncodedFile(file), isEncoded, file);
  }
});

const OWN_LEVEL = {
  height: 1080,
  uri: "http://box/api/v1/cameras/front/recorded.m3u8?from=1&to=2",
};

/** As hls.js orders them: by bits a second. */
const LEVELS = [360, 480, 720, 1080].map((height) => ({
  height,
  uri: `http://box/api/v1/cameras/front/renditions/${height}p.m3u8?from=1&to=2`,
}));

Deno.test("firstLevel() is the camera's own wherever it stands, else a middling one", () => {
  strictEqual(firstLevel([LEVELS[0]!, OWN_LEVEL, LEVELS[3]!]), 1);
  strictEqual(firstLevel(LEVELS), 2);
  strictEqual(firstLevel([LEVELS[3]!]), 0);
  deepStrictEqual([OWN_LEVEL, ...LEVELS].map(isOwnLevel), [true, false, false, false, false]);
});
