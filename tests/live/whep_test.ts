import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { OperatorError } from "../../src/base/errors.ts";
import { Whep, type WhepSettings } from "../../src/live/whep.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import { ClipSource, recordClip } from "./clip_source.ts";
import { WhepViewer } from "./whep_viewer.ts";

const SETTINGS: WhepSettings = {
  iceServers: [],
  portRange: undefined,
  hosts: [],
  maxViewers: 8,
  bind: "127.0.0.1",
};

/**
 * werift waits with a timer whether its last flight has to be sent again, and can't
 * be told to stop: up to 1 s after its connection was closed.
 */
const LEFT_BY_WERIFT = { sanitizeOps: false, sanitizeResources: false } as const;

const clip = await recordClip({ seconds: 1, gop: 25, size: "320x180" });

Deno.test(
  "Whep gives who joins the kept pictures bit for bit, then live ones",
  LEFT_BY_WERIFT,
  async () => {
    const source = new ClipSource(clip);
    const whep = new Whep(SETTINGS);
    const viewer = new WhepViewer();
    try {
      await viewer.join(whep, source);
      const packets = (count: number) => () => viewer.units().length >= count;
      await until(packets(25), { limitMs: 5_000, what: "the kept pictures" });
      source.repeat();
      await until(packets(50), { limitMs: 5_000, what: "live pictures" });
      const plain = clip.units.map((units) => units.map((unit) => unit.slice()));
      deepStrictEqual(viewer.units(), [...plain, ...plain]);
      strictEqual(source.viewers, 1);
      strictEqual(whep.viewersOf(source), 1);
      strictEqual(whep.end(viewer.id), true);
      strictEqual(whep.end(viewer.id), false);
      strictEqual(source.viewers, 0);
      const { viewers, joined, missedFrames } = whep.counts;
      deepStrictEqual({ viewers, joined, missedFrames }, {
        viewers: 0,
        joined: 1,
        missedFrames: 0,
      });
    } finally {
      await Promise.all([viewer.close(), whep.close()]);
    }
  },
);

// Without the guard (dtls_guard.ts) viewers that say everything twice get a connection whose
// packets they can't decrypt.
Deno.test(
  "Whep gives four who join in the same instant packets that they can decrypt, each time",
  LEFT_BY_WERIFT,
  async () => {
    const source = new ClipSource(clip);
    const whep = new Whep(SETTINGS);
    try {
      for (let round = 0; round < 3; round += 1) {
        const viewers = [0, 1, 2, 3].map((nth) => new WhepViewer({ isImpatient: nth % 2 === 0 }));
        await Promise.all(viewers.map((viewer) => viewer.join(whep, source)));
        strictEqual(source.viewers, 1);
        strictEqual(whep.counts.viewers, 4);
        for (const { id } of viewers) whep.end(id);
        await Promise.all(viewers.map((viewer) => viewer.close()));
      }
      strictEqual(whep.counts.joined, 12);
      ok(whep.counts.repeats >= 6, `${whep.counts.repeats} repeated messages`);
    } finally {
      await whep.close();
    }
  },
);

Deno.test("Whep keeps a viewer while strangers send junk to his port", LEFT_BY_WERIFT, async () => {
  const source = new ClipSource(clip);
  const whep = new Whep(SETTINGS);
  const viewer = new WhepViewer();
  try {
    await viewer.join(whep, source);
    await until(() => viewer.units().length >= 25, { limitMs: 5_000, what: "the kept pictures" });
    const tcpPort = portOf(viewer.answer, "tcp");
    await connectOften(tcpPort);
    await sendJunk(portOf(viewer.answer, "udp"), tcpPort);
    // Twice: junk fills the sockets of a busy machine, and UDP then loses a picture.
    source.repeat();
    source.repeat();
    await until(() => viewer.units().length >= 50, { limitMs: 5_000, what: "live pictures" });
    strictEqual(whep.counts.viewers, 1);
  } finally {
    await Promise.all([viewer.close(), whep.close()]);
  }
});

function portOf(answer: string, transport: "udp" | "tcp"): number {
  return Number(new RegExp(` ${transport} \\d+ \\S+ (\\d+) `).exec(answer)?.[1]);
}

/** Connects 20 times; all but 8 are closed by the other side. */
async function connectOften(port: number): Promise<void> {
  let open = 20;
  const connections: Deno.Conn[] = [];
  for (let nth = 0; nth < 20; nth += 1) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connections.push(connection);
    // Nothing is ever sent: a read ends when the connection does.
    connection.read(new Uint8Array(1)).then(() => open -= 1, () => open -= 1);
  }
  await until(() => open <= 8, { limitMs: 2_000, what: "the connections over the limit to end" });
  for (const connection of connections) connection.close();
}

/** Datagrams and frames that begin as STUN, DTLS, RTP and nothing known do, with nonsense behind. */
async function sendJunk(udpPort: number, tcpPort: number): Promise<void> {
  const junk = [0, 1, 20, 21, 22, 22, 23, 64, 128, 200, 255].flatMap((first) =>
    [1, 2, 13, 60, 600].map((length) => {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      bytes[0] = first;
      // A plain handshake record of DTLS 1.2 that holds a "client hello".
      if (first === 22 && length >= 60) bytes.set(HELLO);
      return bytes;
    })
  );
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  for (const bytes of junk) {
    await new Promise((resolve) => socket.send(bytes, udpPort, "127.0.0.1", resolve));
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  for (const bytes of junk) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: tcpPort });
    await connection.write(Uint8Array.of(0, bytes.length & 0xff)).catch(() => 0);
    await connection.write(bytes).catch(() => 0);
  }
}

