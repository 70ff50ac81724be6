/**
 * What the log says of deleting: the steady trickle of an archive at its limit is
 * summed up once a minute, what is out of the ordinary is said at once.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { isoUtc, type MonotonicMs, type UnixMs } from "../base/units.ts";
import type { DeletionPlan, UnmetLimit } from "../model/retention.ts";
import type { Removed } from "./deletion.ts";
import type { RetentionIndex } from "./retention_index.ts";

/** How often deletions are summed up at most, in milliseconds. */
const REPORT_MS = 60_000;

interface Sum {
  readonly batches: number;
  readonly bytes: number;
  readonly cameraIds: ReadonlySet<string>;
  readonly oldestMs: UnixMs | null;
}

const NOTHING: Sum = { batches: 0, bytes: 0, cameraIds: new Set(), oldestMs: null };

export class RetentionReport {
  readonly #log: Logger;
  readonly #clock: Clock;
  #sum = NOTHING;
  #reportedAt: MonotonicMs | undefined;
  #unmet = "";

  constructor(parts: { readonly log: Logger; readonly clock: Clock }) {
    this.#log = parts.log;
    this.#clock = parts.clock;
  }

  /** Batches are gone. */
  deleted({ victims, freedBytes }: DeletionPlan, index: RetentionIndex): void {
    const cameraIds = this.#sum.cameraIds.union(new Set(victims.map(({ cameraId }) => cameraId)));
    const oldest = [...cameraIds].map((cameraId) => index.oldestMs(cameraId))
      .filter((atMs) => atMs !== null).sort((one, other) => one - other);
    this.#sum = {
      batches: this.#sum.batches + victims.length,
      bytes: this.#sum.bytes + freedBytes,
      cameraIds,
      oldestMs: oldest[0] ?? null,
    };
    const isUrgent = victims.some(({ cause }) => cause === "disk-full");
    if (isUrgent) this.#log.warning("The disk was full: the oldest footage made room");
    const nowMs = this.#clock.monotonic();
    const isDue = this.#reportedAt === undefined || nowMs - this.#reportedAt >= REPORT_MS;
    if (isUrgent || isDue) this.flush();
  }

  /** Says what has not been said. */
  flush(): void {
    const { batches, bytes, cameraIds, oldestMs } = this.#sum;
    if (batches === 0) return;
    this.#sum = NOTHING;
    this.#reportedAt = this.#clock.monotonic();
    this.#log.info("Deleted {batches} batches of {cameras} ({size}): the oldest is now {oldest}", {
      batches,
      cameras: [...cameraIds].sort().join(", "),
      size: megabytes(bytes),
      oldest: oldestMs === null ? "none" : `of ${isoUtc(oldestMs)}`,
    });
  }

  /** Limits that could not be kept; said once for each time that they change. */
  unmet(limits: readonly UnmetLimit[]): void {
    const key = limits.map(({ cause, cameraId }) => `${cause} ${cameraId}`).join();
    if (key === this.#unmet) return;
    this.#unmet = key;
    for (const { cause, cameraId, missingBytes } of limits) {
      this.#log.warning(
        "Nothing more may be deleted, and {size} are missing to the limit ({cause}) of {whose}",
        {
          size: megabytes(missingBytes),
          cause,
          whose: cameraId === null ? "all cameras" : `camera "${cameraId}"`,
        },
      );
    }
  }

  /** Files that could not be removed. */
  left(files: Removed["left"]): void {
    const [first] = files;
    if (first === undefined) return;
    this.#log.error("Cannot remove {count} files of deleted footage, {path} first: {reason}", {
      count: files.length,
      ...first,
    });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
