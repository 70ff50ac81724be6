/**
 * Hands the camera's stream to those who watch it. Recording never waits for
 * them: who is behind loses fragments, up to the next key frame.
 *
 * In:  the stream as it is recorded. Out: messages over the ports of the watchers.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Fragment, StreamStart } from "../media/fragment_stream.ts";
import { joined } from "../base/bytes.ts";
import type { FromTap, ToTap } from "../model/tap.ts";

/**
 * Bytes that a watcher may be behind. Eight seconds of 8 Mbit/s: a decoder that
 * starts takes half a second, one that is starved does not come back by itself.
 */
const MAX_BEHIND_BYTES = 8 * 1024 * 1024;

/** What a watcher saw in a frame. */
export type Saw = Extract<ToTap, { readonly type: "saw" }>;

interface Watcher {
  readonly port: MessagePort;
  behindBytes: number;
  /** Gets nothing until a fragment begins with a key frame. */
  waitsForKey: boolean;
  /** Fragments that it did not get. */
  missed: number;
}

export class FragmentTap {
  readonly #watchers: Watcher[] = [];
  readonly #onSaw: (saw: Saw) => void;
  #start: Extract<FromTap, { readonly type: "start" }> | undefined;

  constructor(onSaw: (saw: Saw) => void) {
    this.#onSaw = onSaw;
  }

  /** Fragments that watchers did not get, because they were behind. */
  get missed(): number {
    return this.#watchers.reduce((sum, { missed }) => sum + missed, 0);
  }

  /** Takes a watcher, in the place of the one before, which is gone: there is one at a time. */
  watch(port: MessagePort): void {
    this.close();
    const watcher: Watcher = { port, behindBytes: 0, waitsForKey: true, missed: 0 };
    port.onmessage = ({ data }: MessageEvent<ToTap>) => {
      if (data.type === "taken") watcher.behindBytes -= data.bytes;
      else this.#onSaw(data);
    };
    this.#watchers.push(watcher);
    if (this.#start !== undefined) port.postMessage(this.#start);
  }

  /** A stream begins. */
  begin(run: number, { ftyp, moov, init }: StreamStart): void {
    const { timescale, width, height } = init.video;
    const initSegment = joined([ftyp, moov]);
    this.#start = { type: "start", run, initSegment, timescale, width, height };
    for (const watcher of this.#watchers) {
      watcher.waitsForKey = true;
      watcher.port.postMessage(this.#start);
    }
  }

  /** The next fragment of the stream. */
  take(fragment: Fragment, originMs: UnixMs): void {
    if (this.#watchers.length === 0) return;
    const { bytes, samples: { video } } = fragment;
    const isKey = video[0]?.isKey ?? false;
    const message: FromTap = { type: "fragment", bytes, isKey, frames: video.length, originMs };
    for (const watcher of this.#watchers) {
      const isFull = watcher.behindBytes + bytes.length > MAX_BEHIND_BYTES;
      if (isFull || (watcher.waitsForKey && !isKey)) {
        watcher.waitsForKey = true;
        watcher.missed += 1;
        continue;
      }
      watcher.waitsForKey = false;
      watcher.behindBytes += bytes.length;
      watcher.port.postMessage(message);
    }
  }

  /** No more: the camera has stopped, or another watcher comes. */
  close(): void {
    for (const { port } of this.#watchers.splice(0)) port.close();
  }
}
