import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RecordedPart, RecordedStream } from "../../src/web/doors.ts";
import { recordedMaster, recordedVariants } from "../../src/web/recorded_master.ts";
import { at } from "../support/ledger_entries.ts";

const FULL: RecordedStream = {
  ...{ codec: "avc1", codecs: ["avc1.640028", "mp4a.40.2"], width: 1920, height: 1080 },
};

/** One piece of 2 s and one of 1 s. */
function part(initKey: string, stream: RecordedStream): RecordedPart {
  return {
    ...{ batchId: "7", initBytes: { offset: 0, length: 700 }, initKey, stream, isBroken: false },
    groups: [
      { offset: 1_200, length: 1_000_000, startMs: at(0), durationMs: 2_000 },
      { offset: 1_001_200, length: 250_000, startMs: at(2), durationMs: 1_000 },
    ],
  };
}

const url = (name: string | undefined) => `${name ?? "own"}.m3u8`;

Deno.test("recordedMaster() lists the camera's own stream first, then smaller ones", () => {
  const variants = recordedVariants([part("one", FULL)], { hasRenditions: true });
  strictEqual(
    recordedMaster(variants, url),
    `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-STREAM-INF:BANDWIDTH=4000000,AVERAGE-BANDWIDTH=3333334,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080
own.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=3000000,CODECS="avc1.42c02a,mp4a.40.2",RESOLUTION=1280x720
720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1500000,CODECS="avc1.42c02a,mp4a.40.2",RESOLUTION=854x480
480p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="avc1.42c02a,mp4a.40.2",RESOLUTION=640x360
360p.m3u8
`,
  );
});

Deno.test("recordedVariants() has what any stream of the window has, and no more than encoders allow", () => {
  const small = { codec: "hvc1", codecs: ["hvc1.1.6.L63.90"], width: 640, height: 360 };
  const parts = [part("one", FULL), part("two", small), part("one", FULL)];
  const variants = recordedVariants(parts, { hasRenditions: true });
  deepStrictEqual(variants.map(({ name }) => name), [undefined, "720p", "480p", "360p"]);
  deepStrictEqual(variants[0]!.codecs, ["avc1.640028", "mp4a.40.2", "hvc1.1.6.L63.90"]);
  strictEqual(recordedVariants(parts, { hasRenditions: false }).length, 1);
});
