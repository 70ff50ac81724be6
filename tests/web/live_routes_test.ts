import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { OperatorError } from "../../src/base/errors.ts";
import { Live } from "../../src/live/live.ts";
import type { Whep } from "../../src/live/whep.ts";
import { recorded, TappedCamera } from "../live/live_world.ts";
import { until } from "../support/until.ts";
import { webWorld } from "./web_world.ts";

const CLIP = await recorded({ seconds: 2 });

const ICE_SERVERS = [
  { urls: "stun:stun.example.org:3478" },
  { urls: "turn:turn.example.org", username: "us", credential: 'a "word"' },
  // Can't stand in a header.
  { urls: "turn:turn.example.org", username: "ü", credential: "x" },
];

/** A WebRTC end that answers "v=0 good" alone. */
function fakeWhep(): Whep {
  const viewers = new Set<string>();
  const whep = {
    iceServers: ICE_SERVERS,
    addCandidates: (id: string) => viewers.has(id) ? "taken" : "unknown",
    counts: { viewers: 0 },
    viewersOf: () => viewers.size,
    offer: (_source: unknown, sdp: string) => {
      if (sdp !== "v=0 good") {
        const error = new OperatorError("live-unsuited", "This offer has no video", {
          fix: ["offer to receive video"],
        });
        return Promise.reject(error);
      }
      viewers.add("abc");
      return Promise.resolve({ id: "abc", answer: "v=0 answer" });
    },
    end: (id: string) => viewers.delete(id),
    close: () => Promise.resolve(),
  };
  return whep as unknown as Whep;
}

const FRAGMENT_KIND = "application/trickle-ice-sdpfrag";

async function liveWorld() {
  const camera = new TappedCamera(CLIP);
  const live = new Live({
    ...{ ffmpegPath: "ffmpeg", clock: systemClock, maxViewers: 4, maxRenditions: 1 },
    newestStill: () => Promise.resolve(undefined),
    whep: fakeWhep(),
  });
  live.listen("front", camera.connect());
  camera.begin(1);
  await until(() => live.streamOf("front") !== undefined, { limitMs: 5_000, what: "a stream" });
  const web = await webWorld({ doors: { live } });
  return {
    ...{ camera, live, web },
    async [Symbol.asyncDispose]() {
      await live.close();
      await web[Symbol.asyncDispose]();
      camera.tap.close();
    },
  };
}

Deno.test("live routes give a page that is logged in the stream over a WebSocket", async () => {
  await using all = await liveWorld();
  const { web, camera } = all;
  await web.addUser("ada", "correct horse battery");
  const answer = await web.logIn("ada", "correct horse battery");
  await answer.body?.cancel();
  const cookie = answer.headers.get("set-cookie")!.split(";")[0]!;
  camera.give(0, 3);
  const url = `${web.origin.replace("http", "ws")}/api/v1/cameras/front/live/mse`;
  const socket = new WebSocket(url, { headers: { cookie, origin: web.origin } });
  const heard: string[] = [];
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.onmessage = ({ data }) => heard.push(typeof data === "string" ? data : "binary");
  await until(() => heard.length >= 6, { limitMs: 10_000, what: "three fragments" });
  match(heard[0]!, /"type":"start".*"mime":"video\/mp4; codecs=\\"avc1\.64000a\\""/);
  deepStrictEqual(heard.slice(3), ["binary", "binary", "binary"]);
  socket.close();
  await closed;
});

