/**
 * Makes the stills of one run: keeps the samples that a still may need, gives
 * the decoder just those, and writes the JPEGs where the frames' JSON says.
 *
 * In:  samples in decode order, then the same frames in presentation order.
 * Out: files under frames/. Recording never waits for any of it: a decoder that
 * lags or dies costs stills, which are counted.
 *
 * Design: docs/design/capture.md, "Stills"
 *
 * @module
 */

import { dirname, join } from "node:path";
import { joined } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { SharedMemory } from "../base/shared_memory.ts";
import type { Logger } from "../base/log.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { ensureFolder, removeIfThere } from "../host/durable.ts";
import { requireRoot } from "../host/root_identity.ts";
import type { Track } from "../media/init_segment.ts";
import { buildFragment, oneTrackInit } from "../media/fragment_writer.ts";
import { STILLS_TIMESCALE, stillsTick } from "../media/stills_args.ts";
import { stillPath } from "../model/paths.ts";
import { type PickableFrame, StillPicker } from "./still_picker.ts";
import { StillsDecoder } from "./stills_decoder.ts";

/** A frame on its way to becoming a still or not. */
export interface StillFrame extends PickableFrame {
  readonly bytes: Uint8Array;
  /** Of the bytes, which can only be read by who holds it. */
  readonly memory: SharedMemory;
  /** Presentation and decode time as wall time, in milliseconds. */
  readonly atMs: number;
  readonly decodeAtMs: number;
  /** Number of its group of pictures, and its place in it, in decode order. */
  readonly gop: number;
  readonly index: number;
}

export interface StillCounters {
  written: number;
  bytes: number;
  /** How many of the bytes a batch has taken over into its row. */
  takenBytes: number;
  /** Not made, because the decoder was behind, had ended, or its output could not be written. */
  lost: number;
  lastAtMs: UnixMs | null;
}

export function noStills(): StillCounters {
  return { written: 0, bytes: 0, takenBytes: 0, lost: 0, lastAtMs: null };
}

/** Bytes of stills written since this was last called, for the row of a batch. */
export function takeStillsBytes(counters: StillCounters): number {
  const bytes = counters.bytes - counters.takenBytes;
  counters.takenBytes = counters.bytes;
  return bytes;
}

/** Samples kept of groups of pictures that a still may still be taken from, in bytes. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Frames after which a decoder is replaced: ffmpeg's MP4 reader remembers some
 * 150 bytes of each for ever, so this is 30 MB. Two days of one a second.
 */
const MAX_FED_FRAMES = 200_000;

/** Pauses before a decoder that ended is started again, in milliseconds. */
const RESTART_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** Decode times may lie before the first frame's; the tick count starts this much earlier. */
const LEAD_MS = 60_000;

interface Gop {
  readonly number: number;
  /** In decode order; undefined where the decoder has had them. */
  readonly frames: (StillFrame | undefined)[];
  /** How many frames the decoder has had. */
  fedFrames: number;
  keptBytes: number;
}

export class StillMaker {
  readonly #options: StillMakerOptions;
  readonly #picker = new StillPicker<StillFrame>();
  #gops: Gop[] = [];
  #decoder: StillsDecoder | undefined;
  #anchorMs: number | undefined;
  /** Frames that the decoder has and whose stills have not come back, by tick. */
  readonly #expected = new Map<number, { readonly slotMs: UnixMs; readonly atMs: number }>();
  #sequence = 0;
  #lastDecodeTick = -1;
  /** Groups of pictures before this one can't be decoded any more: part of them was lost. */
  #firstWholeGop = 0;
  #fedFrames = 0;
  /** Decoders that have been replaced and finish what they have. */
  #retiring: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #restartAtMs = 0;

  constructor(options: StillMakerOptions) {
    this.#options = options;
  }

  /** Takes the next sample in decode order, and holds its memory for as long as it is kept. */
  keep(frame: StillFrame): void {
    let gop = this.#gops.at(-1);
    if (gop === undefined || gop.number !== frame.gop) {
      gop = { number: frame.gop, frames: [], fedFrames: 0, keptBytes: 0 };
      this.#gops.push(gop);
    }
    frame.memory.hold();
    gop.frames.push(frame);
    gop.keptBytes += frame.bytes.length;
    if (gop.keptBytes <= MAX_KEPT_BYTES) return;
    // The frame that may become a still has to be kept until that is decided.
    const { candidate } = this.#picker;
    const upTo = candidate?.gop === gop.number ? candidate.index : gop.frames.length;
    this.#feed(gop, { upTo, wanted: -1 });
  }

