/**
 * Judges the machine: clock, open-file limit, memory.
 *
 * Pure.
 *
 * @module
 */

import type { ClockState } from "../../host/machine_state.ts";
import { fine, type Judgement, problem, warning } from "./finding.ts";

/** Any clock before this has lost its battery: Lookback is younger. 2026-01-01. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);

/** Judges the clock. */
export function judgeClock(clock: ClockState, nowMs: number): Judgement {
  const now = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_MS) {
    return problem(
      `it is ${now} here: the clock is wrong`,
      "set the clock, and switch a time service on",
    );
  }
  if (clock.isSynchronised === null) {
    return warning(
      `it is ${now} here; whether a time service keeps the clock right is unknown`,
      "make sure that one does: footage is found by its time",
    );
  }
  if (clock.isSynchronised) return fine(`synchronised (${clock.source}); it is ${now}`);
  return warning(
    `it is ${now} here; no time service has set the clock (${clock.source})`,
    "switch one on (timedatectl set-ntp true), and let it reach its server",
  );
}

/**
 * Open files that a recording process needs: measured 37 for itself and 16 for
 * each camera (sockets, pipes to two ffmpegs, recording, log, still), and room
 * for exports and viewers.
 */
const FILES_BASE = 128;
const FILES_PER_CAMERA = 24;

/** Judges the open-file limit of a process like this one. Null is unknown. */
export function judgeOpenFiles(limit: number | null, cameras: number): Judgement {
  const needed = FILES_BASE + FILES_PER_CAMERA * cameras;
  const need = `${countOf(cameras)} ${cameras === 1 ? "needs" : "need"} about ${needed}`;
  if (limit === null) return fine(`the limit could not be read; ${need}`);
  const says = `${limit} files may be open; ${need}`;
  if (limit >= needed) return fine(says);
  return problem(says, "raise it: LimitNOFILE= in the service's unit, or ulimit -n in the shell");
}

/**
 * Memory that recording takes, in bytes: measured 120 MB for itself, and for each
 * camera 24 MB in its Worker and 60 MB in each of two ffmpegs.
 */
const MEMORY_BASE = 120_000_000;
const MEMORY_PER_CAMERA = 144_000_000;

export interface MemoryState {
  /** What programs can still get, in bytes. */
  readonly availableBytes: number;
  readonly totalBytes: number;
}

/**
 * Judges the memory.
 *
 * @param toStart Cameras that would still have to be started: none of those
 * that record already.
 */
export function judgeMemory(
  { availableBytes, totalBytes }: MemoryState,
  toStart: number,
): Judgement {
  const neededBytes = toStart === 0 ? 0 : MEMORY_BASE + MEMORY_PER_CAMERA * toStart;
  const need = `; ${countOf(toStart)} ${toStart === 1 ? "needs" : "need"} about ${
    megabytes(neededBytes)
  }`;
  const says = `${megabytes(availableBytes)} of ${megabytes(totalBytes)} available` +
    (toStart === 0 ? "" : need);
  if (availableBytes < Math.max(neededBytes, MEMORY_BASE)) {
    return problem(says, "add memory, end other programs, or record fewer cameras");
  }
  if (availableBytes < neededBytes * 1.5) {
    return warning(says, "keep other programs off this machine, or record fewer cameras");
  }
  return fine(says);
}

function countOf(cameras: number): string {
  return cameras === 1 ? "1 camera" : `${cameras} cameras`;
}

function megabytes(sizeBytes: number): string {
  return `${Math.round(sizeBytes / 1e6)} MB`;
}
