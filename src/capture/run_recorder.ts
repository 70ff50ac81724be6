/**
 * Records one run: takes the fragments of one recorder process in order and
 * makes recording files, JSON lines and batch entries out of them.
 *
 * In:  fragments with their arrival times. Out: files under the root; entries to
 * the writer, each after its files are durable.
 * Not here: processes and retries (camera_session.ts), pictures (still_maker.ts).
 *
 * Design: docs/design/capture.md
 *
 * @module
 */

import { dirname } from "node:path";
import type { SharedMemory } from "../base/shared_memory.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { requireRoot } from "../host/root_identity.ts";
import { FrameHoles } from "../media/frame_holes.ts";
import { type Fragment, sampleBytes, type StreamStart } from "../media/fragment_stream.ts";
import type { Sample } from "../media/fragment.ts";
import { PresentationOrder } from "../media/presentation_order.ts";
import type { Camera } from "../model/camera.ts";
import { type Frame, frameLineWriter } from "../model/frame.ts";
import type { GapCause, LedgerEntry } from "../model/ledger.ts";
import { recordingPath, slotOf, stillPath } from "../model/paths.ts";
import { writeSightLine } from "../model/sight_line.ts";
import { BatchFile } from "./batch_file.ts";
import { OpenBatch } from "./open_batch.ts";
import type { FragmentTap, Saw } from "./fragment_tap.ts";
import { RecentFrames } from "./recent_frames.ts";
import { type Room, withRoom } from "./room.ts";
import type { OpenHours } from "./open_hours.ts";
import type { Arrived } from "./recorder_process.ts";
import type { RunCounters } from "./run_counters.ts";
import type { StillFrame, StillMaker } from "./still_maker.ts";
import type { ArrivalVerdict, WallClock } from "./wall_clock.ts";

/** How fast the origin may be steered: parts of time. A clock off by 100 ppm is caught up with. */
const STEERING_RATE = 0.0005;

/** What was seen and may wait: some seconds of it. */
const MOST_SEEN = 500;

/** Batches that may be closing at once; a disk that syncs slower than this holds recording up. */
const MAX_CLOSING = 8;

export interface RunRecorderOptions {
  readonly root: string;
  readonly camera: Camera;
  readonly batchDurationMs: number;
  readonly stillsEveryMs: number;
  readonly start: StreamStart;
  readonly wallClock: WallClock;
  /** Wall time at which the run began; names it. */
  readonly run: UnixMs;
  readonly frameIds: FrameIds;
  readonly send: (entry: LedgerEntry) => void;
  /** Undefined when stills are off. */
  readonly stills: StillMaker | undefined;
  readonly counters: RunCounters;
  readonly hours: OpenHours;
  /** Bytes of stills written since it was last called. */
  readonly takeStillsBytes: () => number;
  /** The id of the storage root: nothing is made on another disk in its place. */
  readonly rootIdentity: string;
  readonly room: Room;
  readonly tap: FragmentTap;
}

/** Counts a camera's frames over all its runs. */
export interface FrameIds {
  /** The id of the next frame. */
  next: number;
}

/** A sample between the stream and the log. */
interface Draft extends Sample {
  readonly bytes: Uint8Array;
  /** Held while this is a draft. */
  readonly memory: SharedMemory;
  /** How long nothing came after it, in ticks. */
  readonly holeTicks: number;
}

/** A frame in decode order on its way to presentation order. */
interface Placed extends Draft {
  readonly atMs: UnixMs;
  readonly still: StillFrame;
}

export class RunRecorder {
  readonly #options: RunRecorderOptions;
  readonly #timescale: number;
  readonly #toLine: (frame: Frame) => string;
  readonly #order = new PresentationOrder<Placed>();
  #batch: OpenBatch | undefined;
  /** Samples in decode order that wait until the wall clock is settled. */
  #drafts: Draft[] = [];
  /** What was seen, and waits for the next lines of frames. */
  #seen: Saw[] = [];
  readonly #recent = new RecentFrames();
  #gop = { number: 0, length: 0, keyPts: 0 };
  /** Closings under way, the last of which resolves after all others. */
  #closing: Promise<void> = Promise.resolve();
  #closingCount = 0;
  #closingFault: { readonly error: unknown } | undefined;
  /** Of the open batch. */
  #holes: FrameHoles;
  /** Of the run. */
  readonly #runHoles: FrameHoles;
  /** Length of the newest frame, in ticks. */
  #frameTicks = 0;
  /** Presentation time of the newest frame in presentation order. */
  #newestPts: number | undefined;

