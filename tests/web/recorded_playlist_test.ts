import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RecordedPart } from "../../src/web/doors.ts";
import {
  byteRangeLines,
  recordedPlaylist,
  renditionLines,
} from "../../src/web/recorded_playlist.ts";
import { at } from "../support/ledger_entries.ts";

/** A batch of two pieces of 2 s. */
function part(batchId: string, seconds: number, changes: Partial<RecordedPart> = {}): RecordedPart {
  return {
    batchId,
    initBytes: { offset: 0, length: 700 },
    initKey: "one",
    stream: { codec: "avc1", codecs: ["avc1.64001f"], width: 1280, height: 720 },
    groups: [
      { offset: 1_200, length: 5_000, startMs: at(seconds), durationMs: 2_000 },
      { offset: 6_200, length: 4_000, startMs: at(seconds + 2), durationMs: 1_960.5 },
    ],
    isBroken: false,
    ...changes,
  };
}

const url = byteRangeLines((batchId) => `${batchId}.mp4`);

Deno.test("recordedPlaylist() goes on over the files of a run and breaks where times do", () => {
  const parts = [
    part("7", 0),
    part("8", 4),
    part("12", 30, { isBroken: true }),
    part("13", 60, { isBroken: true, initKey: "two", initBytes: { offset: 0, length: 800 } }),
  ];
  strictEqual(
    recordedPlaylist({ parts, isEnded: true }, url),
    `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="7.mp4",BYTERANGE="700@0"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:57:00.000Z
#EXTINF:2.000,
#EXT-X-BYTERANGE:5000@1200
7.mp4
#EXTINF:1.960,
#EXT-X-BYTERANGE:4000@6200
7.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:57:04.000Z
#EXTINF:2.000,
#EXT-X-BYTERANGE:5000@1200
8.mp4
#EXTINF:1.960,
#EXT-X-BYTERANGE:4000@6200
8.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="12.mp4",BYTERANGE="700@0"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:57:30.000Z
#EXTINF:2.000,
#EXT-X-BYTERANGE:5000@1200
12.mp4
#EXTINF:1.960,
#EXT-X-BYTERANGE:4000@6200
12.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="13.mp4",BYTERANGE="800@0"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:58:00.000Z
#EXTINF:2.000,
#EXT-X-BYTERANGE:5000@1200
13.mp4
#EXTINF:1.960,
#EXT-X-BYTERANGE:4000@6200
13.mp4
#EXT-X-ENDLIST
`,
  );
});

Deno.test("recordedPlaylist() of a window that goes on only grows", () => {
  const short = recordedPlaylist({ parts: [part("7", 0)], isEnded: false }, url);
  const parts = [part("7", 0), part("8", 4)];
  const long = recordedPlaylist({ parts, isEnded: false }, url);
  strictEqual(long.startsWith(short), true);
  strictEqual(short.includes("#EXT-X-PLAYLIST-TYPE:EVENT"), true);
  strictEqual(long.includes("#EXT-X-ENDLIST"), false);
  const ended = recordedPlaylist({ parts, isEnded: true }, url);
  strictEqual(ended.includes("#EXT-X-ENDLIST"), true);
});

Deno.test("recordedPlaylist() of another size has the same pieces and times, each with an address", () => {
  const parts = [part("7", 0), part("12", 30, { isBroken: true })];
  const own = recordedPlaylist({ parts, isEnded: true }, url);
  const other = recordedPlaylist(
    { parts, isEnded: true },
    renditionLines((batchId) => `../${batchId}/720p/`),
  );
  const kept = (text: string) =>
    text.split("\n").filter((line) => /^#EXT(INF|-X-P|-X-D)/.test(line));
  deepStrictEqual(kept(other), kept(own));
  deepStrictEqual(other.split("\n").filter((line) => /^[^#]|EXT-X-MAP/.test(line)), [
    '#EXT-X-MAP:URI="../7/720p/init.mp4"',
    "../7/720p/1200-5000.m4s",
    "../7/720p/6200-4000.m4s",
    '#EXT-X-MAP:URI="../12/720p/init.mp4"',
    "../12/720p/1200-5000.m4s",
    "../12/720p/6200-4000.m4s",
  ]);
});
