import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { unixMs } from "../../src/base/units.ts";
import { Live, type LiveParts } from "../../src/live/live.ts";
import type { Whep } from "../../src/live/whep.ts";
import type { LiveSource } from "../../src/model/live.ts";
import { frameMd5s, makeClip } from "../support/clips.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { recorded, TappedCamera } from "./live_world.ts";

/** Three seconds, a key frame each second, with sound. */
const OPTIONS = { seconds: 3, size: "128x72", audio: true } as const;
const CLIP = await recorded(OPTIONS);

const STILL = { jpeg: Uint8Array.of(0xff, 0xd8), atMs: unixMs(1_000) };

/** A camera whose stream is there, and a server that answers as the routes do. */
async function world(change: Partial<LiveParts> = {}, clip = CLIP) {
  const camera = new TappedCamera(clip);
  const live = new Live({
    ffmpegPath: "ffmpeg",
    clock: systemClock,
    newestStill: () => Promise.resolve(STILL),
    whep: undefined,
    maxViewers: 2,
    maxRenditions: 1,
    ...change,
  });
  live.listen("front", camera.connect());
  camera.begin(1);
  await until(() => live.streamOf("front") !== undefined, { limitMs: 5_000, what: "a stream" });
  const granted = new AbortController();
  const serve = async (request: Request): Promise<Response> => {
    const [, cameraId = "", file = ""] = new URL(request.url).pathname.split("/");
    const answer = file === "mse"
      ? live.mse(cameraId, request, granted.signal)
      : file === "mjpeg"
      ? live.mjpeg(cameraId, request, granted.signal)
      : await live.hls(cameraId, file, request);
    if (answer instanceof Response) return answer;
    return new Response(answer?.detail ?? "unknown", { status: answer?.status ?? 404 });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, serve);
  return {
    ...{ camera, live, granted, host: `127.0.0.1:${server.addr.port}` },
    async [Symbol.asyncDispose]() {
      await live.close();
      await server.shutdown();
      camera.tap.close();
    },
  };
}

/** The other end of a WebSocket: what came, texts by their type, bytes by their length. */
class Page implements AsyncDisposable {
  readonly heard: (string | number)[] = [];
  readonly #socket: WebSocket;
  readonly #closed: Promise<unknown>;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.heard.push(
        typeof data === "string" ? (JSON.parse(data) as { type: string }).type : data.byteLength,
      );
    };
    this.#closed = new Promise((resolve) => this.#socket.onclose = resolve);
  }

  async heardOf(count: number): Promise<(string | number)[]> {
    const isSo = () => this.heard.length >= count;
    await until(isSo, { limitMs: 10_000, what: `${count} messages` });
    return this.heard.slice(0, count);
  }

  closed(): Promise<unknown> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }
}

function protocolCounts(live: Live): Record<string, number> {
  const { viewers } = live.counts();
  return Object.fromEntries(viewers.map(({ protocol, count }) => [protocol, count]));
}

Deno.test("Live gives a page over a WebSocket the kept group of pictures, then what comes", async () => {
  await using all = await world();
  all.camera.give(0, 7);
  await using page = new Page(`ws://${all.host}/front/mse`);
  const sizes = CLIP.fragments.map(({ bytes }) => bytes.length);
  const heard = await page.heardOf(5);
  deepStrictEqual([heard[0], typeof heard[1], heard[2]], ["start", "number", "clock"]);
  deepStrictEqual(heard.slice(3), sizes.slice(5, 7));
  all.camera.give(7, 8);
  strictEqual((await page.heardOf(6))[5], sizes[7]);
  strictEqual(protocolCounts(all.live).mse, 1);
});

Deno.test("Live ends views whose log-in ends, and those of a camera that is gone", async () => {
  await using all = await world();
  await using page = new Page(`ws://${all.host}/front/mse`);
  await page.heardOf(2);
  all.granted.abort();
  await page.closed();
  await until(() => protocolCounts(all.live).mse === 0, { limitMs: 5_000, what: "nobody" });
  all.live.keepOnly([]);
  const { status, body } = await fetch(`http://${all.host}/front/index.m3u8`);
  await body?.cancel();
  strictEqual(status, 404);
});

Deno.test("Live ends views over WebRTC with their camera or log-in, and remembers none that is over", async () => {
  const ended: string[] = [];
  const over: (() => void)[] = [];
  const whep = {
    counts: { viewers: 0 },
    viewersOf: () => 1,
    offer: (_source: unknown, sdp: string, { onEnd }: { onEnd: () => void }) => {
      over.push(onEnd);
      return Promise.resolve({ id: sdp, answer: "" });
    },
    end: (id: string) => ended.push(id),
    endAllOf: (source: unknown) => ended.push(source === undefined ? "none" : "all of it"),
    close: () => Promise.resolve(),
  } as unknown as Whep;
  await using all = await world({ whep });
  const { signal: granted } = all.granted;
  for (const sdp of ["first", "second"]) {
    await all.live.whepOffer("front", { sdp, rendition: undefined, granted });
  }
  over[0]!();
  all.granted.abort();
  deepStrictEqual(ended, ["second"]);
  await all.live.whepOffer("front", { sdp: "late", rendition: undefined, granted });
  deepStrictEqual(ended, ["second", "late"]);
  all.live.keepOnly([]);
  deepStrictEqual(ended.slice(2), ["all of it"]);
});

