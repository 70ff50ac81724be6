/**
 * Walks a camera's batches from the oldest on, for the choice of what is deleted:
 * page by page, past everything that may not go. Batches with events have a walk of
 * their own, so that those that are kept for long are not walked past again and again.
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

/** One of a camera's two walks: of its batches in which something was seen, or of the others. */
export interface Walk {
  readonly cameraId: string;
  readonly hasEvent: boolean;
}

/** What the walk depends on. */
export interface LineParts {
  readonly holds: readonly Hold[];
  /** The next batches of a walk behind a place in their order; none at the end. */
  readonly pageAfter: (walk: Walk, after: BatchCursor | null) => readonly Candidate[];
  /** Whether a batch stays although it is not held. */
  readonly isSpared: (candidate: Candidate) => boolean;
}

/** The batches of a walk from the oldest on, without those that may not go. */
class CandidateLine {
  readonly #walk: Walk;
  readonly #parts: LineParts;
  #page: readonly Candidate[] = [];
  #index = 0;
  #after: BatchCursor | null = null;
  #hasEnded = false;

  constructor(walk: Walk, parts: LineParts) {
    this.#walk = walk;
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
    this.#page = this.#parts.pageAfter(this.#walk, last ?? this.#after);
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

/**
 * One camera's batches that may go: those that nothing speaks for, and those that
 * are kept for their events as long as anything else can go.
 */
export class CameraLine {
  readonly #plain: CandidateLine;
  readonly #seen: CandidateLine;
  readonly #keptFromMs: number;

  /** @param keptFromMs A batch with an event is kept for it if it ends behind this instant. */
  constructor(cameraId: string, parts: LineParts & { readonly keptFromMs: number }) {
    this.#plain = new CandidateLine({ cameraId, hasEvent: false }, parts);
    this.#seen = new CandidateLine({ cameraId, hasEvent: true }, parts);
    this.#keptFromMs = parts.keptFromMs;
  }

  /** The oldest one left that no event keeps; undefined when there is none. */
  peekFree(): Candidate | undefined {
    return this.#freeLine()?.peek();
  }

  /** The oldest one left that an event keeps. */
  peekKept(): Candidate | undefined {
    const seen = this.#seen.peek();
    return seen !== undefined && seen.endMs > this.#keptFromMs ? seen : undefined;
  }

  /** Takes the one that {@linkcode peekFree} shows. */
  shiftFree(): Candidate {
    return this.#freeLine()!.shift();
  }

  /** Takes the one that {@linkcode peekKept} shows. */
  shiftKept(): Candidate {
    return this.#seen.shift();
  }

  #freeLine(): CandidateLine | undefined {
    const plain = this.#plain.peek();
    const seen = this.#seen.peek();
    // In order of their ends: where the first one is kept, all are.
    const isSeenFree = seen !== undefined && seen.endMs <= this.#keptFromMs;
    if (plain === undefined) return isSeenFree ? this.#seen : undefined;
    return isSeenFree && byAge(seen, plain) < 0 ? this.#seen : this.#plain;
  }
}

/** The order in which batches go. */
export function byAge(one: BatchCursor, other: BatchCursor): number {
  return one.endMs - other.endMs || one.startMs - other.startMs || one.batchId - other.batchId;
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
