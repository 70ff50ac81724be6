/**
 * A run as the recorder records it: the real stream of a clip through the product's
 * RunRecorder into real files, on a clock that stands beside the stream.
 *
 * In:   a storage root, and what the clip shall be.
 * Out:  the files below the root, and the entries that were sent to the writer.
 * Not here: the database; a test commits what it likes of the entries.
 *
 * @module
 */

import { CountedMemory } from "../../src/base/shared_memory.ts";
import { monotonicMs, type UnixMs, unixMs } from "../../src/base/units.ts";
import { FragmentTap } from "../../src/capture/fragment_tap.ts";
import { OpenHours } from "../../src/capture/open_hours.ts";
import { RoomGate } from "../../src/capture/room.ts";
import { RunRecorder } from "../../src/capture/run_recorder.ts";
import { noStills, StillMaker } from "../../src/capture/still_maker.ts";
import { WallClock } from "../../src/capture/wall_clock.ts";
import { identifyRoot } from "../../src/host/root_identity.ts";
import type { Fragment } from "../../src/media/fragment_stream.ts";
import type { GeoLocation } from "../../src/model/camera.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { nothingOpen } from "../../src/model/open_hours.ts";
import { type ClipOptions, makeClip } from "./clips.ts";
import { FakeClock } from "./fake_clock.ts";
import { at } from "./ledger_entries.ts";
import { notedLog } from "./ledger_world.ts";
import { readStream, recordFile } from "./recorder_stream.ts";
import { tempFolder } from "./temp_folder.ts";

/** Six seconds with B-frames, a key frame each second. */
export const RUN_CLIP: ClipOptions = { seconds: 6, size: "128x72", gop: 25, bframes: 2 };

export interface RecordedRunOptions {
  readonly clip?: ClipOptions;
  readonly cameraId?: string;
  readonly batchDurationMs?: number;
  /** Wall time of the arrival of stream time 0. */
  readonly startMs?: UnixMs;
  readonly startingFrameId?: number;
  readonly geoLocation?: GeoLocation | null;
  /** Null makes no stills. */
  readonly stillsEveryMs?: number | null;
  /** Whether something is seen in a frame of each fragment, and told some fragments later. */
  readonly isSeen?: boolean;
  /** How many fragments later it is told; with 0 while the fragment itself waits for the disk. */
  readonly seenLate?: number;
}

/** Streams of clips that were read once: encoding takes longer than all the rest. */
const streams = new Map<string, Promise<ReturnType<typeof readStream>>>();

function streamOf(clip: ClipOptions): Promise<ReturnType<typeof readStream>> {
  const key = JSON.stringify(clip);
  const known = streams.get(key);
  if (known !== undefined) return known;
  const stream = (async () => {
    await using folder = await tempFolder();
    return readStream(await recordFile(await makeClip(`${folder.path}/clip.mp4`, clip)));
  })();
  streams.set(key, stream);
  return stream;
}

/** Records a whole run and ends it in good order. */
export async function recordRun(
  root: string,
  options: RecordedRunOptions = {},
): Promise<readonly LedgerEntry[]> {
  const { clip = RUN_CLIP, cameraId = "front", batchDurationMs = 2_000 } = options;
  const { startMs = at(0), startingFrameId = 1, geoLocation = null } = options;
  const { stillsEveryMs = null, isSeen = false, seenLate = SEEN_LATE } = options;
  const { start, fragments } = await streamOf(clip);
  const rootIdentity = await identifyRoot(root);
  const entries: LedgerEntry[] = [];
  const frameIds = { next: startingFrameId };
  const clock = new FakeClock(new Date(startMs).toISOString());
  const newest = () => ({ newestFrameId: frameIds.next - 1, newestRun: startMs });
  const stillCounters = noStills();
  const { ftyp, moov, init: { video: track } } = start;
  const stills = stillsEveryMs === null ? undefined : new StillMaker({
    mayWrite: () => true,
    ...{ root, rootIdentity, cameraId, quality: 85, ffmpegPath: "ffmpeg", ftyp, moov, track },
    ...{ clock, log: notedLog().log, counters: stillCounters },
  });
  const recorder = new RunRecorder({
    root,
    rootIdentity,
    camera: { id: cameraId, name: cameraId, source: TEST_SOURCE, geoLocation },
    batchDurationMs,
    stillsEveryMs: stillsEveryMs ?? 1_000,
    start,
    wallClock: new WallClock(),
    run: startMs,
    frameIds,
    send: (entry) => entries.push(entry),
    stills,
    counters: { frames: 0, batches: 0, bytes: 0, streamMs: 0, skippedFragments: 0 },
    hours: new OpenHours({
      root,
      state: nothingOpen(cameraId, newest()),
      newest,
      isAllCommitted: () => true,
    }),
    takeStillsBytes: () => 0,
    room: { clock, gate: new RoomGate(), ask: () => {} },
    tap: new FragmentTap(() => {}),
  });
  const allGiven: Fragment[] = [];
  for (const [index, fragment] of fragments.entries()) {
    const ends = fragment.samples.video.map(({ pts, duration }) => pts + duration);
    const streamMs = Math.max(0, ...ends) * 1_000 / track.timescale;
    // Arrivals are late by something else each time, as on a network.
    const lateMs = Math.round(streamMs) % 7;
    const wallMs = unixMs(Math.round(startMs + streamMs) + lateMs);
    // A copy, as a process gives it: the stream is kept for other runs.
    const given = { ...fragment, bytes: fragment.bytes.slice() };
    const memory = new CountedMemory(given.bytes);
    const arrival = { wallMs, monotonicMs: monotonicMs(streamMs + lateMs), memory };
    const taken = recorder.take(given, arrival);
    if (seenLate > 0) await taken;
    const lookedAt = isSeen ? fragments[index - seenLate]?.samples.video[0] : undefined;
    if (lookedAt !== undefined) {
      recorder.note({ type: "saw", run: startMs, pts: lookedAt.pts, detections: [DETECTION] });
    }
    await taken;
    memory.release();
    allGiven.push(given);
  }
  await recorder.finish({ atMs: unixMs(startMs + 60_000), cause: "stopped" });
  const held = allGiven.filter(({ bytes }) => bytes.length > 0).length;
  if (held > 0) throw new Error(`${held} of ${allGiven.length} fragments are held for ever`);
  return entries;
}

/** Fragments that pass until it is known what was seen in one. */
const SEEN_LATE = 3;

const DETECTION = {
  class: "person",
  score: 0.875,
  box: { x: 0.25, y: 0.5, width: 0.125, height: 0.25 },
};

const TEST_SOURCE = { kind: "test", width: 128, height: 72, fps: 25 } as const;
