/**
 * A day of one camera as its frame log has it: 2.16 million lines in 24 files, and the
 * rows that say where in them each batch lies. No recordings.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type UnixMs, unixMs } from "../base/units.ts";
import { type Frame, frameLineWriter } from "../model/frame.ts";
import { frameLogPath, slotOf, stillPath } from "../model/paths.ts";
import {
  addCameras,
  addStretch,
  ARCHIVE_START_MS,
  archiveCamera,
  DAY_MS,
  firstFrameAt,
  openArchive,
} from "./archive_rows.ts";
import { CLIP_FPS } from "./clip.ts";

const BATCH_MS = 10_000;

const HOUR_MS = 3_600_000;

const TIMESCALE = 12_800;

/** The camera whose log it is. */
export const LOGGED_CAMERA = archiveCamera(1);

export interface LoggedDay {
  readonly lines: number;
  readonly bytes: number;
}

/**
 * Writes the log and the rows.
 *
 * @param hours How many of the day's hours; the rows are always those of a day.
 */
export async function makeLoggedDay(root: string, hours = 24): Promise<LoggedDay> {
  await Deno.mkdir(join(root, "data"));
  const database = openArchive(root);
  try {
    addCameras(database, 1);
    const toMs = unixMs(ARCHIVE_START_MS + DAY_MS);
    addStretch(database, { cameras: 1, fromMs: ARCHIVE_START_MS, toMs, batchMs: BATCH_MS });
    const place = database.prepare(
      "update batches set frames_offset = ?, frames_bytes = ? where starting_frame_id = ?",
    );
    let bytes = 0;
    for (let hour = 0; hour < hours; hour += 1) {
      const parts = hourOfParts(unixMs(ARCHIVE_START_MS + hour * HOUR_MS));
      const path = join(root, frameLogPath(LOGGED_CAMERA, parts[0]!.startMs));
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, parts.map(({ text }) => text).join(""));
      let offset = 0;
      database.exec("begin");
      for (const { startMs, text } of parts) {
        // Lines are ASCII: as many bytes as characters.
        place.run(offset, text.length, firstFrameAt(startMs));
        offset += text.length;
      }
      database.exec("commit");
      bytes += offset;
    }
    return { lines: hours * HOUR_MS / 1_000 * CLIP_FPS, bytes };
  } finally {
    database.close();
  }
}

interface LogPart {
  readonly startMs: UnixMs;
  readonly text: string;
}

function hourOfParts(fromMs: UnixMs): LogPart[] {
  const toLine = frameLineWriter({
    cameraId: LOGGED_CAMERA,
    geoLocation: { lat: 12.97, lon: 77.59 },
    run: ARCHIVE_START_MS,
    timescale: TIMESCALE,
  });
  return Array.from({ length: HOUR_MS / BATCH_MS }, (_, number) => {
    const startMs = unixMs(fromMs + number * BATCH_MS);
    const first = firstFrameAt(startMs);
    const frames = Array.from(
      { length: BATCH_MS / 1_000 * CLIP_FPS },
      (_, index) => frameAt(first + index),
    );
    return { startMs, text: frames.map(toLine).join("") };
  });
}

function frameAt(frameId: number): Frame {
  const atMs = unixMs(ARCHIVE_START_MS + (frameId - 1) * 1_000 / CLIP_FPS);
  const isKey = (frameId - 1) % CLIP_FPS === 0;
  return {
    ...{ frameId, atMs, isKey },
    imagePath: stillPath(LOGGED_CAMERA, slotOf(atMs, 1_000)),
    sizeBytes: isKey ? 106_005 : 16_200 + frameId % 1_000,
    pts: (frameId - 1) * TIMESCALE / CLIP_FPS,
    duration: TIMESCALE / CLIP_FPS,
  };
}
