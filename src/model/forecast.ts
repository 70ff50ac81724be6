/**
 * Says how many days of footage the limits will hold at the present rate.
 *
 * In:   limits, what each camera takes up and records, the disk.
 * Out:  days for each camera, which limit decides, and whether that is less than
 *       was promised with `days`. Footage that is kept longer for its events takes
 *       its room first.
 * Not here: measuring (app/retention_outlook.ts).
 *
 * Pure.
 *
 * @module
 */

import {
  ageLimit,
  type DiskRoom,
  eventsLimit,
  keepFreeBytes,
  type RetentionRules,
} from "./retention.ts";

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
  /** Of the recent bytes, those of batches with events; left out where there are none. */
  readonly recentEventBytes?: number;
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
  /** Days that footage with events is kept for; left out where that is no longer than the rest. */
  readonly eventsDays?: number;
}

/** One camera on the way to its forecast. */
interface Part {
  readonly cameraId: string;
  readonly bytesPerDay: number;
  /** Of these, bytes that are kept for `eventsDays` before all others. */
  readonly eventBytesPerDay: number;
  readonly eventsDays: number;
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
  return parts.map((part) => {
    const { cameraId, bytesPerDay, promisedDays, ownDays, ownLimit, eventsDays } = part;
    const isShared = sharedDays < ownDays;
    const days = Math.min(ownDays, sharedDays);
    const isKnown = bytesPerDay > 0 && Number.isFinite(days);
    return {
      cameraId,
      days: isKnown ? days : null,
      limit: isKnown ? (isShared ? shared.limit : ownLimit) : null,
      promisedDays,
      isShort: isKnown && promisedDays !== null && days < promisedDays * (1 - TOLERANCE),
      ...(eventsDays > 0 ? { eventsDays } : {}),
    };
  });
}

function partOf(rate: CameraRate, rules: RetentionRules): Part {
  const { cameraId, recentBytes, recentEventBytes = 0, recentMs, heldBytes } = rate;
  const perDay = (bytes: number) => recentMs > 0 ? bytes / recentMs * DAY_MS : 0;
  const bytesPerDay = perDay(recentBytes);
  const ageMs = ageLimit(rules, cameraId);
  const promisedDays = ageMs === null ? null : ageMs / DAY_MS;
  const ageDays = promisedDays ?? Infinity;
  const keptDays = (eventsLimit(rules, cameraId) ?? 0) / DAY_MS;
  // Where all footage is kept as long as that, events change nothing.
  const eventsDays = keptDays > ageDays || ageMs === null ? keptDays : 0;
  const eventBytesPerDay = eventsDays > 0 ? perDay(recentEventBytes) : 0;
  const flow = { bytesPerDay, eventBytesPerDay, eventsDays };
  const maxBytes = rules.cameras.get(cameraId)?.maxBytes ?? null;
  const sizeDays = maxBytes === null || bytesPerDay === 0
    ? Infinity
    : daysWithin([{ ...flow, ownDays: Infinity }], maxBytes - heldBytes);
  const ownLimit = sizeDays < ageDays ? "size" : promisedDays === null ? null : "age";
  return { cameraId, ...flow, promisedDays, ownDays: Math.min(ageDays, sizeDays), ownLimit };
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

/** What takes up room while footage reaches from one number of days back to another. */
interface Stretch {
  readonly fromDays: number;
  readonly toDays: number;
  readonly bytesPerDay: number;
}

/** A camera's footage without events up to its limit, and that with events beyond theirs. */
function stretchesOf(part: Flow): Stretch[] {
  const { bytesPerDay, eventBytesPerDay, eventsDays, ownDays } = part;
  return [
    { fromDays: 0, toDays: ownDays, bytesPerDay: bytesPerDay - eventBytesPerDay },
    { fromDays: eventsDays, toDays: ownDays, bytesPerDay: eventBytesPerDay },
  ];
}

type Flow = Pick<Part, "bytesPerDay" | "eventBytesPerDay" | "eventsDays" | "ownDays">;

/**
 * Days that fit into bytes that all share, where the oldest goes first: all
 * cameras reach back equally far, but for those whose own limits are shorter. What
 * is kept for events has its room before.
 */
function daysWithin(parts: readonly Flow[], bytes: number): number {
  const forEvents = parts.reduce((sum, part) => sum + part.eventBytesPerDay * part.eventsDays, 0);
  const stretches = parts.flatMap(stretchesOf);
  const edges = stretches.flatMap(({ fromDays, toDays }) => [fromDays, toDays]);
  let leftBytes = Math.max(0, bytes - forEvents);
  let days = 0;
  while (true) {
    const rate = stretches.filter(({ fromDays, toDays }) => fromDays <= days && days < toDays)
      .reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0);
    const edge = edges.reduce((least, at) => at > days && at < least ? at : least, Infinity);
    if (rate > 0 && (edge - days) * rate > leftBytes) return days + leftBytes / rate;
    if (edge === Infinity) return Infinity;
    leftBytes -= (edge - days) * rate;
    days = edge;
  }
}
