/**
 * Reads a batch's part of the frame log again and compares it with its row. Where
 * it differs, the recording tells what the line of each frame was
 * (recorded_frames.ts); what was seen in frames stands in the log alone.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { readBatchFrames } from "../footage/frame_reader.ts";
import { sha256OfText } from "../host/hash.ts";
import type { Batch } from "../model/batch.ts";
import { type Finding, withinBatch } from "./fault.ts";
import { type LogLine, oddLines } from "./odd_lines.ts";
import { hashRange, type Pace } from "./paced_read.ts";
import { type RecordedFrames, recordedFrames } from "./recorded_frames.ts";
import { scanRecording } from "./recording_scan.ts";

/**
 * @param isRecordingWhole Whether the batch's recording is what it was: then it can tell the lines.
 *
 * @throws What `pace` throws. A disk that gives an error is a finding.
 */
export async function verifyLog(
  root: string,
  batch: Batch,
  options: { readonly pace: Pace; readonly isRecordingWhole: boolean },
): Promise<Finding[]> {
  const { framesOffset, framesBytes, seals } = batch;
  const range = { fromByte: framesOffset, toByte: framesOffset + framesBytes };
  try {
    using file = await Deno.open(join(root, batch.framesPath));
    const { size } = await file.stat();
    if (size < range.toByte) {
      const missing = { fromByte: Math.max(size, framesOffset), toByte: range.toByte };
      const detail = `it ends ${range.toByte - size} bytes before the end of the batch's lines`;
      return [{ kind: "frames-short", bytes: missing, detail }];
    }
    const { pace, isRecordingWhole } = options;
    const read = await hashRange(file, range, { pace, headBytes: 0 });
    if (seals === null) return await structureOf(root, batch);
    if (read.sha256 === seals.framesSha256) return [];
    const bytes = new Uint8Array(framesBytes);
    await file.seek(framesOffset, Deno.SeekMode.Start);
    for (let filled = 0; filled < framesBytes;) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return changedLines(bytes, batch, isRecordingWhole ? linesOf(root, batch) : undefined);
  } catch (error) {
    if (error instanceof DOMException) throw error;
    if (error instanceof Deno.errors.NotFound) {
      return [{ kind: "frames-missing", detail: "there is no such file" }];
    }
    return [{ kind: "frames-unreadable", detail: `it can't be read: ${messageOf(error)}` }];
  }
}

async function structureOf(root: string, batch: Batch): Promise<Finding[]> {
  const read = await readBatchFrames(root, batch);
  return read.ok ? [] : [{ kind: "frames-damaged", detail: read.problem }];
}

/** The lines of the batch's frames; undefined where the recording does not have just these. */
function linesOf(root: string, batch: Batch): RecordedFrames | undefined {
  const { label, init, fragments } = scanRecording(join(root, batch.recordingPath));
  if (label === undefined || init === undefined) return undefined;
  const recorded = recordedFrames({ label, init }, fragments.flatMap(({ video }) => video));
  const isOfBatch = label.startingFrameId === batch.startingFrameId &&
    recorded.frames.length === batch.frameCount;
  return isOfBatch ? recorded : undefined;
}

function changedLines(
  bytes: Uint8Array,
  batch: Batch,
  recorded: RecordedFrames | undefined,
): Finding[] {
  // Where the log has nothing but frames, each byte is known.
  const isAll = recorded !== undefined &&
    sha256OfText(recorded.lines.join("")) === batch.seals?.framesSha256;
  const changed = isAll
    ? differingLines(bytes, recorded, batch.startingFrameId)
    : oddLines(bytes, batch, recorded?.lines);
  if (changed.length === 0) {
    const toByte = batch.framesOffset + batch.framesBytes;
    return [{
      kind: "frames-damaged",
      bytes: { fromByte: batch.framesOffset, toByte },
      detail: "its bytes have changed; the recording can't tell which",
    }];
  }
  return joinLines(changed).map(({ lines }) => toFinding(lines, batch, recorded));
}

function toFinding(
  lines: readonly LogLine[],
  batch: Batch,
  recorded: RecordedFrames | undefined,
): Finding {
  const [first, last] = [lines[0]!, lines.at(-1)!];
  const { framesOffset, startingFrameId, shiftMs } = batch;
  const detail = first.frameId !== last.frameId
    ? `the lines of frames ${first.frameId} to ${last.frameId} have changed`
    : first.isSight
    ? `what was seen, behind the line of frame ${first.frameId}, has changed`
    : `the line of frame ${first.frameId} has changed`;
  const timeOf = (frameId: number, otherwise: number) =>
    (recorded?.frames[frameId - startingFrameId]?.atMs ?? otherwise) + shiftMs;
  const window = withinBatch(batch, {
    fromMs: timeOf(first.frameId, -Infinity),
    toMs: timeOf(last.frameId + 1, Infinity),
  });
  const bytes = { fromByte: framesOffset + first.fromByte, toByte: framesOffset + last.toByte };
  return { kind: "frames-damaged", bytes, detail, window };
}

/** Lines whose bytes are not the written ones. */
function differingLines(
  bytes: Uint8Array,
  { lines }: RecordedFrames,
  startingFrameId: number,
): LogLine[] {
  const encoder = new TextEncoder();
  const found: LogLine[] = [];
  let fromByte = 0;
  for (const [index, text] of lines.entries()) {
    const wanted = encoder.encode(text);
    const toByte = fromByte + wanted.length;
    if (!wanted.every((byte, at) => byte === bytes[fromByte + at])) {
      found.push({ fromByte, toByte, frameId: startingFrameId + index, isSight: false });
    }
    fromByte = toByte;
  }
  return found;
}

/** Lines that lie one behind the other are one finding. */
function joinLines(lines: readonly LogLine[]): { readonly lines: readonly LogLine[] }[] {
  const joined: { lines: LogLine[] }[] = [];
  for (const line of lines) {
    const last = joined.at(-1)?.lines;
    if (last?.at(-1)?.toByte === line.fromByte) last!.push(line);
    else joined.push({ lines: [line] });
  }
  return joined;
}
