/**
 * Sixty-four cameras that record into one writer: the product's recorders, outboxes and
 * writer Worker, fed in real time with a clip's fragments. No ffmpeg, and all cameras
 * in this one thread.
 *
 * In:   a storage root, the clip's stream, how slow the disk is made. Out: how long
 *       each fragment took until it was in its file, and how many entries waited.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { COLLECTED } from "../base/shared_memory.ts";
import { unixMs } from "../base/units.ts";
import { LedgerOutbox } from "../capture/ledger_outbox.ts";
import { OpenHours } from "../capture/open_hours.ts";
import { FragmentTap } from "../capture/fragment_tap.ts";
import { RoomGate } from "../capture/room.ts";
import { RunRecorder } from "../capture/run_recorder.ts";
import { WallClock } from "../capture/wall_clock.ts";
import { identifyRoot } from "../host/root_identity.ts";
import { nothingOpen } from "../model/open_hours.ts";
import { ARCHIVE_CLIP_SECONDS, laterFragment, type RecordedStream } from "./archive_clip.ts";
import type { WriterLine } from "./writer_line.ts";

/** Length of a batch, the default. */
const BATCH_MS = 10_000;

/** What a crowd showed. */
export interface CrowdFigures {
  /** Of each fragment that came after the camera's first ones, in milliseconds. */
  readonly takeMs: number[];
  /** Entries of all cameras that were not committed, at each fragment. */
  readonly waiting: number[];
  /** Entries that found no room in their outbox. */
  refused: number;
}

/** Records with all cameras at once; each begins a little later than the one before. */
export async function recordCrowd(
  crowd: {
    readonly root: string;
    readonly stream: RecordedStream;
    readonly line: WriterLine;
    readonly cameras: number;
    readonly forMs: number;
  },
): Promise<CrowdFigures> {
  const { cameras, line, forMs } = crowd;
  const identity = await identifyRoot(crowd.root);
  const figures: CrowdFigures = { takeMs: [], waiting: [], refused: 0 };
  const outboxes: LedgerOutbox[] = [];
  const pending = () => outboxes.reduce((sum, outbox) => sum + outbox.pending, 0);
  const ready = Array.from({ length: cameras }, (_, index) => {
    const cameraId = `camera${index + 1}`;
    const outbox = new LedgerOutbox(line.connect(cameraId));
    outboxes.push(outbox);
    return { cameraId, outbox, recorder: recorderOf({ ...crowd, cameraId, identity, outbox }) };
  });
  await Promise.all(ready.map(async ({ recorder }, index) => {
    const startedAt = systemClock.monotonic() + index * BATCH_MS / cameras;
    await play(recorder, { ...crowd, startedAt, forMs }, (tookMs, streamMs) => {
      // Until its first batch is closed a camera makes folders, which it does once an hour.
      if (streamMs < BATCH_MS) return;
      figures.takeMs.push(tookMs);
      figures.waiting.push(pending());
    });
    await recorder.finish({ atMs: systemClock.now(), cause: "stopped" });
  }));
  await Promise.all(outboxes.map((outbox) => outbox.drained()));
  figures.refused = outboxes.reduce((sum, { refused }) => sum + refused, 0);
  for (const outbox of outboxes) outbox.close();
  return figures;
}

function recorderOf(
  { root, stream, cameraId, identity, outbox }: {
    readonly root: string;
    readonly stream: RecordedStream;
    readonly cameraId: string;
    readonly identity: string;
    readonly outbox: LedgerOutbox;
  },
): RunRecorder {
  const source = { kind: "test", width: 1920, height: 1080, fps: 25 } as const;
  const nowMs = systemClock.now();
  const frameIds = { next: 1 };
  const newest = () => ({ newestFrameId: frameIds.next - 1, newestRun: nowMs });
  const camera = { id: cameraId, name: cameraId, source, geoLocation: null };
  const place = { geoLocation: null, atMs: nowMs };
  outbox.send({ type: "camera", cameraId, name: cameraId, source: "test", ...place });
  return new RunRecorder({
    ...{ root, rootIdentity: identity, camera, frameIds, start: stream.start, run: nowMs },
    ...{ batchDurationMs: BATCH_MS, stillsEveryMs: 1_000, stills: undefined },
    wallClock: new WallClock(),
    send: (entry) => outbox.send(entry),
    counters: { frames: 0, batches: 0, bytes: 0, streamMs: 0, skippedFragments: 0 },
    hours: new OpenHours({
      root,
      state: nothingOpen(cameraId, newest()),
      newest,
      isAllCommitted: () => outbox.pending === 0,
    }),
    takeStillsBytes: () => 0,
    room: { clock: systemClock, gate: new RoomGate(), ask: () => {} },
    tap: new FragmentTap(() => {}),
  });
}

/** Hands fragments over when their last frame has been filmed, again and again from the start. */
async function play(
  recorder: RunRecorder,
  at: { readonly stream: RecordedStream; readonly startedAt: number; readonly forMs: number },
  onTaken: (tookMs: number, streamMs: number) => void,
): Promise<void> {
  const { start: { init: { video: { timescale } } }, fragments } = at.stream;
  const never = new AbortController().signal;
  for (let round = 0;; round += 1) {
    const laterTicks = round * ARCHIVE_CLIP_SECONDS * timescale;
    for (const fragment of fragments) {
      const last = fragment.samples.video.at(-1)!;
      const streamMs = (last.pts + last.duration + laterTicks) * 1_000 / timescale;
      if (streamMs > at.forMs) return;
      const dueMs = at.startedAt + streamMs - systemClock.monotonic();
      if (dueMs > 0) await systemClock.sleep(dueMs, never);
      const takenAt = systemClock.monotonic();
      await recorder.take(laterFragment(fragment, laterTicks), {
        wallMs: unixMs(systemClock.now()),
        monotonicMs: takenAt,
        // The clip is recorded by all.
        memory: COLLECTED,
      });
      onTaken(systemClock.monotonic() - takenAt, streamMs);
    }
  }
}
