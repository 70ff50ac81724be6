import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Sight } from "../../page/api/news.ts";
import { newestRange, steer } from "../../page/live/lag.ts";
import { wallMsOfRtp } from "../../page/live/rtp_wall.ts";
import { SightShelf } from "../../page/live/sight_shelf.ts";
import { judge } from "../../page/live/watchdog.ts";
import { type Abilities, waysToWatch } from "../../page/live/ways.ts";

const H264 = 'video/mp4; codecs="avc1.64001f"';
const H265 = 'video/mp4; codecs="hvc1.1.6.L93.B0"';

const CHROME: Abilities = {
  hasWebrtc: true,
  playsMse: (mime) => mime.includes("avc1"),
  hasNativeHls: false,
};
const OLD_PHONE: Abilities = { hasWebrtc: true, playsMse: () => false, hasNativeHls: true };
const NOTHING: Abilities = { hasWebrtc: false, playsMse: () => false, hasNativeHls: false };

const stream = { codec: "avc1", mime: H264, width: 1280, height: 720, hasAudio: false };
const camera = { stream, protocols: ["whep", "mse", "hls", "still"], renditions: ["720p", "480p"] };

const WAYS = [
  {
    name: "tries WebRTC, MSE, HLS and stills in this order",
    ways: waysToWatch(camera, CHROME),
    want: ["whep", "mse", "hls", "still"],
  },
  {
    name: "leaves WebRTC out where frames come in another order",
    ways: waysToWatch({ ...camera, stream: { ...stream, hasBFrames: true } }, CHROME),
    want: ["mse", "hls", "still"],
  },
  {
    name: "asks for a rendition where the browser can't decode the camera",
    ways: waysToWatch({ ...camera, stream: { ...stream, codec: "hvc1", mime: H265 } }, CHROME),
    want: ["mse 720p", "hls 720p", "still"],
  },
  {
    name: "takes the browser's own HLS without Media Source Extensions",
    ways: waysToWatch(camera, OLD_PHONE),
    want: ["whep", "hls", "still"],
  },
  { name: "always ends with stills", ways: waysToWatch(camera, NOTHING), want: ["still"] },
  {
    name: "tries what a person wishes first",
    ways: waysToWatch(camera, CHROME, "hls"),
    want: ["hls", "whep", "mse", "still"],
  },
  {
    name: "tries nothing else where stills are wished for",
    ways: waysToWatch(camera, CHROME, "still"),
    want: ["still"],
  },
  {
    name: "tries only what the server offers",
    ways: waysToWatch({ ...camera, protocols: ["mse"] }, CHROME),
    want: ["mse", "still"],
  },
  {
    name: "has stills for a camera without a stream",
    ways: waysToWatch({ ...camera, stream: null }, CHROME),
    want: ["still"],
  },
] as const;

for (const { name, ways, want } of WAYS) {
  Deno.test(`waysToWatch() ${name}`, () => {
    const texts = ways.map(({ protocol, rendition }) =>
      rendition === null ? protocol : `${protocol} ${rendition}`
    );
    deepStrictEqual(texts, want);
  });
}

const STEERED = [
  {
    name: "plays on at the target",
    lagS: 0.12,
    want: { rate: 1, seekS: undefined },
  },
  { name: "plays faster a little behind", lagS: 0.5, want: { rate: 1.1, seekS: undefined } },
  {
    name: "plays slower where it would run dry",
    lagS: 0.02,
    want: { rate: 0.97, seekS: undefined },
  },
  { name: "jumps far behind", lagS: 1.8, want: { rate: 1, seekS: 99.9 } },
] as const;

for (const { name, lagS, want } of STEERED) {
  Deno.test(`steer() ${name}`, () => {
    deepStrictEqual(
      steer({ positionS: 100 - lagS, startS: 90, endS: 100, targetS: 0.1 }),
      want,
    );
  });
}

Deno.test("steer() jumps into the range that is there, never before it", () => {
  deepStrictEqual(steer({ positionS: 0, startS: 99.95, endS: 100, targetS: 0.1 }), {
    rate: 1,
    seekS: 99.95,
  });
});

Deno.test("newestRange() takes the last of several pieces", () => {
  const ends = [[0, 4], [9, 12]] as const;
  const ranges = {
    length: 2,
    start: (index: number) => ends[index]![0],
    end: (index: number) => ends[index]![1],
  };
  deepStrictEqual(newestRange(ranges), { startS: 9, endS: 12 });
  strictEqual(newestRange({ ...ranges, length: 0 }), undefined);
});

const NEW = { startedMs: 1_000, connectedMs: undefined, lastFrameMs: undefined, restarts: 0 };

const JUDGED = [
  { name: "waits for a connection", history: NEW, nowMs: 6_900, verdict: "wait" },
  { name: "goes on without one", history: NEW, nowMs: 7_000, verdict: "next" },
  {
    name: "goes on 3 s after a connection that shows nothing",
    history: { ...NEW, connectedMs: 2_000 },
    nowMs: 5_000,
    verdict: "next",
  },
  {
    name: "begins anew once where the picture stands still",
    history: { ...NEW, connectedMs: 2_000, lastFrameMs: 3_000 },
    nowMs: 9_000,
    verdict: "again",
  },
  {
    name: "goes on where that was tried",
    history: { ...NEW, connectedMs: 2_000, lastFrameMs: 3_000, restarts: 1 },
    nowMs: 9_000,
    verdict: "next",
  },
  {
    name: "begins anew again where it has played well since",
    history: { ...NEW, connectedMs: 2_000, lastFrameMs: 61_000, restarts: 1 },
    nowMs: 67_000,
    verdict: "again",
  },
] as const;

for (const { name, history, nowMs, verdict } of JUDGED) {
  Deno.test(`judge() ${name}`, () => {
    strictEqual(judge(history, nowMs).verdict, verdict);
  });
}

const sight = (atMs: number): Sight => ({ camera: "front", atMs, moving: [], detections: [] });

Deno.test("SightShelf gives what belongs to the frame on show, not what is newer", () => {
  const shelf = new SightShelf();
  for (const atMs of [1_000, 1_200, 1_400]) shelf.add(sight(atMs));
  strictEqual(shelf.at(1_250, 2_000)?.atMs, 1_200);
  strictEqual(shelf.at(1_390, 2_000)?.atMs, 1_400, "times are learnt, not exact");
  strictEqual(shelf.at(900, 2_000), undefined);
});

Deno.test("SightShelf forgets what is too old to be true", () => {
  const shelf = new SightShelf();
  shelf.add(sight(1_000));
  strictEqual(shelf.at(2_100, 2_100), undefined);
  strictEqual(shelf.at(undefined, 1_900)?.atMs, 1_000);
  strictEqual(shelf.at(undefined, 2_100), undefined);
});

Deno.test("wallMsOfRtp() finds the lap of 13 hours that is meant", () => {
  const originMs = Date.UTC(2026, 10, 20);
  const lapMs = 2 ** 32 / 90;
  const atMs = originMs + 3 * lapMs + 5_000;
  const found = wallMsOfRtp(5_000 * 90, { originMs, nearMs: atMs + 300 });
  ok(Math.abs(found - atMs) < 1, String(found - atMs));
});