Deno.test("Live counts who is still being answered over WebRTC", async () => {
  const answer = Promise.withResolvers<{ readonly id: string; readonly answer: string }>();
  const whep = {
    counts: { viewers: 0 },
    viewersOf: () => 0,
    offer: () => answer.promise,
    endAllOf() {},
    close: () => Promise.resolve(),
  } as unknown as Whep;
  await using all = await world({ whep, maxViewers: 1 });
  const offer = { sdp: "", rendition: undefined, granted: all.granted.signal };
  const first = all.live.whepOffer("front", offer);
  const second = all.live.whepOffer("front", offer);
  answer.resolve({ id: "one", answer: "" });
  deepStrictEqual(await second, {
    ...{ status: 503, code: "live-unavailable", detail: "1 watch already, which is the most" },
  });
  deepStrictEqual(await first, { id: "one", answer: "" });
  deepStrictEqual(await all.live.whepOffer("front", offer), { id: "one", answer: "" });
});

Deno.test("Live offers a rendition over WebRTC once its encoder has begun", async () => {
  const offered: (string | undefined)[] = [];
  const whep = {
    counts: { viewers: 0 },
    offer: ({ info }: LiveSource) => {
      offered.push(info?.codec);
      return Promise.resolve({ id: "a", answer: "" });
    },
    endAllOf() {},
    close: () => Promise.resolve(),
  } as unknown as Whep;
  await using all = await world({ whep }, await recorded({ seconds: 1, size: "642x482" }));
  const granted = all.granted.signal;
  const asked = all.live.whepOffer("front", { sdp: "", rendition: "360p", granted });
  await all.camera.wanted();
  all.camera.give();
  await asked;
  deepStrictEqual(offered, ["avc1"]);
});

Deno.test("Live refuses viewers over the limit, renditions that are not there, and plain requests", async () => {
  await using all = await world({ maxViewers: 1 });
  const first = await fetch(`http://${all.host}/front/mjpeg`);
  const reader = first.body!.getReader();
  ok((await reader.read()).value!.length > 2);
  for (
    const [path, status] of [
      ["front/mjpeg", 503],
      ["front/mse", 426],
      ["front/720p.m3u8", 404],
      ["front/s1.m4s", 404],
      ["front/..%2Fpasswd", 404],
      ["front/index.m3u8?_HLS_msn=x", 400],
      ["front/index.m3u8?_HLS_part=1", 400],
      ["back/mjpeg", 404],
    ] as const
  ) {
    const answer = await fetch(`http://${all.host}/${path}`);
    await answer.body?.cancel();
    strictEqual(answer.status, status, path);
  }
  await reader.cancel();
});

Deno.test("Live's playlist is read by ffmpeg, frame by frame, sound too", async () => {
  await using folder = await tempFolder();
  const path = await makeClip(`${folder.path}/clip.mp4`, OPTIONS);
  await using all = await world();
  const playlist = `http://${all.host}/front/index.m3u8`;
  const asked = fetch(playlist);
  await all.camera.wanted();
  all.camera.give();
  const text = await (await asked).text();
  match(text, /#EXTINF:1\.00000,/);
  const found = await frameMd5s(playlist, { inputArgs: ["-strict", "strict", "-t", "1.6"] });
  deepStrictEqual(found, (await frameMd5s(path)).slice(0, 40));
  const master = await (await fetch(`http://${all.host}/front/master.m3u8`)).text();
  match(master, /CODECS="avc1\.64000a,mp4a\.40\.2",RESOLUTION=128x72\nindex\.m3u8\n$/);
});

Deno.test("Live's playlist answers a player that waits for a part as soon as it is there", async () => {
  await using all = await world();
  const playlist = `http://${all.host}/front/index.m3u8`;
  const first = fetch(playlist);
  await all.camera.wanted();
  all.camera.give(0, 7);
  const number = /#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(await (await first).text())![1]!;
  const [segment, part] = [Number(number) + 1, 2];
  const asked = await fetch(`${playlist}?_HLS_msn=${segment}&_HLS_part=${part - 1}`);
  match(await asked.text(), new RegExp(`PRELOAD-HINT:TYPE=PART,URI="s${segment}\\.${part}\\.m4s"`));
  const waiting = fetch(`${playlist}?_HLS_msn=${segment}&_HLS_part=${part}`);
  const hinted = fetch(`http://${all.host}/front/s${segment}.${part}.m4s`);
  all.camera.give(7, 8);
  match(await (await waiting).text(), new RegExp(`URI="s${segment}\\.${part}\\.m4s"`));
  strictEqual((await (await hinted).bytes()).length, CLIP.fragments[7]!.bytes.length);
  const far = await fetch(`${playlist}?_HLS_msn=${segment + 9}`);
  await far.body?.cancel();
  strictEqual(far.status, 400);
});
