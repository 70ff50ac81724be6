/**
 * An archive of plain numbers for the rules of retention: batches on a shelf,
 * looked up as the index does.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../../src/base/units.ts";
import { type BatchCursor, byAge, type Candidate, type Walk } from "../../src/model/candidates.ts";
import type { CameraUsage, RetentionFacts, RetentionRules } from "../../src/model/retention.ts";

/** A batch and its share of the frame log. */
export interface ShelfBatch extends Candidate {
  readonly logBytes: number;
  readonly hasEvent: boolean;
}

/** Limits that limit nothing. */
export const NO_RULES: RetentionRules = {
  all: { ageMs: null, maxBytes: null, keepFree: { kind: "bytes", bytes: 0 } },
  cameras: new Map(),
};

const HOUR_MS = 3_600_000;

export class Shelf {
  batches: ShelfBatch[] = [];
  /** Frame logs are as large as all that was ever written to them. */
  readonly #logs = new Map<string, number>();
  #nextId = 1;

  /** Puts a batch on the shelf, in the folder and log of its hour. */
  add(
    piece: {
      readonly cameraId: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly bytes: number;
      readonly logBytes?: number;
      readonly hasEvent?: boolean;
    },
  ): ShelfBatch {
    const { cameraId, bytes, logBytes = 0, hasEvent = false } = piece;
    const batchId = this.#nextId++;
    const hour = Math.floor(piece.startMs / HOUR_MS);
    const batch: ShelfBatch = {
      batchId,
      cameraId,
      startMs: unixMs(piece.startMs),
      endMs: unixMs(piece.endMs),
      bytes,
      logBytes,
      hasEvent,
      recordingPath: `${cameraId}/${hour}/${batchId}.mp4`,
      framesPath: `${cameraId}/${hour}.jsonl`,
    };
    this.batches.push(batch);
    this.#logs.set(batch.framesPath, (this.#logs.get(batch.framesPath) ?? 0) + logBytes);
    return batch;
  }

  /** Takes batches away; a log goes with its last batch. */
  remove(victims: readonly Candidate[]): void {
    const ids = new Set(victims.map(({ batchId }) => batchId));
    this.batches = this.batches.filter(({ batchId }) => !ids.has(batchId));
    for (const path of this.#logs.keys()) {
      if (!this.batches.some(({ framesPath }) => framesPath === path)) this.#logs.delete(path);
    }
  }

  /** What lies there; of one camera or of all. */
  bytes(cameraId?: string): number {
    const own = this.batches.filter((batch) =>
      cameraId === undefined || batch.cameraId === cameraId
    );
    const logs = new Set(own.map(({ framesPath }) => framesPath));
    return [...logs].reduce(
      (sum, path) => sum + this.#logs.get(path)!,
      own.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  /** The facts of a plan, with a disk that has room and nothing held. */
  facts(changes: Partial<RetentionFacts> = {}): RetentionFacts {
    const cameraIds = [...new Set(this.batches.map(({ cameraId }) => cameraId))].sort();
    return {
      nowMs: unixMs(0),
      rules: NO_RULES,
      usage: cameraIds.map((cameraId): CameraUsage => ({
        cameraId,
        usedBytes: this.bytes(cameraId),
        openBytes: 0,
      })),
      disk: { freeBytes: 1e12, totalBytes: 2e12 },
      holds: [],
      busyFolders: new Set(),
      openLogs: new Set(),
      urgentBytes: 0,
      most: 10_000,
      // Small pages, so that their edges are met.
      pageAfter: (walk, after) => this.#after(walk, after).slice(0, 3),
      logUse: (path) => ({
        batches: this.batches.filter(({ framesPath }) => framesPath === path).length,
        bytes: this.#logs.get(path) ?? 0,
      }),
      ...changes,
    };
  }

  #after({ cameraId, hasEvent }: Walk, after: BatchCursor | null): ShelfBatch[] {
    return this.batches.filter((batch) =>
      batch.cameraId === cameraId && batch.hasEvent === hasEvent
    ).filter((batch) => after === null || byAge(after, batch) < 0)
      .sort(byAge);
  }
}

/** A wall time some seconds after 1970. */
export function second(seconds: number): UnixMs {
  return unixMs(Math.round(seconds * 1_000));
}