  constructor(options: RunRecorderOptions) {
    this.#options = options;
    const { camera, run, start } = options;
    const { timescale, codec, width, height } = start.init.video;
    this.#timescale = timescale;
    this.#holes = new FrameHoles(timescale);
    this.#runHoles = new FrameHoles(timescale);
    this.#toLine = frameLineWriter({
      cameraId: camera.id,
      geoLocation: camera.geoLocation,
      run,
      timescale,
    });
    options.send({
      type: "run-start",
      cameraId: camera.id,
      run,
      codec,
      width,
      height,
      timescale,
    });
  }

  /**
   * Records one fragment. Its memory is held where it is needed for longer.
   *
   * @returns What its arrival says of the clocks. A fragment whose stream time
   * jumped is not recorded.
   *
   * @throws What the disk threw, for this fragment or for a batch that was closing.
   */
  async take(
    fragment: Fragment,
    arrival: Omit<Arrived, "event">,
  ): Promise<ArrivalVerdict> {
    this.#throwClosingFault();
    const { video } = fragment.samples;
    const [first] = video;
    let verdict: ArrivalVerdict = { type: "normal" };
    if (first !== undefined) {
      verdict = this.#options.wallClock.observe({
        ...arrival,
        streamEndMs: this.#endOf(video),
        filledMs: this.#ms(this.#runHoles.filled(video)),
      });
      if (verdict.type === "stream-jump") return verdict;
    }
    // Before anything waits for the disk: whoever watches sees it as soon as it is here.
    const { memory } = arrival;
    this.#options.tap.take(fragment, this.#options.wallClock.originMs, memory);
    if (first?.isKey && this.#isCutDue(first)) {
      await this.#closeBatch();
      this.#throwClosingFault();
    }
    if (this.#batch === undefined) {
      if (first === undefined || !first.isKey) {
        this.#options.counters.skippedFragments += 1;
        return verdict;
      }
      this.#batch = await this.#openBatch(first);
      this.#holes = new FrameHoles(this.#timescale);
    }
    const batch = this.#batch;
    await withRoom(this.#options.room, () => batch.append(fragment.bytes, memory));
    this.#options.counters.bytes += fragment.bytes.length;
    for (const sample of video) {
      const { duration, holeTicks } = this.#holes.take(sample.duration);
      this.#frameTicks = duration;
      const bytes = sampleBytes(fragment, sample);
      memory.hold();
      this.#drafts.push({ ...sample, duration, holeTicks, bytes, memory });
    }
    if (this.#options.wallClock.isSettled) await this.#writeDrafts();
    return verdict;
  }

  /** Writes down what was seen in one of the newest frames, with the lines of the open batch. */
  note(saw: Saw): void {
    if (saw.run !== this.#options.run) return;
    // Only the loop that takes fragments touches a batch: this comes at any moment, and
    // before the frame is known where that waits for the disk.
    if (this.#seen.length === MOST_SEEN) this.#seen.shift();
    this.#seen.push(saw);
  }

  /** Closes the open batch and the run; everything is durable and sent when it resolves. */
  async finish(end: { readonly atMs: UnixMs; readonly cause: GapCause }): Promise<void> {
    const { camera, run, send, stills } = this.#options;
    try {
      if (this.#batch !== undefined) await this.#closeBatch();
      await this.#closing;
      this.#throwClosingFault();
    } finally {
      send({ type: "run-end", cameraId: camera.id, run, ...end });
      await stills?.close();
    }
  }

  #ms(ticks: number): number {
    return ticks * 1_000 / this.#timescale;
  }

  /** Wall time of a presentation time. */
  #wallMs(pts: number): UnixMs {
    return unixMs(this.#options.wallClock.originMs + Math.round(this.#ms(pts)));
  }

  #endOf(video: readonly Sample[]): number {
    return this.#ms(Math.max(...video.map(({ pts, duration }) => pts + duration)));
  }

  #isCutDue(key: Sample): boolean {
    // A batch has one origin, so it stays open until the origin is known.
    if (this.#batch === undefined || !this.#options.wallClock.isSettled) return false;
    // Cameras' time stamps jitter: half a frame early is on time.
    const openMs = this.#ms(key.pts - this.#batch.firstKeyPts + key.duration / 2);
    return openMs >= this.#options.batchDurationMs;
  }

  async #openBatch(key: Sample): Promise<OpenBatch> {
    const { root, camera, run, start, frameIds, wallClock, hours } = this.#options;
    const label = {
      cameraId: camera.id,
      run,
      startingFrameId: frameIds.next,
      originMs: wallClock.originMs,
      geoLocation: camera.geoLocation,
      stillsEveryMs: this.#options.stills === undefined ? null : this.#options.stillsEveryMs,
    };
    const path = recordingPath(camera.id, this.#wallMs(key.pts));
    const initSegment = [start.ftyp, start.moov];
    const file = await withRoom(this.#options.room, async () => {
      await requireRoot(root, this.#options.rootIdentity);
      await hours.note("folders", dirname(path));
      return await BatchFile.create({ root, path }, { initSegment, label });
    });
    return new OpenBatch({ root, file, label, firstKeyPts: key.pts, hours });
  }

  /** Writes the rest of the batch's lines, then lets it become durable while recording goes on. */
  async #closeBatch(): Promise<void> {
    const batch = this.#batch!;
    const { wallClock, batchDurationMs } = this.#options;
    wallClock.settle();
    try {
      await this.#writeDrafts();
    } catch (error) {
      // The batch is finished all the same, which closes its files.
      this.#closingFault ??= { error };
    }
    for (const placed of this.#order.flush()) this.#addFrame(batch, placed);
    try {
      // Before the next batch begins its own lines behind them, in the same log.
      await withRoom(this.#options.room, () => batch.writeLines());
    } catch (error) {
      this.#closingFault ??= { error };
    }
    this.#batch = undefined;
    await this.#finishLater(batch);
    // Never so far that the next frame would lie before the last one.
    const halfFrameMs = this.#ms(this.#frameTicks) / 2;
    wallClock.steer(Math.min(halfFrameMs, STEERING_RATE * batchDurationMs));
  }

  async #finishLater(batch: OpenBatch): Promise<void> {
    if (this.#closingCount >= MAX_CLOSING) await this.#closing;
    const { send, counters, takeStillsBytes } = this.#options;
    const before = this.#closing;
    const finished = batch.finish(this.#options.room);
    this.#closingCount += 1;
    this.#closing = (async () => {
      try {
        const entry = await finished;
        // Rows go to the writer in the order of the batches, whichever is durable first.
        await before;
        send({ ...entry, stillsBytes: takeStillsBytes() });
        counters.batches += 1;
      } catch (error) {
        this.#closingFault ??= { error };
      } finally {
        this.#closingCount -= 1;
      }
    })();
  }

  #throwClosingFault(): void {
    if (this.#closingFault !== undefined) throw this.#closingFault.error;
  }

  async #writeDrafts(): Promise<void> {
    const batch = this.#batch!;
    await batch.settle({
      originMs: this.#options.wallClock.originMs,
      startMs: this.#wallMs(batch.firstKeyPts),
    });
    const drafts = this.#drafts;
    this.#drafts = [];
    for (const draft of drafts) {
      const placed = this.#place(draft);
      this.#options.stills?.keep(placed.still);
      draft.memory.release();
      for (const shown of this.#order.push(placed)) this.#addFrame(batch, shown);
    }
    this.#noteSeen(batch);
    await withRoom(this.#options.room, () => batch.writeLines());
  }

  #noteSeen(batch: OpenBatch): void {
    const { camera: { id: cameraId } } = this.#options;
    this.#seen = this.#seen.filter(({ pts, detections }) => {
      const frame = this.#recent.at(pts);
      if (frame === undefined) return pts > (this.#newestPts ?? -Infinity);
      const { frameId, atMs } = frame;
      batch.note(writeSightLine({ cameraId, frameId, atMs, detections }));
      return false;
    });
  }

  #place(draft: Draft): Placed {
    if (draft.isKey) this.#gop = { number: this.#gop.number + 1, length: 0, keyPts: draft.pts };
    const atMs = this.#wallMs(draft.pts);
    const still: StillFrame = {
      slotMs: slotOf(atMs, this.#options.stillsEveryMs),
      isKey: draft.isKey,
      // Equal times too: ffmpeg's RTSP reader gives a stream's first frames some, and
      // its decoder then stops believing presentation times at all.
      isLeading: !draft.isKey && draft.pts <= this.#gop.keyPts,
      bytes: draft.bytes,
      memory: draft.memory,
      // Unrounded: two frames within a millisecond keep their order.
      atMs: this.#options.wallClock.originMs + this.#ms(draft.pts),
      decodeAtMs: this.#options.wallClock.originMs + this.#ms(draft.dts),
      gop: this.#gop.number,
      index: this.#gop.length,
    };
    this.#gop.length += 1;
    return { ...draft, atMs, still };
  }

  #addFrame(batch: OpenBatch, placed: Placed): void {
    const { camera, frameIds, counters, stills } = this.#options;
    stills?.show(placed.still);
    const frame: Frame = {
      frameId: frameIds.next,
      atMs: placed.atMs,
      imagePath: stills === undefined ? null : stillPath(camera.id, placed.still.slotMs),
      isKey: placed.isKey,
      sizeBytes: placed.sizeBytes,
      pts: placed.pts,
      duration: placed.duration,
    };
    frameIds.next += 1;
    counters.frames += 1;
    counters.streamMs += this.#ms(placed.pts - (this.#newestPts ?? placed.pts - placed.duration));
    this.#newestPts = placed.pts;
    this.#recent.add(frame);
    batch.add(frame, {
      text: this.#toLine(frame),
      endMs: this.#wallMs(placed.pts + placed.duration),
    });
    if (placed.holeTicks > 0) this.#noteHole(placed);
  }

  /** The camera sent nothing for a while, and then went on in the same stream. */
  #noteHole({ pts, duration, holeTicks }: Placed): void {
    const { camera, send } = this.#options;
    const atMs = this.#wallMs(pts + duration);
    const untilMs = this.#wallMs(pts + duration + holeTicks);
    const detail = `no frames for ${(this.#ms(holeTicks) / 1_000).toFixed(1)} s in one stream`;
    const what = { kind: "frames-lost", cause: "camera-stalled", detail } as const;
    send({ type: "event", cameraId: camera.id, atMs, untilMs, ...what });
  }
}
