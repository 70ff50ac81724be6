import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { requireBox } from "../../src/media/boxes.ts";
import { parseFragment } from "../../src/media/fragment.ts";
import { parseInitSegment } from "../../src/media/init_segment.ts";
import { LINGER_MS, LiveStream } from "../../src/live/live_stream.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import { NotedViewer, ORIGIN_MS, recorded, TappedCamera } from "./live_world.ts";

/** Two seconds, ten fragments of five frames; B-frames shift the decode times. */
const CLIP = await recorded({ seconds: 2, bframes: 2, audio: true });

async function world() {
  const clock = new FakeClock();
  const camera = new TappedCamera(CLIP);
  const stream = new LiveStream("front", clock);
  stream.listen(camera.connect());
  camera.begin(1);
  const known = () => until(() => stream.info !== undefined, { limitMs: 5_000, what: "the start" });
  await known();
  return {
    ...{ clock, camera, stream, known },
    [Symbol.dispose]() {
      stream[Symbol.dispose]();
      camera.tap.close();
    },
  };
}

Deno.test("LiveStream knows what a stream is before anybody watches, and keeps nothing of it", async () => {
  using all = await world();
  all.camera.give();
  await until(() => all.stream.shape !== undefined, { limitMs: 5_000, what: "the shape" });
  strictEqual(all.stream.hasBFrames, true);
  strictEqual(all.stream.shape?.keyEveryMs, 1_000);
  strictEqual(all.stream.info?.mime, 'video/mp4; codecs="avc1.64000a,mp4a.40.2"');
  strictEqual(all.stream.keptBytes, 0);
});

Deno.test("LiveStream begins with the last key frame, at once for the second viewer too", async () => {
  using all = await world();
  all.camera.give(0, 8);
  const [first, second] = [new NotedViewer(), new NotedViewer()];
  using _first = all.stream.join(first);
  const noted = await first.next(4);
  deepStrictEqual(noted.slice(0, 2), ["run 1", "key 5"]);
  using _second = all.stream.join(second);
  deepStrictEqual(second.noted, noted);
  all.camera.give(8, 9);
  deepStrictEqual(await first.next(1), ["5"]);
});

Deno.test("LiveStream hands out times that need no edit list, and where they lie in wall time", async () => {
  using all = await world();
  const viewer = new NotedViewer();
  using _place = all.stream.join(viewer);
  all.camera.give(0, 3);
  await viewer.next(2);
  const info = viewer.infos[0]!;
  const init = parseInitSegment(requireBox(info.initSegment, ["moov"]).payload);
  const { bytes, originMs } = viewer.fragments[0]!;
  const [frame] = parseFragment(requireBox(bytes, ["moof"]), init).video;
  const [before] = CLIP.fragments[0]!.samples.video;
  strictEqual(originMs + frame!.pts * 1_000 / info.timescale, ORIGIN_MS + before!.pts);
  strictEqual(originMs, ORIGIN_MS - 1_000);
});

Deno.test("LiveStream goes on for a while after the last viewer, then lets the camera rest", async () => {
  using all = await world();
  all.camera.give(0, 3);
  const viewer = new NotedViewer();
  const place = all.stream.join(viewer);
  await viewer.next(2);
  place[Symbol.dispose]();
  await all.clock.advance(LINGER_MS - 1);
  const again = new NotedViewer();
  const placeAgain = all.stream.join(again);
  deepStrictEqual(again.noted.slice(0, 2), ["run 1", "key 5"]);
  placeAgain[Symbol.dispose]();
  await all.clock.advance(LINGER_MS);
  strictEqual(all.stream.keptBytes, 0);
  // The camera has nothing on its way after a pause: the tap is asked again, and answers.
  const late = new NotedViewer();
  using _late = all.stream.join(late);
  deepStrictEqual((await late.next(2)).slice(0, 2), ["run 1", "key 5"]);
});

Deno.test("LiveStream goes on with the tap of a Worker that was started again", async () => {
  using all = await world();
  all.camera.give(0, 3);
  const viewer = new NotedViewer();
  using _place = all.stream.join(viewer);
  await viewer.next(4);
  all.camera.tap.end();
  await until(() => all.stream.info === undefined, { limitMs: 5_000, what: "the end" });
  const again = new TappedCamera(CLIP);
  all.stream.listen(again.connect());
  again.begin(2);
  again.give(0, 2);
  deepStrictEqual((await viewer.next(3)).slice(0, 3), ["run 2", "key 5", "5"]);
  again.tap.close();
});

Deno.test("LiveStream shows nobody what a Worker that failed has left", async () => {
  using all = await world();
  all.camera.give(0, 3);
  const viewer = new NotedViewer();
  using _place = all.stream.join(viewer);
  await viewer.next(2);
  // It could not say "end"; the camera does not answer the Worker that follows.
  const again = new TappedCamera(CLIP);
  all.stream.listen(again.connect());
  const late = new NotedViewer();
  using _late = all.stream.join(late);
  deepStrictEqual(late.noted, []);
  strictEqual(all.stream.info, undefined);
  again.begin(2);
  again.give(0, 1);
  deepStrictEqual(await late.next(2), ["run 2", "key 5"]);
  again.tap.close();
});
