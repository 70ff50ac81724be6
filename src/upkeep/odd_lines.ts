/**
 * Finds the lines of a damaged frame log that can't be what was written: the best
 * that can be said where the log holds more than a recording tells.
 *
 * Pure.
 *
 * @module
 */

import type { Batch } from "../model/batch.ts";
import { parseFrameLine } from "../model/frame.ts";
import { parseSightLine } from "../model/sight_line.ts";
import type { ByteRange } from "./fault.ts";

/** A line of the log, in bytes from the beginning of the batch's part. */
export interface LogLine extends ByteRange {
  /** Its frame; of a line that says what was seen, the frame whose line is before it. */
  readonly frameId: number;
  readonly isSight: boolean;
}

/** Less than this share of lines that are as the recording has them is another version's hand. */
const KNOWN_SHARE = 0.5;

const LINE_END = 0x0a;

interface TextLine extends ByteRange {
  readonly text: string;
}

/**
 * @param bytes The batch's part of the log, as it is now.
 * @param written The lines of the batch's frames with their ends, as its recording tells them.
 */
export function oddLines(
  bytes: Uint8Array,
  batch: Batch,
  written: readonly string[] = [],
): LogLine[] {
  const lines = splitLines(bytes);
  const known = new Set(written.map((line) => line.trimEnd()));
  const equal = lines.filter(({ text }) => known.has(text)).length;
  const isKnown = known.size > 0 && equal >= known.size * KNOWN_SHARE;
  const found: LogLine[] = [];
  let odd: TextLine[] = [];
  let nextId = batch.startingFrameId;
  for (const line of lines) {
    const id = frameIdOf(line.text, batch);
    const isRight = isKnown ? known.has(line.text) : id === nextId || odd.length > 0;
    if (id !== undefined && id >= nextId && isRight) {
      found.push(...named(odd, { nextId, endId: id }));
      odd = [];
      nextId = id + 1;
    } else if (parseSightLine(line.text)?.cameraId !== batch.cameraId) odd.push(line);
  }
  found.push(...named(odd, { nextId, endId: batch.endingFrameId + 1 }));
  return found;
}

function frameIdOf(text: string, { cameraId, run, endingFrameId }: Batch): number | undefined {
  const frame = parseFrameLine(text);
  const isOwn = frame?.cameraId === cameraId && frame.run === run &&
    frame.frameId <= endingFrameId;
  return isOwn ? frame.frameId : undefined;
}

/** Odd lines between two frames: those of the frames between them, and what was seen. */
function named(
  odd: readonly TextLine[],
  { nextId, endId }: { readonly nextId: number; readonly endId: number },
): LogLine[] {
  return odd.map(({ fromByte, toByte }, index) => {
    const isSight = nextId + index >= endId;
    const frameId = isSight ? endId - 1 : nextId + index;
    return { fromByte, toByte, frameId, isSight };
  });
}

function splitLines(bytes: Uint8Array): TextLine[] {
  const decoder = new TextDecoder();
  const lines: TextLine[] = [];
  for (let fromByte = 0; fromByte < bytes.length;) {
    const end = bytes.indexOf(LINE_END, fromByte);
    const toByte = end < 0 ? bytes.length : end + 1;
    const text = decoder.decode(bytes.subarray(fromByte, end < 0 ? toByte : end));
    lines.push({ fromByte, toByte, text });
    fromByte = toByte;
  }
  return lines;
}
