/**
 * Footage of an archive that can really be cut: recording files and frame log of one
 * camera for a while, written by the code that records, and the rows that name them.
 *
 * In:   the stream of a clip, repeated in unbroken stream time; rows that are there
 *       already (archive_rows.ts). Out: files below the root; the rows say what they are.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import { BatchFile } from "../capture/batch_file.ts";
import { FrameLogPart } from "../capture/frame_log.ts";
import type { Fragment } from "../media/fragment_stream.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import { frameLogPath, recordingPath } from "../model/paths.ts";
import { recordedFrames } from "../upkeep/recorded_frames.ts";
import { ARCHIVE_CLIP_SECONDS, laterFragment, type RecordedStream } from "./archive_clip.ts";
import { ARCHIVE_START_MS, type ArchiveDatabase, firstFrameAt } from "./archive_rows.ts";
import { CLIP_FPS } from "./clip.ts";

/** What is to be made. */
export interface FootageWish {
  readonly root: string;
  readonly cameraId: string;
  readonly fromMs: UnixMs;
  readonly batchMs: number;
  readonly batches: number;
}

/** What a row says of the files of its batch. */
interface BatchFiles {
  readonly startingFrameId: number;
  readonly recordingPath: string;
  readonly recordingBytes: number;
  readonly recordingSha256: string;
  readonly framesPath: string;
  readonly framesOffset: number;
  readonly framesBytes: number;
  readonly framesSha256: string;
}

/**
 * Writes the files, batch by batch, and corrects their rows.
 *
 * @returns Absolute bytes of all recording files together.
 */
export async function addFootage(
  database: ArchiveDatabase,
  stream: RecordedStream,
  wish: FootageWish,
): Promise<number> {
  const correct = database.prepare(`
    update batches set recording_path = ?, recording_bytes = ?, recording_sha256 = ?,
      frames_path = ?, frames_offset = ?, frames_bytes = ?, frames_sha256 = ?
    where camera_id = ? and starting_frame_id = ?`);
  let recordingBytes = 0;
  for (let number = 0; number < wish.batches; number += 1) {
    const startMs = unixMs(wish.fromMs + number * wish.batchMs);
    const files = await writeBatch(stream, { ...wish, startMs });
    correct.run(
      ...[files.recordingPath, files.recordingBytes, files.recordingSha256],
      ...[files.framesPath, files.framesOffset, files.framesBytes, files.framesSha256],
      ...[wish.cameraId, files.startingFrameId],
    );
    recordingBytes += files.recordingBytes;
  }
  return recordingBytes;
}

async function writeBatch(
  { start, fragments }: RecordedStream,
  wish: FootageWish & { readonly startMs: UnixMs },
): Promise<BatchFiles> {
  const { root, cameraId, startMs } = wish;
  const label: RecordingLabel = {
    cameraId,
    run: ARCHIVE_START_MS,
    startingFrameId: firstFrameAt(startMs),
    originMs: ARCHIVE_START_MS,
    geoLocation: { lat: 12.97, lon: 77.59 },
    stillsEveryMs: 1_000,
  };
  const { timescale } = start.init.video;
  const mine = fragmentsOf(fragments, { ...wish, timescale });
  const file = await BatchFile.create({ root, path: recordingPath(cameraId, startMs) }, {
    initSegment: [start.ftyp, start.moov],
    label,
  });
  for (const { bytes } of mine) await file.append(bytes);
  const recordingSha256 = await file.finish();
  const { lines } = recordedFrames(
    { label, init: start.init },
    mine.flatMap(({ samples }) => samples.video),
  );
  const log = await FrameLogPart.open(root, frameLogPath(cameraId, startMs));
  await log.append(lines.join(""));
  const framesSha256 = await log.finish();
  return {
    startingFrameId: label.startingFrameId,
    ...{ recordingPath: file.path, recordingBytes: file.sizeBytes, recordingSha256 },
    ...{ framesPath: log.path, framesOffset: log.offset, framesBytes: log.sizeBytes, framesSha256 },
  };
}

/** The clip's fragments of a batch, moved to where they lie in the stream. */
function fragmentsOf(
  fragments: readonly Fragment[],
  at: { readonly startMs: UnixMs; readonly batchMs: number; readonly timescale: number },
): Fragment[] {
  const { startMs, batchMs, timescale } = at;
  const clipMs = ARCHIVE_CLIP_SECONDS * 1_000;
  if (clipMs % batchMs !== 0) throw new RangeError(`Cannot cut the clip into ${batchMs} ms`);
  const withinMs = (startMs - ARCHIVE_START_MS) % clipMs;
  const ticksOf = (ms: number) => Math.round(ms * timescale / 1_000);
  const laterTicks = ticksOf(startMs - ARCHIVE_START_MS - withinMs);
  const mine = fragments.filter(({ samples: { video: [first] } }) =>
    first !== undefined && first.pts >= ticksOf(withinMs) && first.pts < ticksOf(withinMs + batchMs)
  );
  const frames = mine.reduce((sum, { samples }) => sum + samples.video.length, 0);
  if (frames !== batchMs / 1_000 * CLIP_FPS) {
    throw new Error(`Cannot make a batch of ${frames} frames: the clip is not as it should be`);
  }
  return mine.map((fragment) => laterFragment(fragment, laterTicks));
}
