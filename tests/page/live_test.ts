import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Sight } from "../../page/api/news.ts";
import { LagKeeper, newestRange } from "../../page/live/lag.ts";
import { iceFragment } from "../../page/live/ice_fragment.ts";
import { wallMsOfRtp } from "../../page/live/rtp_wall.ts";
import { SightShelf } from "../../page/live/sight_shelf.ts";
import { judge } from "../../page/live/watchdog.ts";
import { type Abilities, waysToWatch } from "../../page/live/ways.ts";
import { readIceFragment } from "../../src/live/ice_candidates.ts";

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

interface PlayedLive {
  /** How late the picture was at the end, in seconds. */
  readonly delayS: number;
  /** How often it stood for want of pieces, in the last ten seconds. */
  readonly stalls: number;
  /** How often its speed changed, in the last ten seconds. */
  readonly changes: number;
  /** When it jumped last. */
  readonly seekS: number;
}

/** Plays half a minute of a stream that is there from `backlogS` before now on. */
function playLive(
  { pieceS, lateS = () => 0, backlogS = 1, backlogPiecesPerS = 200, spareS = 0.06 }: {
    readonly pieceS: number;
    /** How late a piece comes, by its number. */
    readonly lateS?: (piece: number) => number;
    readonly backlogS?: number;
    /** How fast that comes. */
    readonly backlogPiecesPerS?: number;
    readonly spareS?: number;
  },
): PlayedLive {
  const STEP_S = 0.005;
  const keeper = new LagKeeper(5);
  const came = { pieces: 0, stalls: 0, changes: 0, seekS: -1 };
  // Position and end are in the camera's time, which is the clock's.
  let [positionS, endS, rate] = [-backlogS, -backlogS, 1];
  for (let nowS = 0; nowS < 30; nowS += STEP_S) {
    const isCounted = nowS >= 20;
    let hasGrown = false;
    // What was there before comes piece by piece too, but at once.
    const oldS = Math.min(0, -backlogS + pieceS * Math.floor(nowS * backlogPiecesPerS));
    if (oldS > endS) [endS, hasGrown] = [oldS, true];
    for (; nowS >= came.pieces * pieceS + lateS(came.pieces); came.pieces += 1) {
      if (endS >= 0) [endS, hasGrown] = [came.pieces * pieceS, true];
    }
    if (hasGrown) {
      const steering = keeper.steer({ nowS, positionS, startS: -backlogS, endS, spareS });
      if (isCounted && steering.rate !== rate) came.changes += 1;
      if (steering.seekS !== undefined) came.seekS = nowS;
      positionS = steering.seekS ?? positionS;
      rate = steering.rate;
    }
    const wantedS = positionS + STEP_S * rate;
    if (isCounted && wantedS > endS) came.stalls += 1;
    positionS = Math.min(endS, wantedS);
    if (nowS + STEP_S >= 30) return { ...came, delayS: nowS - positionS };
  }
  throw new Error("unreachable");
}

Deno.test("LagKeeper holds a picture a piece and a little behind, whatever a piece's length", () => {
  for (const pieceS of [0.04, 0.12, 0.2, 0.5]) {
    const { delayS, stalls, changes } = playLive({ pieceS });
    ok(delayS > 0.03 && delayS < pieceS + 0.11, `${pieceS} s: ${delayS} s late`);
    deepStrictEqual({ stalls, changes }, { stalls: 0, changes: 0 });
  }
});

Deno.test("LagKeeper makes up for pieces that come late now and then, and then plays on steadily", () => {
  const { delayS, stalls, changes } = playLive({
    pieceS: 0.1,
    lateS: (piece) => piece % 20 === 0 ? 0.15 : 0,
  });
  ok(delayS < 0.36, `${delayS} s late`);
  deepStrictEqual({ stalls, changes }, { stalls: 0, changes: 0 });
});

Deno.test("LagKeeper jumps over what came at once in the beginning, and never again", () => {
  const { delayS, seekS } = playLive({ pieceS: 0.12, backlogS: 4 });
  ok(seekS >= 0 && seekS < 0.2, `jumped last after ${seekS} s`);
  ok(delayS < 0.23, `${delayS} s late`);
});

Deno.test("LagKeeper does not take for late what was kept, however slowly that comes", () => {
  for (const backlogPiecesPerS of [15, 30, 60]) {
    const { delayS, seekS } = playLive({ pieceS: 0.12, backlogS: 4, backlogPiecesPerS });
    ok(seekS >= 0 && seekS < 4.3, `jumped last after ${seekS} s`);
    ok(delayS < 0.23, `${delayS} s late`);
  }
});

Deno.test("LagKeeper forgets a line that was slow once", () => {
  const { delayS } = playLive({ pieceS: 0.1, lateS: (piece) => piece < 100 ? 0.4 : 0 });
  ok(delayS < 0.21, `${delayS} s late`);
});

Deno.test("LagKeeper holds back by as much more as is asked", () => {
  const { delayS } = playLive({ pieceS: 0.1, spareS: 0.46 });
  ok(delayS > 0.44 && delayS < 0.61, `${delayS} s late`);
});

Deno.test("LagKeeper jumps into the range that is there, never before it", () => {
  const steering = new LagKeeper(5).steer({
    ...{ nowS: 5, positionS: 0, startS: 99.95, endS: 100, spareS: 0.06 },
  });
  deepStrictEqual(steering, { rate: 1, seekS: 99.95 });
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

Deno.test("iceFragment() names the connection, then the addresses and whether they are all", () => {
  const offer = [
    "v=0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:0",
    "a=ice-ufrag:ab",
    "a=ice-pwd:cd",
  ];
  const more = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:1", "a=ice-ufrag:ab", ""];
  const found = [
    { candidate: "candidate:1 1 udp 1 192.0.2.1 5 typ srflx", sdpMid: "0" },
    { candidate: "", sdpMid: null },
  ];
  const head = ["a=ice-ufrag:ab", "a=ice-pwd:cd", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:0"];
  const address = `a=${found[0]!.candidate}`;
  const text = iceFragment([...offer, ...more].join("\r\n"), found);
  strictEqual(text, [...head, address, "a=end-of-candidates", ""].join("\r\n"));
  const { ufrag, candidates, isEnd } = readIceFragment(text)!;
  deepStrictEqual([ufrag, candidates, isEnd], ["ab", [found[0]!.candidate], true]);
});
