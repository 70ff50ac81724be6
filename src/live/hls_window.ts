/**
 * What a live playlist holds: the newest segments, cut into parts. Decides where
 * segments and parts end and what is let go of; knows nothing of requests and time.
 *
 * In:   the fragments of a stream, with their times. Out: segments and parts.
 *
 * Terms as in draft-pantos-hls-rfc8216bis: a segment is what every player loads, a
 * part is a piece of it that low-latency players load as soon as it is there.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** Shortest part that is aimed for, in milliseconds: five frames of 25 a second. */
const LEAST_PART_MS = 200;

/** Parts of the target that each part must have, but the last of a segment (4.4.3.7). */
const LEAST_OF_PART = 0.85;

/** The target over the usual part: cameras' times jitter, and no part may be longer. */
const PART_MARGIN = 1.1;

/** Shortest segment that ends because a key frame comes, in milliseconds. */
const LEAST_SEGMENT_MS = 900;

/** Longest target of a segment, in seconds. Key frames further apart are in the midst of one. */
const MOST_TARGET_S = 6;

/** Where nobody knows how far key frames are apart. */
const USUAL_TARGET_S = 4;

/** What a playlist covers at least, in milliseconds, and in targets. */
const LEAST_COVERED_MS = 12_000;
const LEAST_COVERED_TARGETS = 5;

/** Segments that are left out of the playlist and can still be had: somebody is loading them. */
const GRACE_SEGMENTS = 2;

/** Bytes of all that is kept: 16 s of 24 Mbit/s. */
const MAX_BYTES = 48 * 1024 * 1024;

/** Fragments of a part that is not whole: with sound alone, while no picture comes, it never is. */
const MOST_PENDING = 500;

export interface HlsPart {
  readonly durationMs: number;
  readonly fragments: readonly Uint8Array[];
  /** Begins with a key frame. */
  readonly isIndependent: boolean;
}

export interface HlsSegment {
  readonly number: number;
  /** Number of the init segment that it needs. */
  readonly initNumber: number;
  /** Wall time of its first frame. */
  readonly startMs: UnixMs;
  /** Its times do not go on from those of the segment before. */
  readonly isDiscontinuity: boolean;
  readonly parts: readonly HlsPart[];
  readonly durationMs: number;
  readonly sizeBytes: number;
}

interface OpenSegment extends HlsSegment {
  readonly parts: HlsPart[];
  durationMs: number;
  sizeBytes: number;
}

export interface TimedFragment {
  readonly bytes: Uint8Array;
  readonly isKey: boolean;
  readonly durationMs: number;
  /** Wall time of its first frame. */
  readonly atMs: UnixMs;
}

/** Target of segments for key frames this far apart, in whole seconds. */
export function targetSeconds(keyEveryMs: number | undefined): number {
  if (keyEveryMs === undefined) return USUAL_TARGET_S;
  // A segment of 1.4 s rounds to 1, which is what a target of 1 allows (4.4.3.1).
  return Math.max(1, Math.min(MOST_TARGET_S, Math.ceil(keyEveryMs / 1_000 - 0.4)));
}

/** Longest part of a stream with such fragments: a whole number of them, in milliseconds. */
function partTarget(fragmentMs: number): number {
  const times = Math.max(1, Math.ceil(LEAST_PART_MS / fragmentMs - 0.1));
  return Math.ceil(times * fragmentMs * PART_MARGIN);
}

export class HlsWindow {
  readonly targetSeconds: number;
  /** Whole segments, oldest first; the first ones are left out of the playlist. */
  readonly #segments: HlsSegment[] = [];
  readonly #inits = new Map<number, Uint8Array>();
  #initNumber = 0;
  #open: OpenSegment | undefined;
  /** Fragments of the part that is not whole. */
  #pending: TimedFragment[] = [];
  #partTargetMs: number | undefined;
  #nextNumber: number;
  #isBroken = false;
  #droppedDiscontinuities = 0;

  constructor(options: { readonly firstNumber: number; readonly targetSeconds: number }) {
    this.#nextNumber = options.firstNumber;
    this.targetSeconds = options.targetSeconds;
  }

  /** Longest part, in milliseconds; undefined before the first fragment. */
  get partTargetMs(): number | undefined {
    return this.#partTargetMs;
  }

  /** Whole segments that the playlist lists. */
  get listed(): readonly HlsSegment[] {
    return this.#segments.slice(this.#unlisted());
  }

  /** Discontinuities in front of the first listed segment. */
  get discontinuitiesBefore(): number {
    const hidden = this.#segments.slice(0, this.#unlisted());
    return this.#droppedDiscontinuities + hidden.filter((each) => each.isDiscontinuity).length;
  }

  /** The segment that grows. */
  get open(): HlsSegment | undefined {
    return this.#open;
  }

