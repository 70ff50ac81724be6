/**
 * Instants as people read them, and as names of files have them.
 *
 * Pure. Not here: what people type (written_instant.ts, instant.ts).
 *
 * @module
 */

import { isoUtc, type UnixMs } from "../base/units.ts";

/**
 * An instant for people, in local time and in UTC:
 * "2026-11-21 21:57:09.340 +01:00 Europe/Berlin (2026-11-21T20:57:09.340Z)".
 * Local milliseconds are left out when they are zero.
 */
export function describeInstant(atMs: UnixMs, timeZone: string): string {
  const zoned = zonedAt(atMs, timeZone);
  const smallestUnit = zoned.millisecond === 0 ? "second" : "millisecond";
  const local = zoned.toPlainDateTime().toString({ smallestUnit }).replace("T", " ");
  return `${local} ${zoned.offset} ${zoned.timeZoneId} (${isoUtc(atMs)})`;
}

/** An instant for names of files, in UTC to the second: "20261121T205709Z". */
export function compactUtc(atMs: UnixMs): string {
  return isoUtc(atMs).replace(/\.\d+Z$/, "Z").replaceAll(/[-:]/g, "");
}

/** The same to the millisecond: "20261121T205709340Z". */
export function compactMs(atMs: UnixMs): string {
  return isoUtc(atMs).replaceAll(/[-:.]/g, "");
}

/** What the clocks of a zone show at an instant. */
export function zonedAt(atMs: UnixMs, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
}
