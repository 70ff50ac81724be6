import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { LiveHub } from "../../src/live/live_hub.ts";
import { LINGER_MS } from "../../src/live/live_stream.ts";
import { Whep, type WhepSettings } from "../../src/live/whep.ts";
import { opusSamples } from "../../src/media/opus_packet.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import { recorded, TappedCamera } from "./live_world.ts";
import { WhepViewer } from "./whep_viewer.ts";

const SETTINGS: WhepSettings = {
  iceServers: [],
  portRange: undefined,
  hosts: [],
  maxViewers: 4,
  bind: "127.0.0.1",
  ffmpegPath: "ffmpeg",
};

/** werift waits with timers that outlive its connections by a second. */
const LEFT_BY_WERIFT = { sanitizeOps: false, sanitizeResources: false } as const;

const WAIT = { limitMs: 20_000 };

/** Two seconds with sound: ten fragments. */
const CLIP = await recorded({ seconds: 2, audio: true });

async function world(settings: WhepSettings = SETTINGS) {
  const clock = new FakeClock();
  const hub = new LiveHub({ ffmpegPath: "ffmpeg", clock, maxRenditions: 0 });
  const camera = new TappedCamera(CLIP);
  hub.listen("front", camera.connect());
  camera.begin(1);
  const source = hub.stream("front")!;
  await until(() => source.info !== undefined, { ...WAIT, what: "the stream" });
  const whep = new Whep(settings, clock);
  const viewers: WhepViewer[] = [];
  return {
    ...{ clock, camera, whep, source },
    /** Somebody who watches, as soon as the connection stands. */
    async viewer(isListening: boolean): Promise<WhepViewer> {
      const viewer = new WhepViewer({ isListening });
      viewers.push(viewer);
      const { joined } = whep.counts;
      const answered = await whep.offer(source, await viewer.offer());
      viewer.id = answered.id;
      viewer.answer = answered.answer;
      await viewer.takeAnswer(answered.answer);
      await camera.wanted();
      await until(() => whep.counts.joined > joined, { ...WAIT, what: "a connection" });
      return viewer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(viewers.map((viewer) => viewer.close()));
      await whep.close();
      await hub.close();
      camera.tap.close();
    },
  };
}

Deno.test(
  "Whep gives who asks for it a camera's sound as Opus, on the line of time of its pictures",
  LEFT_BY_WERIFT,
  async () => {
    await using all = await world();
    const viewer = await all.viewer(true);
    match(
      viewer.answer,
      /m=audio 9 [^\n]*\r\n(?:a=[^\n]*\n|c=[^\n]*\n)*a=rtpmap:\d+ opus\/48000\/2/i,
    );
    strictEqual(all.whep.counts.soundEncoders, 1);
    // What piles up while the encoder starts is left out: the first fragment alone, then the rest.
    all.camera.give(0, 1);
    await until(() => viewer.heard.length > 0, { ...WAIT, what: "sound" });
    // What would come a second late is left out too: not all at once.
    for (const [from, packets] of [[1, 30], [4, 60], [7, 90]] as const) {
      all.camera.give(from, from + 3);
      const isHeard = () => viewer.heard.length >= packets;
      await until(isHeard, { ...WAIT, what: `${packets} packets of sound` });
    }
    const first = viewer.heard[0]!.header;
    for (const [index, { header, payload }] of viewer.heard.slice(0, 90).entries()) {
      strictEqual(opusSamples(new Uint8Array(payload)), 960);
      strictEqual(header.sequenceNumber, (first.sequenceNumber + index) & 0xffff);
      strictEqual(header.timestamp, (first.timestamp + index * 960) >>> 0);
    }
    const said = (kind: string) => viewer.reports.find((report) => report.kind === kind);
    const areThere = () => said("video") !== undefined && said("audio") !== undefined;
    await until(areThere, { ...WAIT, what: "sender reports of both" });
    const originS = (kind: "video" | "audio", rate: number) => {
      const { ntpS, rtpTimestamp } = said(kind)!;
      return ntpS - rtpTimestamp / rate;
    };
    const apartS = originS("video", 90_000) - originS("audio", 48_000);
    ok(Math.abs(apartS) < 0.001, `sound and picture are ${apartS} s apart`);
    // The clip's tone begins with its first picture.
    const picture = viewer.received[0]!.header.timestamp / 90_000;
    ok(Math.abs((first.timestamp | 0) / 48_000 - picture) < 0.03);
  },
);

Deno.test(
  "Whep starts no encoder for viewers without sound, one for all who listen, and ends it 5 s after the last",
  LEFT_BY_WERIFT,
  async () => {
    await using all = await world();
    const silent = await all.viewer(false);
    doesNotMatch(silent.answer, /m=audio/);
    all.camera.give(0, 5);
    await until(() => silent.received.length > 0, { ...WAIT, what: "a picture" });
    strictEqual(all.whep.counts.soundEncoders, 0);
    const [one, other] = [await all.viewer(true), await all.viewer(true)];
    strictEqual(all.whep.counts.soundEncoders, 1);
    all.camera.give(5, 6);
    await until(() => one.heard.length > 0 && other.heard.length > 0, { ...WAIT, what: "sound" });
    strictEqual(silent.heard.length, 0);
    all.whep.end(one.id);
    await all.clock.advance(LINGER_MS);
    strictEqual(all.whep.counts.soundEncoders, 1);
    all.whep.end(other.id);
    await all.clock.advance(LINGER_MS - 1);
    strictEqual(all.whep.counts.soundEncoders, 1);
    await all.clock.advance(1);
    strictEqual(all.whep.counts.soundEncoders, 0);
  },
);

Deno.test(
  "Whep gives pictures alone where ffmpeg makes no Opus",
  LEFT_BY_WERIFT,
  async () => {
    await using all = await world({ ...SETTINGS, ffmpegPath: "false" });
    const viewer = await all.viewer(true);
    match(viewer.answer, /m=audio 0 /);
    all.camera.give();
    await until(() => viewer.received.length > 0, { ...WAIT, what: "a picture" });
    const { viewers, soundEncoders } = all.whep.counts;
    deepStrictEqual({ viewers, soundEncoders }, { viewers: 1, soundEncoders: 0 });
  },
);