Deno.test("live routes answer WHEP with where to end it, and refusals with their reason", async () => {
  await using all = await liveWorld();
  const viewer = await all.web.as("viewer", ["front"]);
  const offer = (path: string, body: string) =>
    viewer(path, { method: "POST", headers: { "content-type": "application/sdp" }, body });
  for (const top of ["/api/v1", "/api"]) {
    const answered = await offer(`${top}/cameras/front/whep`, "v=0 good");
    strictEqual(answered.status, 201);
    strictEqual(answered.headers.get("content-type"), "application/sdp");
    strictEqual(answered.headers.get("location"), `${top}/whep/abc`);
    strictEqual(await answered.text(), "v=0 answer");
    strictEqual(
      answered.headers.get("link"),
      '<stun:stun.example.org:3478>; rel="ice-server", <turn:turn.example.org>; ' +
        'rel="ice-server"; username="us"; credential="a \\"word\\""; credential-type="password"',
    );
    strictEqual(answered.headers.get("accept-patch"), FRAGMENT_KIND);
    const tell = async (body: string, kind = FRAGMENT_KIND) => {
      const headers = { "content-type": kind };
      const told = await viewer(`${top}/whep/abc`, { method: "PATCH", headers, body });
      await told.body?.cancel();
      return told.status;
    };
    strictEqual(await tell("a=end-of-candidates\r\n"), 204);
    strictEqual(await tell("hello"), 400);
    strictEqual(await tell("a=end-of-candidates\r\n", "application/sdp"), 415);
    strictEqual(await tell("a=end-of-candidates\r\n", "text/plain"), 415);
    const ended = await viewer(`${top}/whep/abc`, { method: "DELETE" });
    strictEqual(ended.status, 204);
    strictEqual(await tell("a=end-of-candidates\r\n"), 404);
    const gone = await viewer(`${top}/whep/abc`, { method: "DELETE" });
    strictEqual((await gone.json()).code, "viewer-unknown");
  }
  const unsuited = await offer("/api/v1/cameras/front/whep", "v=0");
  strictEqual(unsuited.status, 422);
  strictEqual((await unsuited.json()).code, "live-unsuited");
  const other = await offer("/api/v1/cameras/yard/whep", "v=0 good");
  strictEqual(other.status, 404);
  await other.body?.cancel();
});

Deno.test("live routes give playlists and refuse what is none", async () => {
  await using all = await liveWorld();
  const viewer = await all.web.as("viewer");
  const top = "/api/v1/cameras/front/live";
  const asked = viewer(`${top}/index.m3u8`);
  await all.camera.wanted();
  all.camera.give();
  match(await (await asked).text(), /^#EXTM3U/);
  const cases = [
    [`${top}/master.m3u8`, 200],
    [`${top}/mse`, 426],
    [`${top}/webrtc`, 426],
    [`${top}/index.m3u8?_HLS_msn=abc`, 400],
    [`${top}/720p.m3u8`, 404],
    [`${top}/..%2f..%2fetc%2fpasswd`, 404],
    ["/api/v1/cameras/yard/live/index.m3u8", 404],
  ] as const;
  for (const [path, status] of cases) {
    const answer = await viewer(path);
    await answer.body?.cancel();
    strictEqual(answer.status, status, path);
  }
});

Deno.test("live routes tell STUN and TURN servers to who may see the camera alone", async () => {
  await using all = await liveWorld();
  const { web } = all;
  await web.addUser("ada", "correct horse battery");
  const logIn = await web.logIn("ada", "correct horse battery");
  await logIn.body?.cancel();
  const cookie = logIn.headers.get("set-cookie")!.split(";")[0]!;
  const connect = (headers: Record<string, string>, cameraId = "front") => {
    const url = `${web.origin.replace("http", "ws")}/api/v1/cameras/${cameraId}/live/webrtc`;
    const socket = new WebSocket(url, { headers });
    return new Promise<string>((resolve) => {
      socket.onerror = (event) => {
        event.preventDefault();
        resolve("refused");
      };
      socket.onmessage = ({ data }) => {
        socket.onclose = () => resolve(data);
        socket.close();
      };
    });
  };
  const said = await connect({ cookie, origin: web.origin });
  deepStrictEqual(JSON.parse(said), { type: "ready", iceServers: ICE_SERVERS });
  strictEqual(await connect({ origin: web.origin }), "refused");
  strictEqual(await connect({ cookie, origin: "http://elsewhere.example" }), "refused");
  strictEqual(await connect({ cookie, origin: web.origin }, "yard"), "refused");
});
