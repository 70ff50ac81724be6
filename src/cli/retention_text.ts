/**
 * What `lookback status` says of how long footage is kept: lines for people, keys
 * for programs.
 *
 * Pure.
 *
 * @module
 */

import type { CameraOutlook, RetentionOutlook } from "../app/retention_outlook.ts";
import type { DecidingLimit } from "../model/forecast.ts";
import { formatBytes } from "./terminal.ts";

const LIMIT_TEXTS: Readonly<Record<DecidingLimit, string>> = {
  "age": "its age limit (retention.days)",
  "size": "the camera's size limit (cameras[].retention.max_size)",
  "size-of-all": "the size limit of all cameras (retention.max_size)",
  "free-space": "the room that is kept free on the disk (retention.keep_free)",
};

/** Lines below a camera. */
export function outlookLines(outlook: CameraOutlook): string[] {
  const { forecast, heldBytes } = outlook;
  const { days, limit, promisedDays, isShort, eventsDays } = forecast;
  const lines: string[] = [];
  if (days !== null && limit !== null) {
    lines.push(`  keeps   about ${shownDays(days)} at this rate, up to ${LIMIT_TEXTS[limit]}`);
  }
  if (eventsDays !== undefined) {
    lines.push(
      `  events  footage with events ${shownDays(eventsDays)} (retention.events_days), ` +
        "as long as there is other footage to delete for room",
    );
  }
  if (isShort && days !== null && promisedDays !== null) {
    lines.push(
      `  warning ${shownDays(promisedDays)} are promised, ${shownDays(days)} will be held: ` +
        "give it more room, or lower bit rate or days",
    );
  }
  if (heldBytes > 0) lines.push(`  held    ${formatBytes(heldBytes)}, not deleted until released`);
  return lines;
}

/** Lines about all cameras. */
export function holdLines({ holds: { holds, unreadable }, disk }: RetentionOutlook): string[] {
  const names = holds.map(({ name }) => name).join(", ");
  return [
    `disk: ${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} free`,
    ...(holds.length > 0 ? [`holds: ${names} (lookback hold --list)`] : []),
    ...unreadable.map((path) => `warning: ${path} can't be read, so nothing is deleted`),
  ];
}

/** What of it is recorded, for programs: the same whenever it is asked for. */
export function usageJson(outlook: CameraOutlook | undefined): Record<string, unknown> {
  return {
    used_bytes: outlook?.usedBytes ?? 0,
    held_bytes: outlook?.heldBytes ?? 0,
    promised_days: outlook?.forecast.promisedDays ?? null,
    promised_event_days: outlook?.forecast.eventsDays ?? null,
  };
}

/** What of it changes by the minute, for programs, and the holds. */
export function outlookJson({ cameras, holds, disk }: RetentionOutlook): Record<string, unknown> {
  return {
    free_bytes: disk.freeBytes,
    holds: holds.holds.map(({ name }) => name),
    unreadable_holds: holds.unreadable,
    cameras: [...cameras].map(([cameraId, { forecast: { days, limit, isShort } }]) => ({
      camera_id: cameraId,
      days: days === null ? null : Number(days.toFixed(2)),
      limit,
      less_than_promised: isShort,
    })),
  };
}

function shownDays(days: number): string {
  if (days >= 10) return `${Math.round(days)} days`;
  return days >= 1 ? `${days.toFixed(1)} days` : `${(days * 24).toFixed(1)} hours`;
}