  /** What the next part will be called, which a player may ask for before it is there. */
  get next(): { readonly segment: number; readonly part: number } {
    const open = this.#open;
    return open === undefined
      ? { segment: this.#nextNumber, part: 0 }
      : { segment: open.number, part: open.parts.length };
  }

  get isWaitingForFirst(): boolean {
    return this.#segments.length === 0;
  }

  get bytes(): number {
    const pending = this.#pending.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) +
      (this.#open?.sizeBytes ?? 0) + pending;
  }

  initSegment(number: number): Uint8Array | undefined {
    return this.#inits.get(number);
  }

  /** A segment, whole or still open. */
  segment(number: number): { readonly segment: HlsSegment; readonly isWhole: boolean } | undefined {
    if (this.#open?.number === number) return { segment: this.#open, isWhole: false };
    const segment = this.#segments.find((each) => each.number === number);
    return segment === undefined ? undefined : { segment, isWhole: true };
  }

  /** A stream begins; what follows needs this init segment. */
  begin(initSegment: Uint8Array): void {
    this.cut();
    this.#initNumber = this.#nextNumber;
    this.#inits.set(this.#initNumber, initSegment);
    this.#isBroken = this.#segments.length > 0;
  }

  /** Frames are missing here. */
  breakOff(): void {
    this.cut();
    this.#isBroken = true;
  }

  add(fragment: TimedFragment): void {
    const { isKey, durationMs } = fragment;
    if (durationMs === 0 && this.#pending.length >= MOST_PENDING) return;
    if (this.#open !== undefined && this.#endsBefore(fragment)) this.cut();
    // Each part that begins with a key frame can be begun with.
    if (isKey || this.#pendingMs + durationMs > (this.#partTargetMs ?? Infinity)) this.#cutPart();
    if (this.#open === undefined) {
      const mustBeKey = this.#isBroken || this.#segments.length === 0;
      if (mustBeKey && !isKey) return;
      this.#open = this.#newSegment(fragment);
    }
    if (durationMs > 0) this.#partTargetMs ??= partTarget(durationMs);
    this.#pending.push(fragment);
    const isWhole = this.#pendingMs >= LEAST_OF_PART * (this.#partTargetMs ?? Infinity);
    if (isWhole) this.#cutPart();
  }

  /** Ends the open segment here. */
  cut(): void {
    this.#cutPart();
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    this.#segments.push(open);
    this.#trim();
  }

  #endsBefore({ isKey, durationMs }: TimedFragment): boolean {
    const lengthMs = this.#open!.durationMs + this.#pendingMs;
    if (isKey && lengthMs >= LEAST_SEGMENT_MS) return true;
    // Rounded, it may not be longer than the target.
    return lengthMs + durationMs >= this.targetSeconds * 1_000 + 500;
  }

  #newSegment({ atMs }: TimedFragment): OpenSegment {
    const number = this.#nextNumber;
    const isDiscontinuity = this.#isBroken;
    this.#nextNumber += 1;
    this.#isBroken = false;
    return {
      ...{ number, initNumber: this.#initNumber, startMs: atMs, isDiscontinuity },
      ...{ parts: [], durationMs: 0, sizeBytes: 0 },
    };
  }

  get #pendingMs(): number {
    return this.#pending.reduce((sum, { durationMs }) => sum + durationMs, 0);
  }

  #cutPart(): void {
    const [open, pending] = [this.#open, this.#pending];
    if (open === undefined || pending.length === 0) return;
    const durationMs = this.#pendingMs;
    this.#pending = [];
    const fragments = pending.map(({ bytes }) => bytes);
    open.parts.push({ durationMs, fragments, isIndependent: pending[0]!.isKey });
    open.durationMs += durationMs;
    open.sizeBytes += fragments.reduce((sum, { length }) => sum + length, 0);
  }

  /** Whole segments at the front that the playlist does not list. */
  #unlisted(): number {
    const coveredMs = Math.max(
      LEAST_COVERED_MS,
      LEAST_COVERED_TARGETS * this.targetSeconds * 1_000,
    );
    let first = this.#segments.length;
    for (let lengthMs = 0; first > 0 && lengthMs < coveredMs;) {
      first -= 1;
      lengthMs += this.#segments[first]!.durationMs;
    }
    return first;
  }

  #trim(): void {
    while (
      this.#segments.length > 1 &&
      (this.#unlisted() > GRACE_SEGMENTS || this.bytes > MAX_BYTES)
    ) {
      const { isDiscontinuity } = this.#segments.shift()!;
      if (isDiscontinuity) this.#droppedDiscontinuities += 1;
    }
    const oldest = this.#segments[0]!.initNumber;
    for (const number of this.#inits.keys()) if (number < oldest) this.#inits.delete(number);
  }
}
