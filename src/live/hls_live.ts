/**
 * The live playlist of one stream, for players of HLS with low latency and for plain
 * ones. It is fed while somebody asks for it (hls_shelf.ts), out of memory alone.
 *
 * In:   a {@linkcode LiveSource}, and requests. Out: playlists, segments, parts.
 * Not here: where segments end (hls_window.ts), what a playlist looks like (hls_playlist.ts).
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { requireBox } from "../media/boxes.ts";
import { parseFragment } from "../media/fragment.ts";
import { type InitSegment, parseInitSegment } from "../media/init_segment.ts";
import type { LiveSource, StreamFragment, StreamInfo, Viewer } from "../model/live.ts";
import { type HlsFile, type HlsNames, mediaPlaylist } from "./hls_playlist.ts";
import { type HlsSegment, HlsWindow, targetSeconds } from "./hls_window.ts";

/** How long a request for the first playlist waits for a stream, in milliseconds. */
const FIRST_WAIT_MS = 10_000;

/** Requests that may wait at once; a player has two or three. */
const MOST_WAITING = 200;

/** A jump of times that is no jitter, in milliseconds. */
const BREAK_MS = 500;

/**
 * The first segment ends when it has this length and the stream is where the camera
 * is: a player wants a whole one, and the next key frame may be seconds away.
 */
const FIRST_SEGMENT_MS = 500;

/** How old the newest frame may be at that moment, in milliseconds. */
const LIVE_MS = 1_000;

/** What a player asks the playlist to hold before it is answered (6.2.5.2). */
export interface Wanted {
  readonly segment: number;
  readonly part: number | undefined;
}

export class HlsLive implements Viewer, Disposable {
  readonly #source: LiveSource;
  readonly #clock: Clock;
  readonly #names: HlsNames;
  readonly #firstNumber: number;
  readonly #place: Disposable;
  #window: HlsWindow | undefined;
  #init: InitSegment | undefined;
  /** Where the next fragment begins if nothing is missing, in ticks. */
  #nextDts: number | undefined;
  #news = Promise.withResolvers<void>();
  #waiting = 0;
  readonly #closing = new AbortController();

  constructor(
    source: LiveSource,
    options: { readonly clock: Clock; readonly names: HlsNames },
  ) {
    this.#source = source;
    this.#clock = options.clock;
    this.#names = options.names;
    // A player that comes back after the playlist was dropped finds higher numbers, not lower.
    this.#firstNumber = Math.floor(options.clock.now() / 500) % 1_000_000_000;
    this.#place = source.join(this);
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#window?.bytes ?? 0;
  }

  begin({ initSegment }: StreamInfo): void {
    this.#window ??= new HlsWindow({
      firstNumber: this.#firstNumber,
      targetSeconds: targetSeconds(this.#source.shape?.keyEveryMs),
    });
    this.#window.begin(initSegment);
    this.#init = parseInitSegment(requireBox(initSegment, ["moov"]).payload);
    this.#nextDts = undefined;
  }

  take(fragment: StreamFragment): boolean {
    const [window, init] = [this.#window, this.#init];
    if (window === undefined || init === undefined) return true;
    const moof = requireBox(fragment.bytes, ["moof"]);
    const { video } = parseFragment(moof, init);
    const [first] = video;
    const { timescale } = init.video;
    const ms = (ticks: number) => ticks * 1_000 / timescale;
    const ticks = video.reduce((sum, { duration }) => sum + duration, 0);
    if (first !== undefined) {
      if (Math.abs(ms(first.dts - (this.#nextDts ?? first.dts))) > BREAK_MS) window.breakOff();
      this.#nextDts = first.dts + ticks;
    }
    const { bytes, isKey, originMs } = fragment;
    const atMs = unixMs(originMs + Math.round(ms(first?.pts ?? this.#nextDts ?? 0)));
    window.add({ bytes, isKey, durationMs: ms(ticks), atMs });
    if (this.#isFirstLongEnough(window, atMs)) window.cut();
    this.#tell();
    return true;
  }

  /**
   * The playlist, as soon as it holds what is wanted.
   *
   * @returns Undefined when that does not come, "far" when it can't be expected.
   */
  async playlist(
    wanted: Wanted | undefined,
    signal: AbortSignal,
  ): Promise<string | "far" | undefined> {
    const isThere = () => {
      const window = this.#window;
      if (window === undefined || window.isWaitingForFirst) return false;
      return wanted === undefined || isPast(window, wanted);
    };
    // Further ahead than the next segment but one: such a player has another stream in mind.
    const next = this.#window?.next.segment;
    if (wanted !== undefined && next !== undefined && wanted.segment > next + 2) return "far";
    if (!await this.#until(isThere, this.#waitMs, signal)) return undefined;
    return mediaPlaylist(this.#window!, this.#names);
  }

  /** A file of the playlist; a part that was announced is waited for. */
  async file(file: HlsFile, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const window = this.#window;
    if (window === undefined) return undefined;
    if (file.kind === "init") {
      const initSegment = window.initSegment(file.number);
      return initSegment === undefined ? undefined : joined([initSegment]);
    }
    if (file.kind === "segment") {
      const found = window.segment(file.number);
      return found?.isWhole ? partsOf(found.segment) : undefined;
    }
    const { segment, part } = window.next;
    if (file.number === segment && file.part === part) {
      const isThere = () => isPast(window, { segment, part });
      await this.#until(isThere, this.#waitMs, signal);
    }
    const found = window.segment(file.number)?.segment.parts[file.part];
    return found === undefined ? undefined : joined(found.fragments);
  }

  /** Ends the playlist; who waits is told that nothing came. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#place[Symbol.dispose]();
  }

  get #waitMs(): number {
    return this.#window?.isWaitingForFirst === false
      ? 3_000 * this.#window.targetSeconds
      : FIRST_WAIT_MS;
  }

  #isFirstLongEnough(window: HlsWindow, atMs: UnixMs): boolean {
    return window.isWaitingForFirst && (window.open?.durationMs ?? 0) >= FIRST_SEGMENT_MS &&
      this.#clock.now() - atMs < LIVE_MS;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #until(isSo: () => boolean, limitMs: number, signal: AbortSignal): Promise<boolean> {
    if (isSo()) return true;
    if (this.#waiting >= MOST_WAITING) return false;
    this.#waiting += 1;
    const over = new AbortController();
    const stop = AbortSignal.any([over.signal, signal, this.#closing.signal]);
    let isLate = false;
    const late = this.#clock.sleep(limitMs, stop).then(() => {
      isLate = true;
    });
    try {
      while (!isSo() && !isLate) await Promise.race([this.#news.promise, late]);
      return isSo();
    } finally {
      over.abort();
      this.#waiting -= 1;
    }
  }
}

function partsOf({ parts }: HlsSegment): Uint8Array<ArrayBuffer> {
  return joined(parts.flatMap(({ fragments }) => fragments));
}

/** Whether a segment, or a part of it, is there, or something behind it. */
function isPast({ next }: HlsWindow, { segment, part }: Wanted): boolean {
  if (next.segment !== segment) return next.segment > segment;
  return part !== undefined && next.part > part;
}
