import { deepStrictEqual } from "node:assert/strict";
import { HlsShelf } from "../../src/live/hls_shelf.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ClipSource, recordClip } from "./clip_source.ts";

Deno.test("HlsShelf makes a playlist anew where another stream has taken the place of the first", async () => {
  const clip = await recordClip({ seconds: 1, size: "128x72" });
  const [before, now] = [new ClipSource(clip), new ClipSource(clip)];
  const shelf = new HlsShelf(new FakeClock());
  const ask = (source: ClipSource) =>
    shelf.playlist({ key: "front/720p", source, prefix: "720p_" }, new Request("http://a/"));
  const answers = [ask(before)];
  deepStrictEqual([before.viewers, now.viewers], [1, 0]);
  answers.push(ask(now));
  deepStrictEqual([before.viewers, now.viewers], [0, 1]);
  shelf[Symbol.dispose]();
  await Promise.all(answers);
});
