/**
 * A camera's tap with a live stream behind it, fed by hand, and viewers that write
 * down what they get.
 *
 * In:   a clip as the recorder makes it, or plain fragments. Out: {@linkcode LiveWorld},
 * {@linkcode NotedViewer}.
 *
 * @module
 */

import { COLLECTED } from "../../src/base/shared_memory.ts";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import { FragmentTap } from "../../src/capture/fragment_tap.ts";
import {
  type Fragment,
  FragmentStream,
  type StreamStart,
} from "../../src/media/fragment_stream.ts";
import type { StreamFragment, StreamInfo, Viewer } from "../../src/model/live.ts";
import type { ToTap } from "../../src/model/tap.ts";
import { type ClipOptions, makeClip } from "../support/clips.ts";
import { recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

export const ORIGIN_MS = unixMs(Date.parse("2026-11-21T20:57:09Z"));

export interface Recorded {
  readonly start: StreamStart;
  readonly fragments: readonly Fragment[];
}

/** A clip as the recorder's stream. */
export async function recorded(options: ClipOptions): Promise<Recorded> {
  await using folder = await tempFolder();
  const path = await makeClip(`${folder.path}/clip.mp4`, { size: "128x72", ...options });
  const [start, ...rest] = new FragmentStream().push(await recordFile(path));
  if (start?.type !== "init") throw new Error("Cannot find an init segment");
  return { start, fragments: rest.filter((each) => each.type === "fragment") };
}

/** A camera's Worker, as far as its tap. */
export class TappedCamera {
  readonly tap = new FragmentTap(() => {});
  #clip: Recorded;
  #plays = Promise.withResolvers<void>();

  constructor(clip: Recorded) {
    this.#clip = clip;
  }

  /** The other end of a new tap. */
  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.tap.watch(port2, "live");
    port2.addEventListener("message", ({ data }: MessageEvent<ToTap>) => {
      if (data.type === "play") this.#plays.resolve();
    });
    return port1;
  }

  /** Resolves when somebody wants the stream. */
  wanted(): Promise<void> {
    return this.#plays.promise;
  }

  /** Its stream begins, or begins anew, with another picture size for example. */
  begin(run: number, clip = this.#clip): void {
    this.#clip = clip;
    this.tap.begin(run, this.#clip.start);
  }

  /** Gives the fragments from one to another, as if they came now. */
  give(from = 0, to = this.#clip.fragments.length, originMs: UnixMs = ORIGIN_MS): void {
    for (const fragment of this.#clip.fragments.slice(from, to)) {
      this.tap.take(fragment, originMs, COLLECTED);
    }
  }
}

/** Writes down what it gets: "run 1", "key 25" and "5" for fragments with so many frames. */
export class NotedViewer implements Viewer {
  readonly noted: string[] = [];
  readonly infos: StreamInfo[] = [];
  readonly fragments: StreamFragment[] = [];
  isBehind = false;
  #wake = Promise.withResolvers<void>();

  begin(info: StreamInfo): void {
    this.infos.push(info);
    this.#note(`run ${info.run}`);
  }

  take(fragment: StreamFragment): boolean {
    if (this.isBehind) return false;
    this.fragments.push(fragment);
    this.#note(`${fragment.isKey ? "key " : ""}${fragment.frames}`);
    return true;
  }

  /** Resolves when so much was noted, with all of it; what was noted is then forgotten. */
  async next(count: number): Promise<string[]> {
    while (this.noted.length < count) await this.#wake.promise;
    return this.noted.splice(0);
  }

  #note(text: string): void {
    this.noted.push(text);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

export function plainInfo(run: number): StreamInfo {
  const mime = 'video/mp4; codecs="avc1.42c01f"';
  const picture = { codec: "avc1", timescale: 1_000, width: 64, height: 36 };
  return { run, initSegment: Uint8Array.of(run), mime, ...picture, hasAudio: false };
}

export function plainFragment(sizeBytes: number, isKey = false): StreamFragment {
  return { bytes: new Uint8Array(sizeBytes), isKey, frames: sizeBytes, originMs: ORIGIN_MS };
}
