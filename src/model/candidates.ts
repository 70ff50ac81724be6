/**
 * Walks a camera's batches from the oldest on, for the choice of what is deleted:
 * page by page, past everything that may not go.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { type Hold, isHeld, lastHeldMs } from "./hold.ts";

/** A batch that may be deleted. */
export interface Candidate {
  readonly batchId: number;
  readonly cameraId: string;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
  /** Recording and stills. */
  readonly bytes: number;
  readonly recordingPath: string;
  readonly framesPath: string;
}

/** A place in a camera's batches: they are walked by end, then start, then id. */
export type BatchCursor = Pick<Candidate, "endMs" | "startMs" | "batchId">;

/** What a frame log still has. */
export interface LogUse {
  readonly batches: number;
  readonly bytes: number;
}

/** What the walk depends on. */
export interface LineParts {
  readonly holds: readonly Hold[];
  /** The next batches of a camera behind a place in their order; none at the end. */
  readonly pageAfter: (cameraId: string, after: BatchCursor | null) => readonly Candidate[];
  /** Whether a batch stays although it is not held. */
  readonly isSpared: (candidate: Candidate) => boolean;
}

/** One camera's batches from the oldest on, without those that may not go. */
export class CandidateLine {
  readonly #cameraId: string;
  readonly #parts: LineParts;
  #page: readonly Candidate[] = [];
  #index = 0;
  #after: BatchCursor | null = null;
  #hasEnded = false;

  constructor(cameraId: string, parts: LineParts) {
    this.#cameraId = cameraId;
    this.#parts = parts;
  }

  /** The oldest one left; undefined when there is none. */
  peek(): Candidate | undefined {
    while (!this.#hasEnded) {
      const candidate = this.#page[this.#index];
      if (candidate === undefined) this.#turnPage();
      else if (isHeld(candidate, this.#parts.holds)) this.#jumpHolds(candidate);
      else if (this.#parts.isSpared(candidate)) this.#index += 1;
      else return candidate;
    }
    return undefined;
  }

  /** Takes the one that {@linkcode peek} shows. */
  shift(): Candidate {
    const candidate = this.peek()!;
    this.#index += 1;
    return candidate;
  }

  #turnPage(): void {
    const last = this.#page.at(-1);
    this.#page = this.#parts.pageAfter(this.#cameraId, last ?? this.#after);
    this.#index = 0;
    this.#hasEnded = this.#page.length === 0;
  }

  /**
   * A hold can be months long. Whatever ends behind its beginning and before its
   * end is held, so the walk goes on with the first batch that ends behind it.
   */
  #jumpHolds(candidate: Candidate): void {
    this.#index += 1;
    const heldToMs = lastHeldMs(candidate, this.#parts.holds);
    const last = this.#page.at(-1)!;
    if (heldToMs <= last.endMs) return;
    this.#after = { endMs: heldToMs, startMs: 0 as UnixMs, batchId: 0 };
    this.#page = [];
    this.#index = 0;
  }
}

/** Counts what each frame log has left, and gives its bytes back with the last batch. */
export class LogCounter {
  readonly #look: (framesPath: string) => LogUse;
  readonly #left = new Map<string, { batches: number; readonly bytes: number }>();

  constructor(look: (framesPath: string) => LogUse) {
    this.#look = look;
  }

  left(path: string): number {
    return this.#of(path).batches;
  }

  /** Takes a batch out of a log: the bytes that this frees. */
  takeOne(path: string): number {
    const log = this.#of(path);
    log.batches -= 1;
    return log.batches === 0 ? log.bytes : 0;
  }

  #of(path: string): { batches: number; readonly bytes: number } {
    const known = this.#left.get(path) ?? { ...this.#look(path) };
    this.#left.set(path, known);
    return known;
  }
}
