import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import { findBox, requireBox } from "../../src/media/boxes.ts";
import { parseFragment } from "../../src/media/fragment.ts";
import { liveTimeline, moveFragment } from "../../src/media/live_timeline.ts";
import { makeClip } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("liveTimeline() and moveFragment() say with times what the edit lists said", async () => {
  await using folder = await tempFolder();
  const options = { seconds: 2, size: "128x72", bframes: 2, audio: true } as const;
  const path = await makeClip(`${folder.path}/clip.mp4`, options);
  const { start, fragments } = readStream(await recordFile(path));
  const { video, audio } = start.init;
  // B-frames and the lead-in of AAC: both begin before 0.
  strictEqual(video.presentationShift < 0 && audio!.presentationShift < 0, true);

  const timeline = liveTimeline(joined([start.ftyp, start.moov]));
  strictEqual(timeline.laterMs, 1_000);
  strictEqual(timeline.init.video.presentationShift, 0);
  strictEqual(timeline.init.audio!.presentationShift, 0);
  const moov = requireBox(timeline.initSegment, ["moov"]).payload;
  strictEqual(findBox(moov, ["trak", "edts"]), undefined);
  for (const fragment of fragments) {
    const bytes = fragment.bytes.slice();
    moveFragment(bytes, timeline);
    const moved = parseFragment(requireBox(bytes, ["moof"]), timeline.init);
    deepStrictEqual(
      moved.video.map(({ pts }) => pts - video.timescale),
      fragment.samples.video.map(({ pts }) => pts),
    );
    deepStrictEqual(
      moved.audio.map(({ pts }) => pts - audio!.timescale),
      fragment.samples.audio.map(({ pts }) => pts),
    );
  }
});
