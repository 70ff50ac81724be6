import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { requireBox } from "../../src/media/boxes.ts";
import { parseFragment } from "../../src/media/fragment.ts";
import { parseInitSegment } from "../../src/media/init_segment.ts";
import type { Logger } from "../../src/base/log.ts";
import type { EncoderChoice } from "../../src/live/encoder_choice.ts";
import { EncoderPlaces } from "../../src/live/encoder_places.ts";
import { FanOut } from "../../src/live/fan_out.ts";
import { LiveHub } from "../../src/live/live_hub.ts";
import { LINGER_MS } from "../../src/live/live_stream.ts";
import { Rendition } from "../../src/live/rendition.ts";
import type { LiveSource } from "../../src/model/live.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import {
  NotedViewer,
  ORIGIN_MS,
  plainFragment,
  plainInfo,
  type Recorded,
  recorded,
  TappedCamera,
} from "./live_world.ts";

const WAIT = { limitMs: 20_000 };

async function world(clip: Recorded) {
  const clock = new FakeClock();
  const hub = new LiveHub({ ffmpegPath: "ffmpeg", clock, maxRenditions: 1 });
  const camera = new TappedCamera(clip);
  hub.listen("front", camera.connect());
  camera.begin(1);
  await until(() => hub.sizes("front").length > 0, { ...WAIT, what: "the stream" });
  return {
    ...{ clock, hub, camera },
    async [Symbol.asyncDispose]() {
      await hub.close();
      camera.tap.close();
    },
  };
}

/** Wall times of the frames that a viewer got, in whole milliseconds. */
function wallTimes({ infos, fragments }: NotedViewer): number[] {
  const { initSegment } = infos.at(-1)!;
  const init = parseInitSegment(requireBox(initSegment, ["moov"]).payload);
  return fragments.flatMap(({ bytes, originMs }) =>
    parseFragment(requireBox(bytes, ["moof"]), init).video
      .map(({ pts }) => originMs + Math.round(pts * 1_000 / init.video.timescale))
  );
}

Deno.test("Rendition shows H.265 as H.264 with sound, each frame at its time, while somebody watches", async () => {
  const clip = await recorded({ seconds: 2, codec: "h265", audio: true, size: "256x144" });
  await using all = await world(clip);
  deepStrictEqual(all.hub.sizes("front").map(({ name }) => name), ["144p"]);
  strictEqual(all.hub.rendition("front", "720p"), undefined);
  const rendition = all.hub.rendition("front", "144p") as Rendition;
  const viewer = new NotedViewer();
  const place = rendition.join(viewer);
  await all.camera.wanted();
  all.camera.give();
  await until(() => wallTimesOf(viewer) >= 40, { ...WAIT, what: "40 frames" });

  match(viewer.infos[0]!.mime, /codecs="avc1\.42c0..,mp4a\.40\.2"$/);
  ok(viewer.fragments[0]!.isKey);
  const recordedTimes = clip.fragments.flatMap(({ samples }) => samples.video)
    .map(({ pts }) => ORIGIN_MS + Math.round(pts * 1_000 / clip.start.init.video.timescale))
    .toSorted((one, other) => one - other);
  deepStrictEqual(wallTimes(viewer).slice(0, 40), recordedTimes.slice(0, 40));

  strictEqual(all.hub.encoders, 1);
  place[Symbol.dispose]();
  await all.clock.advance(LINGER_MS);
  strictEqual(all.hub.encoders, 0);
  strictEqual(rendition.info, undefined);
});

function wallTimesOf({ fragments }: NotedViewer): number {
  return fragments.reduce((sum, { frames }) => sum + frames, 0);
}

Deno.test("Rendition begins anew with a key frame when its encoder ends, and takes no place of another", async () => {
  const clip = await recorded({ seconds: 2, size: "642x482" });
  await using all = await world(clip);
  const rendition = all.hub.rendition("front", "360p") as Rendition;
  const viewer = new NotedViewer();
  using _place = rendition.join(viewer);
  strictEqual(all.hub.rendition("front", "480p"), "full");
  await all.camera.wanted();
  all.camera.give(0, 9);
  await viewer.next(2);
  const pid = rendition.pid!;
  Deno.kill(pid, "SIGKILL");
  await until(() => rendition.pid === undefined, { ...WAIT, what: "its end" });
  await all.clock.advance(1_000);
  viewer.noted.splice(0);
  // What was on its way was lost; a key frame is the next that is of use.
  all.camera.give(9, 10);
  all.camera.begin(2);
  all.camera.give();
  ok((await viewer.next(1))[0]!.startsWith("run "));
  strictEqual(rendition.pid === pid, false);
});

Deno.test("Rendition begins where there was no place for its encoder before", async () => {
  const clip = await recorded({ seconds: 2, size: "642x482" });
  await using all = await world(clip);
  const small = all.hub.rendition("front", "360p") as Rendition;
  const large = all.hub.rendition("front", "480p") as Rendition;
  // Both asked while there was a place; the second to come finds it taken.
  const place = small.join(new NotedViewer());
  using _early = large.join(new NotedViewer());
  place[Symbol.dispose]();
  await all.clock.advance(LINGER_MS);
  strictEqual(all.hub.encoders, 0);
  const viewer = new NotedViewer();
  using _late = large.join(viewer);
  strictEqual(all.hub.encoders, 1);
  await all.camera.wanted();
  all.camera.give(0, 9);
  ok((await viewer.next(1))[0]!.startsWith("run "));
});

Deno.test("Rendition goes on where the camera's stream begins anew in another size", async () => {
  const clip = await recorded({ seconds: 1, size: "642x482" });
  const wide = await recorded({ seconds: 1, size: "960x482" });
  await using all = await world(clip);
  const rendition = all.hub.rendition("front", "360p") as Rendition;
  const viewer = new NotedViewer();
  using _place = rendition.join(viewer);
  await all.camera.wanted();
  all.camera.give();
  await viewer.next(1);
  all.camera.begin(2, wide);
  all.camera.give();
  await until(() => viewer.infos.length === 2, { ...WAIT, what: "the other size" });
  deepStrictEqual(viewer.infos.map(({ width }) => width), [480, 718]);
  strictEqual(all.hub.rendition("front", "360p"), rendition);
});

Deno.test("Rendition pauses before it tries again to start an encoder that can't be started", async () => {
  const clock = new FakeClock();
  const camera = new FanOut({ onFirst() {}, onLast() {} });
  camera.begin(plainInfo(1));
  let attempts = 0;
  const rendition = new Rendition({
    source: camera as unknown as LiveSource,
    size: { name: "36p", width: 64, height: 36, bitsPerSecond: 100_000 },
    ffmpegPath: "/nowhere/ffmpeg",
    choice: { get: () => Promise.resolve("libx264") } as unknown as EncoderChoice,
    places: new EncoderPlaces(1),
    clock,
    log: { error: () => void (attempts += 1) } as unknown as Logger,
  });
  using _place = rendition.join(new NotedViewer());
  await clock.advance(0);
  strictEqual(attempts, 1);
  camera.take(plainFragment(1, true));
  await clock.advance(999);
  camera.take(plainFragment(1, true));
  strictEqual(attempts, 1);
  await clock.advance(1);
  camera.take(plainFragment(1, true));
  strictEqual(attempts, 2);
  await rendition.closed();
});
