import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import {
  fileName,
  masterPlaylist,
  mediaPlaylist,
  parseFileName,
} from "../../src/live/hls_playlist.ts";
import { HlsWindow, targetSeconds } from "../../src/live/hls_window.ts";
import { ORIGIN_MS } from "./live_world.ts";

/** A stream of fragments of 200 ms, a key frame each `keyEvery` of them. */
function feed(
  window: HlsWindow,
  { count, keyEvery = 5, from = 0, sizeBytes = 10, durationMs = 200 }: {
    count: number;
    keyEvery?: number;
    from?: number;
    sizeBytes?: number;
    durationMs?: number;
  },
): void {
  for (let index = from; index < from + count; index += 1) {
    window.add({
      bytes: new Uint8Array(sizeBytes),
      isKey: index % keyEvery === 0,
      durationMs,
      atMs: unixMs(ORIGIN_MS + index * durationMs),
    });
  }
}

function newWindow(target = 1): HlsWindow {
  const window = new HlsWindow({ firstNumber: 7, targetSeconds: target });
  window.begin(Uint8Array.of(1));
  return window;
}

Deno.test("HlsWindow ends a segment where a key frame comes, and a part with each fragment of 200 ms", () => {
  const window = newWindow();
  feed(window, { count: 12 });
  deepStrictEqual(
    window.listed.map(({ number, durationMs, parts }) => [number, durationMs, parts.length]),
    [[7, 1_000, 5], [8, 1_000, 5]],
  );
  deepStrictEqual(window.open?.parts.map(({ isIndependent }) => isIndependent), [true, false]);
  deepStrictEqual(window.next, { segment: 9, part: 2 });
  strictEqual(window.partTargetMs, 221);
});

Deno.test("HlsWindow makes one part of several short fragments", () => {
  const window = newWindow();
  feed(window, { count: 26, keyEvery: 25, durationMs: 40 });
  deepStrictEqual(window.listed[0]?.parts.map(({ durationMs }) => durationMs), Array(5).fill(200));
  const usual = newWindow();
  feed(usual, { count: 9, keyEvery: 8, durationMs: 120 });
  deepStrictEqual(usual.listed[0]?.parts.map(({ durationMs }) => durationMs), Array(4).fill(240));
  const slow = newWindow();
  feed(slow, { count: 8, keyEvery: 7, durationMs: 150 });
  deepStrictEqual(slow.listed[0]?.parts.map(({ durationMs }) => durationMs), [300, 300, 300, 150]);
});

Deno.test("HlsWindow does not grow while sound comes without pictures", () => {
  const window = newWindow();
  feed(window, { count: 7 });
  feed(window, { count: 10_000, from: 8, keyEvery: Infinity, durationMs: 0 });
  strictEqual(window.bytes < 6_000, true);
  feed(window, { count: 6, from: 10 });
  strictEqual(window.listed.length, 2);
});

Deno.test("HlsWindow has segments of a second at least, and none over its target", () => {
  const short = newWindow();
  feed(short, { count: 20, keyEvery: 2 });
  deepStrictEqual(short.listed.map(({ durationMs }) => durationMs), [1_200, 1_200, 1_200]);
  const long = newWindow(targetSeconds(60_000));
  feed(long, { count: 80, keyEvery: 1_000 });
  deepStrictEqual(long.listed.map(({ durationMs }) => durationMs), [6_400, 6_400]);
});

Deno.test("targetSeconds() is what rounded segments have", () => {
  const found = [undefined, 40, 1_000, 1_400, 2_100, 4_000, 20_000].map(targetSeconds);
  deepStrictEqual(found, [4, 1, 1, 1, 2, 4, 6]);
});

