/**
 * Live playlists that are asked for. Each is made at the first request and dropped
 * when nobody asked for a while.
 *
 * In:   requests for a stream and a file. Out: whole answers.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { LiveRefusal, LiveSource } from "../model/live.ts";
import { HlsLive, type Wanted } from "./hls_live.ts";
import type { HlsFile } from "./hls_playlist.ts";

/** A playlist that nobody asked for so long is dropped, in milliseconds. */
export const DROP_MS = 30_000;

/** How often such are looked for, in milliseconds. */
const LOOK_MS = 5_000;

const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

interface Kept {
  readonly source: LiveSource;
  readonly playlist: HlsLive;
  askedAtMs: number;
}

/** The stream that is asked for. */
export interface HlsStream {
  /** Names it, beside the others of the shelf. */
  readonly key: string;
  readonly source: LiveSource;
  /** In front of the names of its files. */
  readonly prefix: string;
}

export class HlsShelf implements Disposable {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  #looking: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys of the playlists that are kept now. */
  get keys(): string[] {
    return [...this.#kept.keys()];
  }

  /** Bytes of all playlists. */
  get bytes(): number {
    return this.#kept.values().reduce((sum, { playlist }) => sum + playlist.bytes, 0);
  }

  /** Whether a playlist is kept: the first request for one may cost an encoder. */
  has(key: string): boolean {
    return this.#kept.has(key);
  }

  async playlist(stream: HlsStream, request: Request): Promise<Response | LiveRefusal> {
    const wanted = wantedOf(new URL(request.url).searchParams);
    if (wanted === "wrong") return refusal(400, '"_HLS_msn" and "_HLS_part" are whole numbers');
    const { playlist } = this.#playlistOf(stream);
    const text = await playlist.playlist(wanted, request.signal);
    if (text === "far") return refusal(400, '"_HLS_msn" is too far ahead');
    if (text === undefined) return refusal(503, "The camera's stream has nothing to play now");
    return new Response(text, {
      headers: { "content-type": PLAYLIST_TYPE, "cache-control": "no-store" },
    });
  }

  /** Undefined where there is no such file, also where no playlist was asked for before. */
  async file(
    key: string,
    file: HlsFile,
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    kept.askedAtMs = this.#clock.monotonic();
    const bytes = await kept.playlist.file(file, signal);
    if (bytes === undefined) return undefined;
    return new Response(bytes, {
      headers: { "content-type": "video/mp4", "cache-control": "private, max-age=60" },
    });
  }

  /** Drops the playlists of a source that is gone. */
  drop(isGone: (key: string) => boolean): void {
    for (const [key, { playlist }] of this.#kept) {
      if (!isGone(key)) continue;
      this.#kept.delete(key);
      playlist[Symbol.dispose]();
    }
    if (this.#kept.size === 0) this.#looking?.abort();
  }

  [Symbol.dispose](): void {
    this.drop(() => true);
  }

  #playlistOf({ key, source, prefix }: HlsStream): Kept {
    const askedAtMs = this.#clock.monotonic();
    let kept = this.#kept.get(key);
    // A rendition of another size has taken the place of the one before, which gives nothing more.
    if (kept !== undefined && kept.source !== source) {
      this.drop((each) => each === key);
      kept = undefined;
    }
    if (kept === undefined) {
      const playlist = new HlsLive(source, { clock: this.#clock, names: { prefix } });
      kept = { source, playlist, askedAtMs };
      this.#kept.set(key, kept);
      this.#look();
    }
    kept.askedAtMs = askedAtMs;
    return kept;
  }

  /** Looks for playlists to drop while there are any. */
  #look(): void {
    if (this.#looking?.signal.aborted === false) return;
    const { signal } = this.#looking = new AbortController();
    (async () => {
      while (!signal.aborted) {
        await this.#clock.sleep(LOOK_MS, signal);
        const latestMs = this.#clock.monotonic() - DROP_MS;
        this.drop((key) => this.#kept.get(key)!.askedAtMs <= latestMs);
      }
    })();
  }
}

function wantedOf(query: URLSearchParams): Wanted | "wrong" | undefined {
  const [segment, part] = ["_HLS_msn", "_HLS_part"].map((name) => {
    const text = query.get(name);
    return text === null ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  });
  if (Number.isNaN(segment) || Number.isNaN(part)) return "wrong";
  if (segment === undefined) return part === undefined ? undefined : "wrong";
  return { segment, part };
}

function refusal(status: 400 | 503, detail: string): LiveRefusal {
  return { status, code: status === 400 ? "live-position" : "live-unavailable", detail };
}
