/**
 * Reads everything of one batch again and compares it with its row: the recording
 * and the batch's part of the frame log. One flipped byte is found, and named.
 *
 * In:   a row; files below the storage root.
 * Out:  faults, with file, place and time.
 * Not here: whether the row itself is right (chain_check.ts), which batches (verify_archive.ts).
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import type { Batch } from "../model/batch.ts";
import { type Fault, faultOf } from "./fault.ts";
import type { Pace } from "./paced_read.ts";
import { verifyLog } from "./verify_log.ts";
import { verifyRecording } from "./verify_recording.ts";

/**
 * @param pace Told of the bytes as they are read.
 * @returns Nothing for a batch that is what it was. Of one without seals only the structure is known.
 *
 * @throws {DOMException} What `pace` throws to end it.
 */
export async function verifyBatch(root: string, batch: Batch, pace: Pace): Promise<Fault[]> {
  const recording = await verifyRecording(root, batch, pace);
  const isRecordingWhole = recording.length === 0;
  const log = await verifyLog(root, batch, { pace, isRecordingWhole });
  return [
    ...recording.map((finding) => faultOf(batch, batch.recordingPath, finding)),
    ...log.map((finding) => faultOf(batch, batch.framesPath, finding)),
  ];
}

/** Bytes that verifying a batch reads. */
export function bytesOf({ recordingBytes, framesBytes }: Batch): number {
  return recordingBytes + framesBytes;
}
