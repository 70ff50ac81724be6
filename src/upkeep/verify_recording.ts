/**
 * Reads a batch's recording again and compares it with its row: length, SHA-256,
 * and whether the file says that it is this batch.
 *
 * Not here: where in the file something is wrong (recording_damage.ts).
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Batch } from "../model/batch.ts";
import { type Finding, withinBatch } from "./fault.ts";
import { hashRange, type Pace } from "./paced_read.ts";
import { findDamage } from "./recording_damage.ts";
import { footageOf, HEAD_BYTES, readHead } from "./recording_head.ts";
import { scanRecording } from "./recording_scan.ts";

/** @throws What `pace` throws. A disk that gives an error is a finding. */
export async function verifyRecording(root: string, batch: Batch, pace: Pace): Promise<Finding[]> {
  const path = join(root, batch.recordingPath);
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const long = size > batch.recordingBytes ? tooLong(path, batch, size) : [];
    if (size < batch.recordingBytes) return [tooShort(path, batch, size)];
    const whole = { fromByte: 0, toByte: batch.recordingBytes };
    const read = await hashRange(file, whole, { pace, headBytes: HEAD_BYTES });
    if (batch.seals === null) {
      return [...long, ...structureOf(path, batch), ...labelOf(read, batch)];
    }
    if (read.sha256 !== batch.seals.recordingSha256) return [...long, ...findDamage(path, batch)];
    return [...long, ...labelOf(read, batch)];
  } catch (error) {
    if (error instanceof DOMException) throw error;
    if (error instanceof Deno.errors.NotFound) {
      return [{ kind: "recording-missing", detail: "there is no such file" }];
    }
    const detail = `it can't be read: ${messageOf(error)}`;
    return [{ kind: "recording-unreadable", detail }];
  }
}

/**
 * Bytes behind the seal were put there by somebody. A file without one is as a crash
 * left it: its row counts up to what can't be read, and nothing was cut off.
 */
function tooLong(path: string, { recordingBytes }: Batch, size: number): Finding[] {
  if (scanRecording(path).seal === undefined) return [];
  return [{
    kind: "recording-long",
    bytes: { fromByte: recordingBytes, toByte: size },
    detail: `it has ${size - recordingBytes} bytes behind its end`,
  }];
}

function tooShort(path: string, batch: Batch, size: number): Finding {
  const missing = { fromByte: size, toByte: batch.recordingBytes };
  const detail = `${batch.recordingBytes - size} bytes are missing at its end`;
  const { label, init, fragments } = scanRecording(path);
  if (label === undefined || init === undefined) {
    return { kind: "recording-short", bytes: missing, detail };
  }
  const video = fragments.flatMap((fragment) => fragment.video);
  // What remains is all footage where only the seal was cut off.
  const fromMs = (footageOf(video.slice(-1), { label, init })?.toMs ?? -Infinity) + batch.shiftMs;
  const window = withinBatch(batch, { fromMs, toMs: batch.endMs });
  return { kind: "recording-short", bytes: missing, detail, window };
}

/** All that can be said of a file that was recorded before there were hashes. */
function structureOf(path: string, batch: Batch): Finding[] {
  const { fault, wholeBytes, sizeBytes, fragments } = scanRecording(path);
  const frames = fragments.reduce((sum, { video }) => sum + video.length, 0);
  if (fault !== undefined) {
    const bytes = { fromByte: wholeBytes, toByte: sizeBytes };
    return [{ kind: "recording-damaged", bytes, detail: fault }];
  }
  if (frames === batch.frameCount) return [];
  const detail = `it has ${frames} of ${batch.frameCount} frames`;
  return [{ kind: "recording-damaged", detail }];
}

/** A whole file in the wrong place, or a row that was altered. */
function labelOf({ head }: { readonly head: Uint8Array }, batch: Batch): Finding[] {
  const label = readHead(head)?.label;
  if (label === undefined) {
    return [{ kind: "label", detail: "it does not say whose footage it is" }];
  }
  const said = [label.cameraId, label.run, label.startingFrameId];
  const wanted = [batch.cameraId, batch.run, batch.startingFrameId];
  if (said.every((value, index) => value === wanted[index])) return [];
  const [of, from] = [said, wanted].map(([camera, run, frame]) =>
    `camera ${camera}, run ${run}, frames from ${frame} on`
  );
  return [{ kind: "label", detail: `it says that it is ${of}; its row says ${from}` }];
}