  /** Takes the next frame in presentation order; it was kept before. */
  show(frame: StillFrame): void {
    for (const chosen of this.#picker.next(frame)) this.#want(chosen);
    const needed = this.#picker.candidate?.gop ?? frame.gop;
    while (this.#gops.length > 0 && this.#gops[0]!.number < needed) letGo(this.#gops.shift()!);
  }

  /** Makes the last still and waits for those on their way. */
  async close(): Promise<void> {
    for (const chosen of this.#picker.flush()) this.#want(chosen);
    for (const gop of this.#gops.splice(0)) letGo(gop);
    await Promise.all([this.#retiring, this.#decoder?.close()]);
  }

  #want(frame: StillFrame): void {
    this.#decoder?.endIfHung();
    const gop = this.#gops.find(({ number }) => number === frame.gop);
    const isFed = gop !== undefined &&
      this.#feed(gop, { upTo: frame.index + 1, wanted: frame.index });
    if (!isFed) this.#lose(1, "the decoder is behind");
  }

  /** Counts stills that are not made; the first of a series is logged, the rest folded. */
  #lose(count: number, reason: string): void {
    if (count === 0) return;
    this.#options.counters.lost += count;
    this.#options.log.warning("Stills are missing, recording goes on: {reason}", { reason });
  }

  /** Gives the decoder a group's frames up to one of them. False if that can't be. */
  #feed(gop: Gop, range: { readonly upTo: number; readonly wanted: number }): boolean {
    const due = gop.frames.slice(gop.fedFrames, range.upTo) as StillFrame[];
    const isFed = this.#feedDue(gop, { due, wanted: range.wanted });
    for (const { memory } of due) memory.release();
    return isFed;
  }

  /** @param range.due The next frames of the group. What the decoder gets of them is a copy. */
  #feedDue(
    gop: Gop,
    { due, wanted: index }: { readonly due: readonly StillFrame[]; readonly wanted: number },
  ): boolean {
    const frames = due.filter((frame) => !frame.isLeading);
    const isFirst = gop.fedFrames === 0;
    // Let go of what the decoder gets: it is not needed a second time.
    gop.frames.fill(undefined, gop.fedFrames, gop.fedFrames + due.length);
    gop.fedFrames += due.length;
    gop.keptBytes -= due.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (frames.length === 0 || gop.number < this.#firstWholeGop) return false;
    const wanted = frames.find((frame) => frame.index === index);
    if (!this.#readyDecoder(isFirst) || !this.#offer(frames, wanted)) {
      this.#firstWholeGop = gop.number + 1;
      return false;
    }
    return true;
  }

  #offer(frames: readonly StillFrame[], wanted: StillFrame | undefined): boolean {
    const fragment = this.#fragment(frames, wanted);
    const tick = wanted === undefined ? undefined : this.#wantedTick(wanted);
    if (!this.#decoder!.offer(fragment, tick)) return false;
    this.#fedFrames += frames.length;
    if (wanted !== undefined) {
      const { slotMs, atMs } = wanted;
      this.#expected.set(tick!, { slotMs, atMs });
    }
    return true;
  }

  #wantedTick(frame: StillFrame): number {
    return stillsTick(frame.atMs - this.#anchorMs!, "wanted");
  }

  #fragment(frames: readonly StillFrame[], wanted: StillFrame | undefined): Uint8Array {
    const tick = (atMs: number, role: "wanted" | "helper") =>
      stillsTick(atMs - this.#anchorMs!, role);
    // Readers of MP4 lose their way where decode times stand still, as those of
    // a stream's first frames can within a millisecond.
    const decodeTicks = frames.map(({ decodeAtMs }) =>
      this.#lastDecodeTick = Math.max(tick(decodeAtMs, "helper"), this.#lastDecodeTick + 1)
    );
    const samples = frames.map((frame, index) => ({
      dts: decodeTicks[index]!,
      pts: frame === wanted ? this.#wantedTick(frame) : tick(frame.atMs, "helper"),
      // A reader adds these up to get each sample's time.
      duration: (decodeTicks[index + 1] ?? decodeTicks[index]! + 1) - decodeTicks[index]!,
      isKey: frame.isKey,
      bytes: frame.bytes,
    }));
    this.#sequence += 1;
    return buildFragment(samples, {
      trackId: this.#options.track.trackId,
      sequence: this.#sequence,
    });
  }

  /** Makes sure of a decoder. A new one can only begin with a group's first frame. */
  #readyDecoder(isGopStart: boolean): boolean {
    if (isGopStart && this.#fedFrames > MAX_FED_FRAMES) this.#retire();
    if (this.#decoder !== undefined && !this.#decoder.hasEnded) return true;
    const nowMs = this.#options.clock.monotonic();
    if (!isGopStart || nowMs < this.#restartAtMs) return false;
    const { ftyp, moov, track, ffmpegPath, quality, log } = this.#options;
    this.#anchorMs ??= this.#options.clock.now() - LEAD_MS;
    const init = oneTrackInit(moov.subarray(8), {
      trackId: track.trackId,
      timescale: STILLS_TIMESCALE,
    });
    const initSegment = joined([ftyp, init]);
    try {
      const decoder = new StillsDecoder({
        clock: this.#options.clock,
        ffmpegPath,
        quality,
        initSegment,
        onStill: (pts, jpeg) => this.#write(pts, jpeg),
      });
      this.#decoder = decoder;
      decoder.ended.then((reason) => this.#decoderEnded(decoder, reason));
      return true;
    } catch (error) {
      log.error("Cannot start the stills decoder: {reason}", { reason: messageOf(error) });
      this.#delayRestart();
      return false;
    }
  }

  /** Lets the decoder finish what it has; another one follows at once. */
  #retire(): void {
    this.#retiring = Promise.all([this.#retiring, this.#decoder?.close()]);
    this.#decoder = undefined;
    this.#fedFrames = 0;
  }

  #decoderEnded(decoder: StillsDecoder, reason: string): void {
    this.#lose(decoder.awaited, "the decoder ended");
    if (decoder.isClosing) return;
    // What it still owed never comes.
    this.#expected.clear();
    this.#delayRestart();
    this.#options.log.warning("The stills decoder ended, another follows: {reason}", { reason });
  }

  #delayRestart(): void {
    const pauseMs = RESTART_MS[Math.min(this.#failures, RESTART_MS.length - 1)]!;
    this.#failures += 1;
    this.#restartAtMs = this.#options.clock.monotonic() + pauseMs;
  }

  async #write(tick: number, jpeg: Uint8Array<ArrayBuffer>): Promise<void> {
    const { root, cameraId, counters, log } = this.#options;
    const expected = this.#expected.get(tick);
    this.#expected.delete(tick);
    if (expected === undefined) return;
    const { slotMs, atMs } = expected;
    const path = join(root, stillPath(cameraId, slotMs));
    try {
      if (!this.#options.mayWrite()) throw new Error("the disk is full, and room is being made");
      // Not synced: a still that a power cut takes can be made again from the recording.
      await this.#writeBeside(path, jpeg);
      await Deno.rename(`${path}.part`, path);
      counters.written += 1;
      counters.bytes += jpeg.length;
      counters.lastAtMs = unixMs(Math.round(atMs));
      this.#failures = 0;
    } catch (error) {
      counters.lost += 1;
      await removeIfThere(`${path}.part`).catch(() => {});
      log.error("Cannot write a still: {reason}", { reason: messageOf(error) });
    }
  }

  /** Makes the folder of a new hour. */
  async #writeBeside(path: string, jpeg: Uint8Array): Promise<void> {
    try {
      return await Deno.writeFile(`${path}.part`, jpeg);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const { root, rootIdentity } = this.#options;
    await requireRoot(root, rootIdentity);
    await ensureFolder(dirname(path));
    await Deno.writeFile(`${path}.part`, jpeg);
  }
}

/** Nothing of the group is needed any more. */
function letGo({ frames }: Gop): void {
  for (const frame of frames) frame?.memory.release();
}

export interface StillMakerOptions {
  readonly root: string;
  /** The id of the storage root: no folder is made on another disk in its place. */
  readonly rootIdentity: string;
  readonly cameraId: string;
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
  readonly ffmpegPath: string;
  readonly ftyp: Uint8Array;
  readonly moov: Uint8Array;
  readonly track: Track;
  readonly clock: Clock;
  readonly log: Logger;
  /** False while the disk is full and room is made. */
  readonly mayWrite: () => boolean;
  readonly counters: StillCounters;
}
