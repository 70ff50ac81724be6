/**
 * Where things lie under the storage root. Names carry the time for people who
 * look around; what is true stands in the database and in the files.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";

/** Folder per hour: an hour of stills has 3600 files, which every file system lists fast. */
function parts(atMs: UnixMs): { readonly hour: string; readonly within: string } {
  const iso = new Date(atMs).toISOString();
  return {
    hour: `${iso.slice(0, 10)}/${iso.slice(11, 13)}`,
    // Minute, second and hundredth.
    within: `${iso.slice(14, 16)}${iso.slice(17, 19)}${iso.slice(20, 22)}`,
  };
}

/** `data/recordings/front/2026-11-21/20/570934.mp4` for a batch that begins at 20:57:09.34 UTC. */
export function recordingPath(cameraId: string, startMs: UnixMs): string {
  const { hour, within } = parts(startMs);
  return `data/recordings/${cameraId}/${hour}/${within}.mp4`;
}

/** `data/frames/front/2026-11-21/20.jsonl`: the log of the batches that begin in that hour. */
export function frameLogPath(cameraId: string, startMs: UnixMs): string {
  return `data/frames/${cameraId}/${parts(startMs).hour}.jsonl`;
}

/** `frames/front/2026-11-21/20/570900.jpg`: the still of the interval that begins at `slotMs`. */
export function stillPath(cameraId: string, slotMs: UnixMs): string {
  const { hour, within } = parts(slotMs);
  return `frames/${cameraId}/${hour}/${within}.jpg`;
}

/** Folder of a camera's event pictures. */
export function eventFolder(cameraId: string): string {
  return `data/events/${cameraId}`;
}

/**
 * `data/events/front/2026-11-21/front-1795293429000-1.jpg` and `…-1-crop.jpg`: the
 * best picture of an event, whole and cut out. The day is that of the event's start.
 */
export function eventPicturePaths(
  cameraId: string,
  event: { readonly eventId: string; readonly startMs: UnixMs },
): { readonly wholePath: string; readonly cropPath: string } {
  const day = parts(event.startMs).hour.slice(0, 10);
  const stem = `${eventFolder(cameraId)}/${day}/${event.eventId}`;
  return { wholePath: `${stem}.jpg`, cropPath: `${stem}-crop.jpg` };
}

/** Start of the still's interval that a wall time belongs to. */
export function slotOf(atMs: number, everyMs: number): UnixMs {
  return unixMs(Math.floor(atMs / everyMs) * everyMs);
}
