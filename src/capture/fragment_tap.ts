/**
 * Hands the camera's stream to those who watch it. Recording never waits for
 * them: who is behind loses fragments, up to the next key frame.
 *
 * In:  the stream as it is recorded. Out: messages over the ports of the watchers.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import type { SharedMemory } from "../base/shared_memory.ts";
import type { UnixMs } from "../base/units.ts";
import type { Fragment, StreamStart } from "../media/fragment_stream.ts";
import { KeptGroup, MAX_GROUP_BYTES } from "../media/kept_group.ts";
import { ShapeWatch } from "../media/stream_shape.ts";
import type { FromLiveTap, FromTap, TapKind, ToTap } from "../model/tap.ts";

/**
 * Bytes that a watcher may be behind. Eight seconds of 8 Mbit/s: a decoder that
 * starts takes half a second, one that is starved does not come back by itself.
 */
const MAX_BEHIND_BYTES = 8 * 1024 * 1024;

/** One that plays is given a kept group of pictures at once, which is not its fault. */
const MOST_BEHIND: Readonly<Record<TapKind, number>> = {
  vision: MAX_BEHIND_BYTES,
  live: MAX_BEHIND_BYTES + MAX_GROUP_BYTES,
};

/** What a watcher saw in a frame. */
export type Saw = Extract<ToTap, { readonly type: "saw" }>;

type FragmentMessage = Extract<FromTap, { readonly type: "fragment" }>;

/** A fragment of the kept group, and its memory. */
interface KeptMessage {
  readonly message: FragmentMessage;
  readonly memory: SharedMemory;
  readonly bytes: Uint8Array;
  readonly isKey: boolean;
}

interface Watcher {
  readonly kind: TapKind;
  readonly port: MessagePort;
  behindBytes: number;
  /** False while one of kind "live" does not want the stream. */
  isPlaying: boolean;
  /** Gets nothing until a fragment begins with a key frame. */
  waitsForKey: boolean;
  /** Fragments that it wanted and did not get. */
  missed: number;
  /** Those that it was behind for, and has not been told of. */
  untold: number;
}

export class FragmentTap {
  readonly #watchers = new Map<TapKind, Watcher>();
  readonly #onSaw: (saw: Saw) => void;
  #start: Extract<FromTap, { readonly type: "start" }> | undefined;
  /** Since the last key frame; only while one of kind "live" is there. */
  readonly #group = new KeptGroup<KeptMessage>(MAX_GROUP_BYTES, ({ memory }) => memory.release());
  #shape: ShapeWatch | undefined;

  constructor(onSaw: (saw: Saw) => void) {
    this.#onSaw = onSaw;
  }

  /** Fragments that watchers did not get, because they were behind. */
  get missed(): number {
    return this.#watchers.values().reduce((sum, { missed }) => sum + missed, 0);
  }

  /** Bytes that are kept for those who begin to watch. */
  get keptBytes(): number {
    return this.#group.bytes;
  }

