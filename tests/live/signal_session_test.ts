import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { Live } from "../../src/live/live.ts";
import { Whep, type WhepSettings } from "../../src/live/whep.ts";
import { until } from "../support/until.ts";
import { recorded, TappedCamera } from "./live_world.ts";
import { WhepViewer } from "./whep_viewer.ts";

const SERVER = { urls: "stun:127.0.0.1:9" };

const SETTINGS: WhepSettings = {
  iceServers: [],
  portRange: undefined,
  hosts: ["192.0.2.7"],
  maxViewers: 2,
  bind: "127.0.0.1",
};

/** werift waits with timers that outlive its connections by a second. */
const LEFT_BY_WERIFT = { sanitizeOps: false, sanitizeResources: false } as const;

const WAIT = { limitMs: 20_000 };

const CLIP = await recorded({ seconds: 2 });

type Message = Readonly<Record<string, unknown>> & { readonly type: string };

/** The page's end of the WebSocket. */
class Page {
  readonly heard: Message[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.closed = new Promise((resolve) => this.socket.onclose = ({ code }) => resolve(code));
    this.socket.onmessage = ({ data }) => this.heard.push(JSON.parse(data));
  }

  async first(type: string): Promise<Message> {
    const found = () => this.heard.find((message) => message.type === type);
    await until(() => found() !== undefined, { ...WAIT, what: `a message "${type}"` });
    return found()!;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }
}

async function world(settings: Partial<WhepSettings> = {}) {
  const camera = new TappedCamera(CLIP);
  const whep = new Whep({ ...SETTINGS, ...settings });
  const live = new Live({
    ...{ ffmpegPath: "ffmpeg", clock: systemClock, whep, maxViewers: 2, maxRenditions: 0 },
    newestStill: () => Promise.resolve(undefined),
  });
  live.listen("front", camera.connect());
  camera.begin(1);
  await until(() => live.streamOf("front") !== undefined, { ...WAIT, what: "a stream" });
  const granted = new AbortController();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const answer = live.webrtc("front", request, granted.signal);
    return answer instanceof Response ? answer : new Response(answer?.detail, { status: 503 });
  });
  const pages: Page[] = [];
  return {
    ...{ camera, whep, live, granted },
    page(): Page {
      const page = new Page(`ws://127.0.0.1:${server.addr.port}/`);
      pages.push(page);
      return page;
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of pages) socket.close();
      await live.close();
      await Promise.all(pages.map(({ closed }) => closed));
      await server.shutdown();
      camera.tap.close();
    },
  };
}

Deno.test(
  "SignalSession connects a viewer by addresses that go to and fro, and ends with its socket",
  LEFT_BY_WERIFT,
  async () => {
    // With a server in the settings the box calls the viewer's addresses too. It never answers.
    await using all = await world({ iceServers: [SERVER] });
    const page = all.page();
    deepStrictEqual((await page.first("ready")).iceServers, [SERVER]);
    const viewer = new WhepViewer();
    try {
      const found: (string | undefined)[] = [];
      viewer.onCandidate((candidate) => found.push(candidate));
      const sdp = (await viewer.offer()).replaceAll(/a=(?:candidate|end-of).*\r\n/g, "");
      page.say({ type: "offer", sdp });
      for (const candidate of found) {
        const type = candidate === undefined ? "end-of-candidates" : "candidate";
        page.say({ type, candidate });
      }
      const answer = (await page.first("answer")).sdp as string;
      doesNotMatch(answer, /a=candidate/);
      await viewer.takeAnswer(answer);
      await page.first("candidate");
      const given = page.heard.filter(({ type }) => type === "candidate");
      for (const { candidate } of given) await viewer.takeCandidate(candidate as string);
      await all.camera.wanted();
      all.camera.give();
      await until(() => viewer.received.length > 0, { ...WAIT, what: "a picture" });
      await page.first("end-of-candidates");
      const lines = page.heard.flatMap(({ candidate }) => candidate ?? []).join("\n");
      match(lines, /^candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host/m);
      doesNotMatch(lines, /tcptype active/);
      strictEqual(all.whep.counts.viewers, 1);
      page.socket.close();
      await until(() => all.whep.counts.viewers === 0, { ...WAIT, what: "the viewer's end" });
    } finally {
      await viewer.close();
    }
  },
);

