/**
 * Says how many days of footage the limits will hold at the present rate.
 *
 * In:   limits, what each camera takes up and records, the disk.
 * Out:  days for each camera, which limit decides, and whether that is less than
 *       was promised with `days`.
 * Not here: measuring (app/retention_outlook.ts).
 *
 * Pure.
 *
 * @module
 */

import { ageLimit, type DiskRoom, keepFreeBytes, type RetentionRules } from "./retention.ts";

const DAY_MS = 86_400_000;

/** Rates differ from day to day: less than this short of the promise is no warning. */
const TOLERANCE = 0.02;

/** A camera's footage as it is, and how fast it grows. */
export interface CameraRate {
  readonly cameraId: string;
  readonly usedBytes: number;
  /** Of these, bytes that holds keep. */
  readonly heldBytes: number;
  /** Bytes that were recorded within `recentMs`. */
  readonly recentBytes: number;
  readonly recentMs: number;
}

/** What ends footage: "age" and "size" are limits of the settings, "free-space" is the disk. */
export type DecidingLimit = "age" | "size" | "size-of-all" | "free-space";

export interface Forecast {
  readonly cameraId: string;
  /** Days that will be held; null where nothing is recorded now or the disk has no end. */
  readonly days: number | null;
  readonly limit: DecidingLimit | null;
  /** Days that the settings promise; null where they name none. */
  readonly promisedDays: number | null;
  /** True when clearly less than promised will be held. */
  readonly isShort: boolean;
}

/** One camera on the way to its forecast. */
interface Part {
  readonly cameraId: string;
  readonly bytesPerDay: number;
  readonly promisedDays: number | null;
  /** Days that the camera's own limits allow. */
  readonly ownDays: number;
  readonly ownLimit: DecidingLimit | null;
}

/** How long footage of each camera will be kept. */
export function forecast(
  rates: readonly CameraRate[],
  rules: RetentionRules,
  disk: DiskRoom,
): Forecast[] {
  const parts = rates.map((rate) => partOf(rate, rules));
  const shared = sharedBudget(rates, rules, disk);
  const sharedDays = daysWithin(parts, shared.bytes);
  return parts.map(({ cameraId, bytesPerDay, promisedDays, ownDays, ownLimit }) => {
    const isShared = sharedDays < ownDays;
    const days = Math.min(ownDays, sharedDays);
    const isKnown = bytesPerDay > 0 && Number.isFinite(days);
    return {
      cameraId,
      days: isKnown ? days : null,
      limit: isKnown ? (isShared ? shared.limit : ownLimit) : null,
      promisedDays,
      isShort: isKnown && promisedDays !== null && days < promisedDays * (1 - TOLERANCE),
    };
  });
}

function partOf(rate: CameraRate, rules: RetentionRules): Part {
  const { cameraId, recentBytes, recentMs, heldBytes } = rate;
  const bytesPerDay = recentMs > 0 ? recentBytes / recentMs * DAY_MS : 0;
  const ageMs = ageLimit(rules, cameraId);
  const promisedDays = ageMs === null ? null : ageMs / DAY_MS;
  const maxBytes = rules.cameras.get(cameraId)?.maxBytes ?? null;
  const sizeDays = maxBytes === null || bytesPerDay === 0
    ? Infinity
    : Math.max(0, maxBytes - heldBytes) / bytesPerDay;
  const ageDays = promisedDays ?? Infinity;
  const ownLimit = sizeDays < ageDays ? "size" : promisedDays === null ? null : "age";
  return { cameraId, bytesPerDay, promisedDays, ownDays: Math.min(ageDays, sizeDays), ownLimit };
}

/** What all cameras together may take up beside what is held, and which limit says so. */
function sharedBudget(
  rates: readonly CameraRate[],
  rules: RetentionRules,
  disk: DiskRoom,
): { readonly bytes: number; readonly limit: DecidingLimit } {
  const sum = (of: (rate: CameraRate) => number) =>
    rates.reduce((total, rate) => total + of(rate), 0);
  const heldBytes = sum((rate) => rate.heldBytes);
  const { maxBytes, keepFree } = rules.all;
  const onDisk = sum((rate) => rate.usedBytes) + disk.freeBytes - keepFreeBytes(keepFree, disk);
  return maxBytes !== null && maxBytes < onDisk
    ? { bytes: maxBytes - heldBytes, limit: "size-of-all" }
    : { bytes: onDisk - heldBytes, limit: "free-space" };
}

/**
 * Days that fit into bytes that all share, where the oldest goes first: all
 * cameras reach back equally far, but for those whose own limits are shorter.
 */
function daysWithin(parts: readonly Part[], bytes: number): number {
  const steps = parts.toSorted((one, other) => one.ownDays - other.ownDays);
  let leftBytes = Math.max(0, bytes);
  let rate = steps.reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0);
  for (const { ownDays, bytesPerDay } of steps) {
    if (rate <= 0 || ownDays * rate > leftBytes) break;
    leftBytes -= ownDays * bytesPerDay;
    rate -= bytesPerDay;
  }
  return rate > 0 ? leftBytes / rate : Infinity;
}