Deno.test("HlsWindow begins with a key frame, and anew behind missing frames and another beginning", () => {
  const window = newWindow();
  feed(window, { count: 2, from: 3 });
  strictEqual(window.open, undefined);
  feed(window, { count: 7, from: 5 });
  window.breakOff();
  feed(window, { count: 6, from: 14 });
  window.begin(Uint8Array.of(2));
  feed(window, { count: 5, from: 20 });
  feed(window, { count: 1, from: 25 });
  deepStrictEqual(
    window.listed.map(({ number, initNumber, isDiscontinuity, durationMs }) =>
      [number, initNumber, isDiscontinuity, durationMs] as const
    ),
    [[7, 7, false, 1_000], [8, 7, false, 400], [9, 7, true, 1_000], [10, 10, true, 1_000]],
  );
  deepStrictEqual([window.initSegment(7), window.initSegment(10)], [
    Uint8Array.of(1),
    Uint8Array.of(2),
  ]);
});

Deno.test("HlsWindow lists 12 s, keeps two segments more, and never over 48 MB", () => {
  const window = newWindow();
  feed(window, { count: 200 });
  strictEqual(window.listed.length, 12);
  const oldest = window.listed[0]!.number;
  strictEqual(window.segment(oldest - 2)?.isWhole, true);
  strictEqual(window.segment(oldest - 3), undefined);
  const large = newWindow();
  feed(large, { count: 200, sizeBytes: 2 * 1024 * 1024 });
  strictEqual(large.bytes <= 58 * 1024 * 1024, true);
  strictEqual(large.listed.length, 4);
});

Deno.test("mediaPlaylist() writes one text for players with and without parts", () => {
  const window = newWindow();
  feed(window, { count: 7 });
  const lines = mediaPlaylist(window, { prefix: "720p_" }).split("\n");
  deepStrictEqual(lines, [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    "#EXT-X-TARGETDURATION:1",
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.66300",
    "#EXT-X-PART-INF:PART-TARGET=0.22100",
    "#EXT-X-MEDIA-SEQUENCE:7",
    "#EXT-X-DISCONTINUITY-SEQUENCE:0",
    '#EXT-X-MAP:URI="720p_init-7.mp4"',
    "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:57:09.000Z",
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s7.0.m4s",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s7.1.m4s"',
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s7.2.m4s"',
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s7.3.m4s"',
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s7.4.m4s"',
    "#EXTINF:1.00000,",
    "720p_s7.m4s",
    "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:57:10.000Z",
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s8.0.m4s",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=0.20000,URI="720p_s8.1.m4s"',
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="720p_s8.2.m4s"',
    "",
  ]);
});

Deno.test("mediaPlaylist() counts the discontinuities that it does not list any more", () => {
  const window = newWindow();
  feed(window, { count: 5 });
  window.begin(Uint8Array.of(2));
  feed(window, { count: 6, from: 5 });
  const sequence = () =>
    /DISCONTINUITY-SEQUENCE:(\d+)/.exec(mediaPlaylist(window, { prefix: "" }))?.[1];
  strictEqual(sequence(), "0");
  strictEqual(mediaPlaylist(window, { prefix: "" }).includes("#EXT-X-DISCONTINUITY\n"), true);
  feed(window, { count: 100, from: 11 });
  strictEqual(sequence(), "1");
  strictEqual(mediaPlaylist(window, { prefix: "" }).includes("#EXT-X-DISCONTINUITY\n"), false);
});

Deno.test("parseFileName() reads what fileName() writes, and nothing else", () => {
  const files = [
    { kind: "init", number: 7 },
    { kind: "segment", number: 8 },
    { kind: "part", number: 8, part: 3 },
  ] as const;
  for (const file of files) deepStrictEqual(parseFileName(fileName(file, { prefix: "" })), file);
  for (
    const name of ["", "s.m4s", "s1.m4s/..", "../s1.m4s", "s1.2.3.m4s", "init-1.m4s", "s-1.m4s"]
  ) {
    strictEqual(parseFileName(name), undefined);
  }
});

Deno.test("masterPlaylist() lists streams with what a player chooses by", () => {
  const variant = { uri: "720p.m3u8", codecs: "avc1.42c028,mp4a.40.2", width: 1280, height: 720 };
  deepStrictEqual(masterPlaylist([{ ...variant, bitsPerSecond: 3_000_000.2 }]).split("\n"), [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    '#EXT-X-STREAM-INF:BANDWIDTH=3000001,CODECS="avc1.42c028,mp4a.40.2",RESOLUTION=1280x720',
    "720p.m3u8",
    "",
  ]);
});