Deno.test(
  "SignalSession hangs up when the log-in ends, and when the connection does",
  LEFT_BY_WERIFT,
  async () => {
    await using all = await world();
    const viewers = [new WhepViewer(), new WhepViewer()];
    const pages = [all.page(), all.page()] as const;
    try {
      for (const [index, page] of pages.entries()) {
        await page.first("ready");
        page.say({ type: "offer", sdp: await viewers[index]!.offer() });
        await page.first("answer");
      }
      strictEqual(all.whep.counts.viewers, 2);
      // One more finds no place.
      const third = all.page();
      third.socket.onerror = (event) => event.preventDefault();
      await third.closed;
      deepStrictEqual(third.heard, []);
      all.granted.abort();
      deepStrictEqual(await Promise.all(pages.map(({ closed }) => closed)), [1001, 1001]);
      strictEqual(all.whep.counts.viewers, 0);
    } finally {
      await Promise.all(viewers.map((viewer) => viewer.close()));
    }
  },
);

const HOST = "candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host";

/** Of this machine, where nobody listens. */
const HERE = HOST.replace("192.0.2.1 61764", "127.0.0.1 9");

const HOSTILE = [
  { name: "what is no message", messages: ["hello"], code: "request-invalid" },
  { name: "bytes", messages: ["\u0000".repeat(20)], code: "request-invalid" },
  { name: "an address before the offer", messages: [{ type: "candidate", candidate: HOST }] },
  { name: "an endless message", messages: [{ type: "offer", sdp: "x".repeat(100_000) }] },
  {
    name: "an offer that is none",
    messages: [{ type: "offer", sdp: "v=0" }],
    code: "live-unsuited",
  },
] as const;

for (const { name, messages, ...want } of HOSTILE) {
  Deno.test(`SignalSession hangs up on a viewer who sends ${name}`, LEFT_BY_WERIFT, async () => {
    await using all = await world();
    const page = all.page();
    await page.first("ready");
    for (const message of messages) page.say(message);
    const { code = "request-invalid" } = want as { code?: string };
    strictEqual((await page.first("error")).code, code);
    strictEqual(await page.closed, code === "request-invalid" ? 1008 : 1011);
    deepStrictEqual([all.whep.counts.viewers, all.live.counts().viewers.map((v) => v.count)], [
      0,
      [0, 0, 0, 0],
    ]);
  });
}

Deno.test(
  "SignalSession ends a viewer who floods it, and takes a second offer of none",
  LEFT_BY_WERIFT,
  async () => {
    await using all = await world();
    const [loud, twice] = [all.page(), all.page()];
    const viewer = new WhepViewer();
    try {
      const sdp = await viewer.offer();
      for (const page of [loud, twice]) {
        await page.first("ready");
        page.say({ type: "offer", sdp });
        await page.first("answer");
      }
      for (let nth = 0; nth < 401; nth += 1) loud.say({ type: "candidate", candidate: HOST });
      twice.say({ type: "offer", sdp });
      strictEqual(await twice.closed, 1008);
      await loud.closed;
      strictEqual(all.whep.counts.viewers, 0);
    } finally {
      await viewer.close();
    }
  },
);

Deno.test(
  "Live takes a viewer's addresses by PATCH, and says what it can't do",
  LEFT_BY_WERIFT,
  async () => {
    await using all = await world({ iceServers: [SERVER] });
    const viewer = new WhepViewer();
    try {
      const { signal: granted } = all.granted;
      const sdp = `${await viewer.offer()}${`a=${HERE}\r\n`.repeat(20)}`;
      const answered = await all.live.whepOffer("front", { sdp, rendition: undefined, granted });
      const { id } = answered as { id: string };
      const ufrag = /a=ice-ufrag:(\S+)/.exec(sdp)![1]!;
      const said = (fragment: string, whom = id) => {
        const refusal = all.live.whepTrickle(whom, fragment);
        return refusal === undefined ? "taken" : `${refusal.status} ${refusal.code}`;
      };
      strictEqual(
        said(`a=ice-ufrag:${ufrag}\r\nm=video 9 x 0\r\na=mid:0\r\na=${HERE}\r\n`),
        "taken",
      );
      strictEqual(said("a=end-of-candidates\r\n"), "taken");
      strictEqual(said(`a=ice-ufrag:other\r\na=${HOST}\r\n`), "422 restart-unsupported");
      strictEqual(said("hello"), "400 request-invalid");
      strictEqual(said(`a=${HOST}\r\n`, "nobody"), "404 viewer-unknown");
      // What is no use here takes no place. The offer had 20 and more, and one came since.
      const group = HOST.replace("192.0.2.1", "224.0.0.1");
      strictEqual(said(`a=${group}\r\n`.repeat(100)), "taken");
      strictEqual(said(`a=${HERE}\r\n`.repeat(15)), "taken");
      strictEqual(said(`a=${HERE}\r\n`.repeat(5)), "422 request-invalid");
    } finally {
      await viewer.close();
    }
  },
);