/** Record and handshake header of a first "client hello" of 36 bytes. */
const HELLO = Uint8Array.of(
  ...[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 48],
  ...[1, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 36, 254, 253],
);

Deno.test("Whep drops a viewer from whom nothing is heard for 5 s", LEFT_BY_WERIFT, async () => {
  const source = new ClipSource(clip);
  const clock = new FakeClock();
  const whep = new Whep(SETTINGS, clock);
  const viewer = new WhepViewer();
  try {
    await viewer.join(whep, source);
    await viewer.close();
    // A report that was under way when it closed counts: some more packets after that.
    source.repeat();
    await clock.advance(4_000);
    strictEqual(whep.counts.viewers, 1);
    await clock.advance(3_000);
    const { viewers, dropped } = whep.counts;
    deepStrictEqual({ viewers, dropped }, { viewers: 0, dropped: 1 });
    strictEqual(source.viewers, 0);
  } finally {
    await whep.close();
  }
});

Deno.test("Whep drops a viewer that never comes, after 10 s", LEFT_BY_WERIFT, async () => {
  const source = new ClipSource(clip);
  const clock = new FakeClock();
  const whep = new Whep({ ...SETTINGS, portRange: [50_800, 50_810] }, clock);
  const viewer = new WhepViewer();
  try {
    let ended = 0;
    const onEnd = () => void (ended += 1);
    const { answer } = await whep.offer(source, await viewer.offer(), { onEnd });
    match(answer, /a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 508\d\d typ host/);
    match(answer, /a=setup:passive/);
    await clock.advance(9_000);
    deepStrictEqual({ viewers: whep.counts.viewers, ended }, { viewers: 1, ended: 0 });
    await clock.advance(3_000);
    deepStrictEqual({ viewers: whep.counts.viewers, ended }, { viewers: 0, ended: 1 });
  } finally {
    await Promise.all([viewer.close(), whep.close()]);
  }
});

Deno.test(
  "Whep refuses what can't be watched over WebRTC, and says why",
  LEFT_BY_WERIFT,
  async () => {
    const whep = new Whep({ ...SETTINGS, maxViewers: 1 });
    const viewer = new WhepViewer();
    try {
      const sdp = await viewer.offer();
      const refused = async (source: ClipSource, offer: string, code: string, words: RegExp) =>
        await rejects(whep.offer(source, offer), (error: unknown) => {
          ok(error instanceof OperatorError);
          strictEqual(error.code, code);
          match(error.message, words);
          return true;
        });
      const source = (change: Partial<Pick<ClipSource, "info" | "hasBFrames">>) =>
        Object.assign(new ClipSource(clip), change);
      await refused(source({ hasBFrames: true }), sdp, "live-unsuited", /it has B-frames/);
      const hevc = source({ info: { ...clip.info, codec: "hvc1" } });
      await refused(hevc, sdp, "live-unsuited", /codec is "hvc1"/);
      await refused(source({ info: undefined }), sdp, "live-unavailable", /sends nothing/);
      await refused(source({}), "v=0", "live-unsuited", /no WebRTC offer/);
      const noUse = sdp.replaceAll("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 nonsense");
      await refused(
        source({}),
        noUse.replace(/a=fmtp.*/g, ""),
        "live-unsuited",
        /can't be answered/,
      );
      await whep.offer(source({}), sdp);
      await refused(source({}), sdp, "live-unavailable", /1 viewers watch already/);
      strictEqual(whep.counts.refused, 6);
      await whep.close();
      await refused(source({}), sdp, "live-unavailable", /stopping/);
    } finally {
      await Promise.all([viewer.close(), whep.close()]);
    }
  },
);

Deno.test("Whep finds out by itself that a stream has B-frames", LEFT_BY_WERIFT, async () => {
  const source = new ClipSource(await recordClip({ seconds: 1, bframes: 2, size: "128x72" }));
  const whep = new Whep(SETTINGS);
  const viewer = new WhepViewer();
  try {
    await rejects(whep.offer(source, await viewer.offer()), /it has B-frames/);
    strictEqual(source.viewers, 0);
  } finally {
    await Promise.all([viewer.close(), whep.close()]);
  }
});

Deno.test(
  "Whep keeps nobody whose camera goes away while he is answered",
  LEFT_BY_WERIFT,
  async () => {
    const source = new ClipSource(clip);
    const whep = new Whep(SETTINGS);
    const viewer = new WhepViewer();
    try {
      const asked = whep.offer(source, await viewer.offer());
      source.info = undefined;
      await rejects(asked, /ended meanwhile/);
      deepStrictEqual([whep.counts.viewers, source.viewers], [0, 0]);
    } finally {
      await Promise.all([viewer.close(), whep.close()]);
    }
  },
);

Deno.test("Whep warms up against itself and leaves nothing open", LEFT_BY_WERIFT, async () => {
  const whep = new Whep(SETTINGS);
  strictEqual(await whep.warmUp(), true);
  strictEqual(whep.counts.viewers, 0);
  await whep.close();
});
