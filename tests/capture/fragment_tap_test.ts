import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { COLLECTED, CountedMemory } from "../../src/base/shared_memory.ts";
import { unixMs } from "../../src/base/units.ts";
import { FragmentTap, type Saw } from "../../src/capture/fragment_tap.ts";
import { RecentFrames } from "../../src/capture/recent_frames.ts";
import type { Fragment, StreamStart } from "../../src/media/fragment_stream.ts";
import type { FromLiveTap, FromTap, TapKind, ToTap } from "../../src/model/tap.ts";

const ORIGIN = unixMs(1_000);
const START = {
  ftyp: Uint8Array.of(1),
  moov: Uint8Array.of(2, 3),
  init: { video: { timescale: 90_000, width: 64, height: 36 } },
} as unknown as StreamStart;

function fragment(sizeBytes: number, isKey: boolean): Fragment {
  const sample = { dts: 0, pts: 0, duration: 1, sizeBytes, isKey, offset: 0 };
  const samples = { video: [sample, { ...sample, isKey: false }], audio: [] };
  return { type: "fragment", bytes: new Uint8Array(sizeBytes), moofBytes: 0, samples };
}

const MB = 1024 * 1024;

function shortOf(message: FromTap | FromLiveTap): number | string {
  switch (message.type) {
    case "start": {
      const isIdle = "isPlaying" in message && !message.isPlaying;
      return `run ${message.run}${isIdle ? " idle" : ""}`;
    }
    case "fragment":
      return message.bytes.length;
    case "shape":
      return `every ${message.keyEveryMs} ms`;
    case "missed":
      return `missed ${message.fragments}`;
    case "end":
      return "end";
  }
}

/** Somebody who watches, and says only what the test says. */
class Watcher implements Disposable {
  readonly #port: MessagePort;
  readonly #heard: (FromTap | FromLiveTap)[] = [];
  #wake: (() => void) | undefined;

  constructor(tap: FragmentTap, kind: TapKind = "vision") {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<FromTap | FromLiveTap>) => {
      this.#heard.push(data);
      this.#wake?.();
    };
    tap.watch(port2, kind);
  }

  say(message: ToTap): void {
    this.#port.postMessage(message);
  }

  /** The next messages: sizes of fragments, runs of streams. */
  async next(count: number): Promise<(number | string)[]> {
    while (this.#heard.length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#heard.splice(0, count).map(shortOf);
  }

  get waiting(): number {
    return this.#heard.length;
  }

  [Symbol.dispose](): void {
    this.#port.close();
  }
}

Deno.test("FragmentTap gives a watcher the stream from its next key frame on", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(7, START);
  tap.take(fragment(10, true), ORIGIN, COLLECTED);
  using watcher = new Watcher(tap);
  tap.take(fragment(11, false), ORIGIN, COLLECTED);
  tap.take(fragment(12, true), ORIGIN, COLLECTED);
  tap.take(fragment(13, false), ORIGIN, COLLECTED);
  deepStrictEqual(await watcher.next(3), ["run 7", 12, 13]);
  strictEqual(tap.missed, 1);
  tap.begin(8, START);
  tap.take(fragment(14, true), ORIGIN, COLLECTED);
  deepStrictEqual(await watcher.next(2), ["run 8", 14]);
  tap.close();
});

Deno.test("FragmentTap leaves out whole groups of pictures for a watcher that is behind", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  using slow = new Watcher(tap);
  for (const [size, isKey] of [[5, true], [4, false], [1, false], [2, true]] as const) {
    tap.take(fragment(size * MB, isKey), ORIGIN, COLLECTED);
  }
  // 4 MB more than 5 MB were too much; the rest of that group is of no use.
  deepStrictEqual(await slow.next(3), ["run 1", 5 * MB, 2 * MB]);
  tap.take(fragment(2 * MB, true), ORIGIN, COLLECTED);
  strictEqual(tap.missed, 3);
  tap.close();
});

Deno.test("FragmentTap tells who watches live how much was lost on the way", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  using live = new Watcher(tap, "live");
  live.say({ type: "play" });
  deepStrictEqual(await live.next(2), ["run 1 idle", "run 1"]);
  for (const [size, isKey] of [[9, true], [8, false], [1, false], [7, true]] as const) {
    tap.take(fragment(size * MB, isKey), ORIGIN, COLLECTED);
  }
  deepStrictEqual(await live.next(3), [9 * MB, "missed 2", 7 * MB]);
  tap.close();
});

Deno.test("FragmentTap gives a watcher more when it has taken what it had", async () => {
  const heard = Promise.withResolvers<Saw>();
  const tap = new FragmentTap(heard.resolve);
  tap.begin(1, START);
  using watcher = new Watcher(tap);
  tap.take(fragment(8 * MB, true), ORIGIN, COLLECTED);
  deepStrictEqual(await watcher.next(2), ["run 1", 8 * MB]);
  watcher.say({ type: "taken", bytes: 8 * MB });
  // What was said before has arrived with it.
  watcher.say({ type: "saw", run: 1, pts: 1, detections: [] });
  await heard.promise;
  tap.take(fragment(8 * MB, true), ORIGIN, COLLECTED);
  deepStrictEqual(await watcher.next(1), [8 * MB]);
  tap.close();
});

Deno.test("FragmentTap serves the newest watcher of a kind alone", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  using before = new Watcher(tap);
  using newest = new Watcher(tap);
  tap.take(fragment(1, true), ORIGIN, COLLECTED);
  deepStrictEqual(await newest.next(2), ["run 1", 1]);
  strictEqual(before.waiting <= 1, true);
  tap.close();
});

