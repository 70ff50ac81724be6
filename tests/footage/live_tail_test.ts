/**
 * Following a recording file while it is written: real fragments, a real file.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { BatchFile } from "../../src/capture/batch_file.ts";
import { type LiveFragment, LiveTail } from "../../src/footage/live_tail.ts";
import type { Fragment } from "../../src/media/fragment_stream.ts";
import { formatOpenHours, openHoursPath } from "../../src/model/open_hours.ts";
import { recordingPath } from "../../src/model/paths.ts";
import { makeClip } from "../support/clips.ts";
import { at } from "../support/ledger_entries.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A camera that records by hand: 4 s, a key frame each second, five fragments each. */
async function camera() {
  const folder = await tempFolder();
  const root = folder.path;
  const clip = { seconds: 4, size: "128x72", bframes: 2, gop: 25 };
  const { start, fragments } = readStream(
    await recordFile(await makeClip(join(root, "clip.mp4"), clip)),
  );
  const open = async (startingFrameId: number): Promise<BatchFile> => {
    const path = recordingPath("front", at(startingFrameId));
    await noteOpen(root, dirname(path));
    return await BatchFile.create({ root, path }, {
      initSegment: [start.ftyp, start.moov],
      label: {
        ...{ cameraId: "front", run: at(0), startingFrameId, originMs: at(0) },
        ...{ geoLocation: null, stillsEveryMs: null },
      },
    });
  };
  const [first, ...rest] = fragments;
  // The first fragment is shorter or longer by what the encoder holds back: seconds begin at keys.
  const keys = [first!, ...rest].flatMap(({ samples }, index) =>
    samples.video[0]?.isKey ? [index] : []
  );
  const seconds = keys.map((from, number) => fragments.slice(from, keys[number + 1]));
  return { root, open, seconds, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function noteOpen(root: string, folder: string): Promise<void> {
  const path = join(root, openHoursPath("front"));
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(
    path,
    formatOpenHours({
      cameraId: "front",
      newestFrameId: 0,
      newestRun: 0,
      folders: [folder],
      logs: [],
    }),
  );
}

async function append(file: BatchFile, fragments: readonly Fragment[]): Promise<void> {
  for (const { bytes } of fragments) await file.append(bytes);
}

/** Presentation times of the pictures of fragments, sorted. */
function times(fragments: readonly (Fragment | LiveFragment)[]): number[] {
  return fragments.flatMap(({ samples }) => samples.video.map(({ pts }) => pts))
    .sort((one, other) => one - other);
}

Deno.test("LiveTail joins at the newest key frame, once the file grows", async () => {
  await using front = await camera();
  using tail = new LiveTail({ root: front.root, cameraId: "front" });
  deepStrictEqual(await tail.read(), []);
  const file = await front.open(1);
  const [one, two] = front.seconds as [Fragment[], Fragment[]];
  await append(file, [...one, two[0]!]);
  deepStrictEqual(await tail.read(), [], "it may be what a crash left");
  await append(file, two.slice(1, 3));
  const found = await tail.read();
  deepStrictEqual(times(found), times(two.slice(0, 3)));
  deepStrictEqual(found.map(({ goesOn }) => goesOn), [false, true, true]);
  deepStrictEqual(await tail.read(), []);
  await append(file, two.slice(3));
  const [next] = await tail.read();
  strictEqual(next!.goesOn, true);
  await file.finish();
});

Deno.test("LiveTail goes on with the next file without a break, and knows the frames' ids", async () => {
  await using front = await camera();
  using tail = new LiveTail({ root: front.root, cameraId: "front" });
  const [one, two, three] = front.seconds as [Fragment[], Fragment[], Fragment[]];
  const file = await front.open(1);
  await append(file, one.slice(0, 1));
  await tail.read();
  await append(file, one.slice(1));
  const before = await tail.read();
  const ids = before.flatMap(({ recording, samples }) =>
    samples.video.map(({ pts }) => recording.frameId(pts))
  );
  deepStrictEqual(ids.toSorted((a, b) => a - b), Array.from(ids, (_, index) => index + 1));
  const startingFrameId = ids.length + 1;
  const second = await front.open(startingFrameId);
  await append(second, two.slice(0, 2));
  await file.finish();
  const found = await tail.read();
  deepStrictEqual(times(found), times(two.slice(0, 2)));
  strictEqual(found[0]!.goesOn, true);
  strictEqual(found[0]!.recording.frameId(times(two)[0]!), startingFrameId);
  await second.finish();
  deepStrictEqual(await tail.read(), [], "nothing is recorded now");
  const third = await front.open(startingFrameId + 25);
  await append(third, three);
  deepStrictEqual(times(await tail.read()), times(three));
  await third.finish();
});

Deno.test("LiveTail passes over what it was too slow for, up to the newest key frame", async () => {
  await using front = await camera();
  using tail = new LiveTail({ root: front.root, cameraId: "front" });
  const [one, two, three] = front.seconds as [Fragment[], Fragment[], Fragment[]];
  const file = await front.open(1);
  await append(file, one.slice(0, 1));
  await tail.read();
  await append(file, [...one.slice(1), ...two, ...three.slice(0, 2)]);
  const found = await tail.read();
  deepStrictEqual(times(found), times(three.slice(0, 2)));
  strictEqual(found[0]!.goesOn, false);
  await append(file, three.slice(2));
  await tail.read();
  await append(file, front.seconds[3]!);
  await tail.read();
  strictEqual(tail.skippedFrames, 0, "what was before joining does not count");
  await file.finish();
});

Deno.test("LiveTail takes no fragment of which a part is missing", async () => {
  await using front = await camera();
  using tail = new LiveTail({ root: front.root, cameraId: "front" });
  const file = await front.open(1);
  const [one] = front.seconds as [Fragment[]];
  await append(file, one.slice(0, 2));
  await tail.read();
  const path = join(front.root, file.path);
  const { bytes } = one[2]!;
  await Deno.writeFile(path, bytes.slice(0, bytes.length - 1), { append: true });
  deepStrictEqual(await tail.read(), []);
  await Deno.writeFile(path, bytes.slice(-1), { append: true });
  deepStrictEqual(times(await tail.read()), times(one.slice(0, 3)));
  await file.finish();
});