  /** Takes a watcher, in the place of the one of its kind before, which is gone. */
  watch(port: MessagePort, kind: TapKind = "vision"): void {
    this.#watchers.get(kind)?.port.close();
    const isPlaying = kind === "vision";
    const watcher: Watcher = {
      ...{ kind, port, behindBytes: 0, isPlaying, waitsForKey: true, missed: 0, untold: 0 },
    };
    port.onmessage = ({ data }: MessageEvent<ToTap>) => this.#hear(watcher, data);
    this.#watchers.set(kind, watcher);
    if (this.#start === undefined) return;
    sayStart(watcher, this.#start);
    if (kind === "live") this.#sayShape(watcher);
  }

  /** A stream begins. */
  begin(run: number, { ftyp, moov, init }: StreamStart): void {
    const { timescale, width, height } = init.video;
    const initSegment = joined([ftyp, moov]);
    this.#start = { type: "start", run, initSegment, timescale, width, height };
    this.#group.clear();
    this.#shape = new ShapeWatch(timescale);
    for (const watcher of this.#watchers.values()) {
      watcher.waitsForKey = true;
      sayStart(watcher, this.#start);
    }
  }

  /** The next fragment of the stream. What is sent is a copy; what is kept is held. */
  take(fragment: Fragment, originMs: UnixMs, memory: SharedMemory): void {
    if (this.#watchers.size === 0) return;
    const { bytes, samples } = fragment;
    const isKey = samples.video[0]?.isKey ?? false;
    const frames = samples.video.length;
    const message: FragmentMessage = { type: "fragment", bytes, isKey, frames, originMs };
    for (const watcher of this.#watchers.values()) give(watcher, message);
    const live = this.#watchers.get("live");
    if (live === undefined) return;
    memory.hold();
    if (!this.#group.add({ message, memory, bytes, isKey })) memory.release();
    if (this.#shape?.take(samples, bytes.length)) this.#sayShape(live);
  }

  /** The stream has ended; whoever begins to watch is shown nothing of it. */
  end(): void {
    this.#start = undefined;
    this.#shape = undefined;
    this.#group.clear();
    const message: FromLiveTap = { type: "end" };
    this.#watchers.get("live")?.port.postMessage(message);
  }

  /** No more: the camera has stopped. */
  close(): void {
    for (const { port } of this.#watchers.values()) port.close();
    this.#watchers.clear();
    this.#group.clear();
  }

  #hear(watcher: Watcher, message: ToTap): void {
    switch (message.type) {
      case "taken":
        watcher.behindBytes -= message.bytes;
        return;
      case "saw":
        return this.#onSaw(message);
      case "play":
        return this.#play(watcher);
      case "pause":
        watcher.isPlaying = false;
        return;
      case "leave":
        return this.#drop(watcher);
    }
  }

  #play(watcher: Watcher): void {
    watcher.isPlaying = true;
    watcher.waitsForKey = true;
    if (this.#start === undefined) return;
    sayStart(watcher, this.#start);
    for (const { message } of this.#group.fragments) give(watcher, message);
  }

  #drop(watcher: Watcher): void {
    watcher.port.close();
    if (this.#watchers.get(watcher.kind) !== watcher) return;
    this.#watchers.delete(watcher.kind);
    if (watcher.kind === "live") this.#group.clear();
  }

  #sayShape(live: Watcher): void {
    const shape = this.#shape?.shape;
    if (shape === undefined) return;
    const message: FromLiveTap = { type: "shape", ...shape };
    live.port.postMessage(message);
  }
}

function sayStart(
  { kind, port, isPlaying }: Watcher,
  start: Extract<FromTap, { readonly type: "start" }>,
): void {
  const message: FromTap | FromLiveTap = kind === "live" ? { ...start, isPlaying } : start;
  port.postMessage(message);
}

function give(watcher: Watcher, fragment: FragmentMessage): void {
  if (!watcher.isPlaying) return;
  const sizeBytes = fragment.bytes.length;
  const isFull = watcher.behindBytes + sizeBytes > MOST_BEHIND[watcher.kind];
  if (isFull || (watcher.waitsForKey && !fragment.isKey)) {
    watcher.waitsForKey = true;
    watcher.missed += 1;
    if (isFull || watcher.untold > 0) watcher.untold += 1;
    return;
  }
  tellMissed(watcher);
  watcher.waitsForKey = false;
  watcher.behindBytes += sizeBytes;
  watcher.port.postMessage(fragment);
}

/** Who watches live counts what is lost on the way to it. */
function tellMissed(watcher: Watcher): void {
  const { kind, port, untold } = watcher;
  watcher.untold = 0;
  if (untold === 0 || kind !== "live") return;
  const message: FromLiveTap = { type: "missed", fragments: untold };
  port.postMessage(message);
}