Deno.test("FragmentTap gives one that plays all since the last key frame, then what comes", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  using idle = new Watcher(tap, "live");
  using vision = new Watcher(tap);
  for (const size of [10, 11, 12]) tap.take(fragment(size, size === 10), ORIGIN, COLLECTED);
  deepStrictEqual(await idle.next(1), ["run 1 idle"]);
  deepStrictEqual(await vision.next(4), ["run 1", 10, 11, 12]);
  strictEqual(idle.waiting, 0);
  idle.say({ type: "play" });
  deepStrictEqual(await idle.next(4), ["run 1", 10, 11, 12]);
  tap.take(fragment(13, false), ORIGIN, COLLECTED);
  deepStrictEqual(await idle.next(1), [13]);
  tap.end();
  deepStrictEqual(await idle.next(1), ["end"]);
  strictEqual(tap.missed, 0);
  tap.close();
});

Deno.test("FragmentTap gives nothing after a pause, and begins with a key frame again", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  using live = new Watcher(tap, "live");
  live.say({ type: "play" });
  deepStrictEqual(await live.next(2), ["run 1 idle", "run 1"]);
  tap.take(fragment(10, true), ORIGIN, COLLECTED);
  deepStrictEqual(await live.next(1), [10]);
  live.say({ type: "pause" });
  live.say({ type: "play" });
  deepStrictEqual(await live.next(2), ["run 1", 10]);
  tap.close();
});

Deno.test("FragmentTap keeps nothing without somebody to keep it for, and no group over 8 MB", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  using _vision = new Watcher(tap);
  tap.take(fragment(10, true), ORIGIN, COLLECTED);
  strictEqual(tap.keptBytes, 0);
  using live = new Watcher(tap, "live");
  tap.take(fragment(5 * MB, true), ORIGIN, COLLECTED);
  strictEqual(tap.keptBytes, 5 * MB);
  tap.take(fragment(4 * MB, false), ORIGIN, COLLECTED);
  tap.take(fragment(1, false), ORIGIN, COLLECTED);
  strictEqual(tap.keptBytes, 0);
  live.say({ type: "play" });
  deepStrictEqual(await live.next(2), ["run 1 idle", "run 1"]);
  tap.take(fragment(2, true), ORIGIN, COLLECTED);
  deepStrictEqual(await live.next(1), [2]);
  tap.close();
});

Deno.test("FragmentTap keeps and sends nothing for one that has left", async () => {
  const left = Promise.withResolvers<void>();
  const tap = new FragmentTap(() => left.resolve());
  tap.begin(1, START);
  using vision = new Watcher(tap);
  const live = new Watcher(tap, "live");
  live.say({ type: "play" });
  await live.next(2);
  tap.take(fragment(10, true), ORIGIN, COLLECTED);
  live.say({ type: "leave" });
  live[Symbol.dispose]();
  // What another says afterwards is heard afterwards.
  vision.say({ type: "saw", run: 1, pts: 1, detections: [] });
  await left.promise;
  strictEqual(tap.keptBytes, 0);
  tap.take(fragment(11, true), ORIGIN, COLLECTED);
  strictEqual(tap.keptBytes, 0);
  tap.close();
});

Deno.test("FragmentTap passes on what a watcher saw", async () => {
  const heard = Promise.withResolvers<Saw>();
  const tap = new FragmentTap(heard.resolve);
  using watcher = new Watcher(tap);
  const detections = [{ class: "person", score: 0.7, box: { x: 0, y: 0, width: 1, height: 1 } }];
  const saw = { type: "saw", run: 1, pts: 9, detections } as const;
  watcher.say(saw);
  deepStrictEqual(await heard.promise, saw);
  tap.close();
});

Deno.test("RecentFrames knows the newest frames by their time, and lets go of the older ones", () => {
  const frames = new RecentFrames();
  for (let id = 1; id <= 5_000; id += 1) frames.add({ frameId: id, atMs: unixMs(id), pts: id * 3 });
  strictEqual(frames.at(5_000 * 3)?.frameId, 5_000);
  strictEqual(frames.at(3_201 * 3)?.frameId, 3_201);
  strictEqual(frames.at(3_200 * 3), undefined);
  strictEqual(frames.at(1), undefined);
});

Deno.test("FragmentTap holds what it keeps for those who begin to watch, and nothing else", async () => {
  const tap = new FragmentTap(() => {});
  tap.begin(1, START);
  const given: Fragment[] = [];
  const take = (sizeBytes: number, isKey: boolean) => {
    const piece = fragment(sizeBytes, isKey);
    const memory = new CountedMemory(piece.bytes);
    tap.take(piece, ORIGIN, memory);
    memory.release();
    given.push(piece);
  };
  take(10, true);
  using watcher = new Watcher(tap, "live");
  take(11, false);
  take(12, true);
  take(13, false);
  const left = () => given.map(({ bytes }) => bytes.length);
  deepStrictEqual(left(), [0, 0, 12, 13], "the group since the key frame");
  watcher.say({ type: "play" });
  deepStrictEqual(await watcher.next(4), ["run 1 idle", "run 1", 12, 13]);
  take(14, true);
  deepStrictEqual(left(), [0, 0, 0, 0, 14]);
  tap.close();
  deepStrictEqual(left(), [0, 0, 0, 0, 0]);
});
