/**
 * Gives one stream to all who watch it. Each is served by itself: one that is
 * behind, or fails, loses fragments and costs the others nothing.
 *
 * In:   the beginnings and fragments of a stream. Out: calls of each viewer.
 * Not here: where the stream comes from (live_stream.ts, rendition.ts).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { KeptGroup } from "../media/kept_group.ts";
import type { StreamFragment, StreamInfo, Viewer } from "../model/live.ts";

const log = logger("live");

export interface FanOutParts {
  /** Somebody watches where nobody did. */
  readonly onFirst: () => void;
  /** Nobody watches any more. */
  readonly onLast: () => void;
}

interface Seat {
  readonly viewer: Viewer;
  /** Gets nothing until a fragment begins with a key frame. */
  waitsForKey: boolean;
  /** Because it was behind, and not because it has just come. */
  isBehind: boolean;
}

export class FanOut {
  readonly #parts: FanOutParts;
  readonly #seats = new Set<Seat>();
  readonly #group = new KeptGroup<StreamFragment>();
  #info: StreamInfo | undefined;
  #missed = 0;

  constructor(parts: FanOutParts) {
    this.#parts = parts;
  }

  /** Of the stream that runs now. */
  get info(): StreamInfo | undefined {
    return this.#info;
  }

  get viewers(): number {
    return this.#seats.size;
  }

  /** Fragments that viewers did not get, because they were behind. */
  get missed(): number {
    return this.#missed;
  }

  /** Bytes that are kept for those who join. */
  get keptBytes(): number {
    return this.#group.bytes;
  }

  join(viewer: Viewer): Disposable {
    const seat: Seat = { viewer, waitsForKey: true, isBehind: false };
    this.#seats.add(seat);
    const info = this.#info;
    if (info !== undefined) this.#call(seat, () => viewer.begin(info));
    for (const fragment of this.#group.fragments) this.#give(seat, fragment);
    // Behind the first pictures: what it starts may call at once.
    if (this.#seats.size === 1 && this.#seats.has(seat)) this.#parts.onFirst();
    return { [Symbol.dispose]: () => this.#leave(seat) };
  }

  /** A stream begins, or begins anew. */
  begin(info: StreamInfo): void {
    this.#info = info;
    this.#group.clear();
    for (const seat of this.#seats) {
      seat.waitsForKey = true;
      seat.isBehind = false;
      this.#call(seat, () => seat.viewer.begin(info));
    }
  }

  take(fragment: StreamFragment): void {
    if (this.#info === undefined) return;
    this.#group.add(fragment);
    for (const seat of this.#seats) this.#give(seat, fragment);
  }

  /** Fragments are missing from here on: nobody can use any before the next key frame. */
  skip(): void {
    this.#group.clear();
    for (const seat of this.#seats) seat.waitsForKey = true;
  }

  /** The stream rests: who joins waits for the next {@linkcode begin}. */
  rest(): void {
    this.#info = undefined;
    this.#group.clear();
  }

  #give(seat: Seat, fragment: StreamFragment): void {
    if (!seat.waitsForKey || fragment.isKey) {
      seat.isBehind = this.#call(seat, () => seat.viewer.take(fragment)) === false;
      seat.waitsForKey = seat.isBehind;
    }
    if (seat.isBehind) this.#missed += 1;
  }

  /** One that throws is a defect; it is given up, so that the others go on. */
  #call<T>(seat: Seat, call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      log.error("A viewer failed and is given up: {reason}", { reason: messageOf(error) });
      this.#leave(seat);
      return undefined;
    }
  }

  #leave(seat: Seat): void {
    if (this.#seats.delete(seat) && this.#seats.size === 0) this.#parts.onLast();
  }
}
