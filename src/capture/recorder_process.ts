/**
 * One recorder process: starts ffmpeg, reads its stream, notices when it
 * stalls, and tells how it ended.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { BoundedQueue } from "../base/queue.ts";
import { COLLECTED, CountedMemory, type SharedMemory } from "../base/shared_memory.ts";
import { Silence } from "../base/silence.ts";
import type { MonotonicMs, UnixMs } from "../base/units.ts";
import { ChunkReader } from "../host/chunks.ts";
import { type Child, startChild } from "../host/process.ts";
import { explainRecorderEnd, type RecorderFault } from "../media/ffmpeg_faults.ts";
import { type Fragment, FragmentStream, type StreamStart } from "../media/fragment_stream.ts";
import { PictureWatch } from "../media/picture_watch.ts";
import { recorderArgs, SOURCE_TIMEOUT_MS, type TrackHandling } from "../media/recorder_args.ts";
import type { CameraSource } from "../model/camera.ts";

/**
 * Bytes that may wait for the disk. A disk that hangs for a minute costs a
 * 4 Mbit/s camera 30 MB; beyond that the pipe fills and ffmpeg waits.
 */
const MAX_QUEUED_BYTES = 48 * 1024 * 1024;

/**
 * A recording stream brings a fragment every few hundred milliseconds. Silence
 * of this length is a stall, in milliseconds. Longer than ffmpeg's own patience:
 * where it gives up by itself, it first hands out what it holds.
 */
const STALL_MS = SOURCE_TIMEOUT_MS + 1_000;

/** Before the first fragment there is connecting, probing and the wait for a key frame. */
const START_STALL_MS = 30_000;

/**
 * A camera that keeps its RTSP connection and says nothing ends ffmpeg only after twice its patience:
 * after the first it hands out a frame that it held, and waits again. A little earlier than that
 * patience, in milliseconds, because what came last before it was itself late.
 */
const LAST_WORDS_AFTER_MS = SOURCE_TIMEOUT_MS - 500;

/** How often silence is looked for, in milliseconds. */
const WATCH_MS = 1_000;

/** How long ffmpeg may take to end after it was asked, in milliseconds. */
const STOP_GRACE_MS = 3_000;

/**
 * How long one that stalls may take to hand out what it holds: a camera that
 * says nothing will not answer the farewell either, in milliseconds.
 */
const STALL_GRACE_MS = 1_000;

/** A part of the stream with the time of its arrival. */
export interface Arrived {
  readonly event: StreamStart | Fragment;
  readonly wallMs: UnixMs;
  readonly monotonicMs: MonotonicMs;
  /** Of a fragment's bytes: for who takes this to release. */
  readonly memory: SharedMemory;
}

export interface RecorderProcessOptions {
  readonly ffmpegPath: string;
  readonly source: CameraSource;
  readonly handling: TrackHandling;
  readonly fragmentMs: number;
  readonly clock: Clock;
}

export class RecorderProcess {
  readonly #child: Child;
  readonly #clock: Clock;
  readonly #queue = new BoundedQueue<Arrived>({ maxWeight: MAX_QUEUED_BYTES });
  readonly #watching = new AbortController();
  readonly #isFile: boolean;
  readonly #silence: Silence;
  #hasStarted = false;
  #fault: RecorderFault | undefined;
  /** Resolves with the reason when the stream has ended; undefined for a clean end. */
  readonly ended: Promise<RecorderFault | undefined>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor(options: RecorderProcessOptions) {
    this.#clock = options.clock;
    this.#isFile = options.source.kind === "file";
    this.#silence = new Silence(options.clock.monotonic(), {
      everyMs: WATCH_MS,
      ...(options.source.kind === "rtsp" ? { lastWordsAfterMs: LAST_WORDS_AFTER_MS } : {}),
    });
    this.#child = startChild({
      command: options.ffmpegPath,
      args: recorderArgs(options.source, options),
    });
    this.ended = this.#run();
  }

  /** What has arrived, oldest first; ends with the stream. */
  get arrivals(): AsyncIterable<Arrived> {
    return this.#queue;
  }

  get queuedBytes(): number {
    return this.#queue.counters.weight;
  }

  /** Lets the stream end in good order: what ffmpeg still holds arrives. */
  async stop(): Promise<void> {
    await this.#child.stop(STOP_GRACE_MS);
  }

  /** Ends the process at once, for a reason of the reader's. */
  abandon(fault: RecorderFault): void {
    this.#fault ??= fault;
    this.#child.kill();
    // The reader takes no more: nobody may wait for room in the queue.
    this.#queue.close();
  }

  async #run(): Promise<RecorderFault | undefined> {
    const watched = this.#watch();
    try {
      await this.#read();
    } catch (error) {
      this.#fault ??= { cause: "stream-broken", detail: messageOf(error) };
      this.#child.kill();
    }
    const { code } = await this.#child.ended;
    this.#watching.abort();
    await watched;
    this.#queue.close();
    if (this.#fault !== undefined) return this.#fault;
    // A camera whose connection breaks also ends ffmpeg with code 0; only a file just ends.
    if (code === 0 && this.#isFile) return undefined;
    const fault = explainRecorderEnd(this.#child.errorTail(), code);
    // ffmpeg waits for the next bytes as long as for the first ones, and then says the same.
    const isStall = this.#hasStarted && /timed out/i.test(fault.detail);
    return isStall ? { ...fault, cause: "camera-stalled" } : fault;
  }

  async #read(): Promise<void> {
    const stream = new FragmentStream();
    let watch: PictureWatch | undefined;
    for await (const chunk of new ChunkReader(this.#child.stdout)) {
      const wallMs = this.#clock.now();
      const monotonicMs = this.#clock.monotonic();
      this.#silence.hear(monotonicMs);
      for (const event of stream.push(chunk)) {
        this.#hasStarted = true;
        // A file that changes would only begin again from its start.
        if (event.type === "init" && !this.#isFile) watch = new PictureWatch(event.init.video);
        const change = event.type === "fragment" ? watch?.look(event) : undefined;
        if (change !== undefined) {
          this.#fault ??= { cause: "stream-broken", detail: change };
          this.#child.kill();
          return;
        }
        const sizeBytes = event.type === "fragment" ? event.bytes.length : event.moov.length;
        const memory = event.type === "fragment" ? new CountedMemory(event.bytes) : COLLECTED;
        await this.#queue.put({ event, wallMs, monotonicMs, memory }, sizeBytes);
      }
    }
  }

  async #watch(): Promise<void> {
    while (!this.#watching.signal.aborted) {
      await this.#clock.sleep(WATCH_MS, this.#watching.signal);
      const nowMs = this.#clock.monotonic();
      // A full queue is the disk's stall, not the camera's.
      if (this.#queue.counters.weight > MAX_QUEUED_BYTES / 2) this.#silence.hear(nowMs);
      const silentMs = this.#silence.look(nowMs);
      if (silentMs < (this.#hasStarted ? STALL_MS : START_STALL_MS)) continue;
      this.#fault ??= {
        cause: "camera-stalled",
        detail: `no data for ${Math.round(silentMs / 1_000)} s`,
      };
      await this.#child.stop(STALL_GRACE_MS);
      return;
    }
  }
}
