/**
 * Makes the frame log hold all lines of a recording that a crash left without a row.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { ensureFolder, readRange, syncFile, syncFolder, writeAll } from "../host/durable.ts";
import { Sha256 } from "../host/hash.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import { parseFrameLine } from "../model/frame.ts";
import type { BatchEntry } from "../model/ledger.ts";
import { frameLogPath } from "../model/paths.ts";
import { parseSightLine } from "../model/sight_line.ts";
import { LogIndex } from "./log_index.ts";
import { type LogTail, type PlacedLine, planLog } from "./log_plan.ts";
import type { RecordedFrames } from "./recorded_frames.ts";
import type { RepairNotes } from "./repair_notes.ts";

/** Where a batch's lines are. */
export type LogPart = Pick<
  BatchEntry,
  "framesPath" | "framesOffset" | "framesBytes" | "framesSha256"
>;

/** A part of a log that a row names. */
export type KnownPart = Pick<BatchEntry, "framesPath" | "framesOffset" | "framesBytes">;

const LINE_END = 0x0a;

/**
 * Completes the log; durable when it resolves.
 *
 * @param batch `known`: batches with rows whose lines may lie in the same log.
 * `isFollowed`: another recording without a row goes on with the next frame.
 *
 * @returns Where the lines are.
 */
export async function completeLog(
  root: string,
  batch: {
    readonly label: RecordingLabel;
    readonly recorded: RecordedFrames;
    readonly known: readonly KnownPart[];
    readonly notes: RepairNotes;
    readonly isFollowed?: boolean;
  },
): Promise<LogPart> {
  const { label, recorded: { frames, lines }, known, notes, isFollowed = false } = batch;
  const framesPath = frameLogPath(label.cameraId, frames[0]!.atMs);
  await ensureFolder(dirname(join(root, framesPath)));
  using file = await Deno.open(join(root, framesPath), { read: true, write: true, create: true });
  const { size } = await file.stat();
  const from = knownEnd(known, framesPath);
  const tail = await readTail(file, { from, size });
  const { cameraId, run, startingFrameId } = label;
  const wanted = { cameraId, run, startingFrameId, frameCount: frames.length };
  const plan = planLog(tail, { ...wanted, isFollowed });
  if (from > 0 && plan.type === "complete" && plan.offset === tail.endBytes) {
    // Its lines may lie before those of batches that got their rows: a row was lost, no crash came.
    const found = await new LogIndex(root).find(framesPath, wanted);
    if (found !== undefined) {
      await syncFile(file, join(root, framesPath));
      return found;
    }
  }
  if (tail.endBytes < size) notes.add("log-cut", framesPath, `${size - tail.endBytes} bytes`);
  if (plan.type === "elsewhere") return await writeElsewhere(root, { framesPath, lines, notes });
  if (plan.cutTo < tail.endBytes) {
    notes.add("log-cut", framesPath, `${tail.endBytes - plan.cutTo} bytes without footage`);
  }
  const missing = lines.slice(plan.appendFrom);
  if (missing.length > 0 || plan.cutTo < size) {
    await file.truncate(plan.cutTo);
    await file.seek(plan.cutTo, Deno.SeekMode.Start);
    await writeAll(file, new TextEncoder().encode(missing.join("")));
  }
  if (missing.length > 0) notes.add("log-completed", framesPath, `${missing.length} lines`);
  await syncFile(file, join(root, framesPath));
  await syncFolder(dirname(join(root, framesPath)));
  // Hashed as they are on the disk: what stood there may be of another version's hand.
  const end = plan.cutTo + byteLength(missing);
  const framesBytes = plan.appendFrom === lines.length
    ? ownEnd(tail, plan, lines)
    : end - plan.offset;
  const bytes = await readRange(file, { offset: plan.offset, sizeBytes: framesBytes });
  if (bytes === undefined) throw new Error(`Cannot read "${framesPath}" again`);
  return { framesPath, framesOffset: plan.offset, framesBytes, framesSha256: hashOf(bytes) };
}

/** Length of lines that were all there already: other batches' lines may follow them. */
function ownEnd(
  tail: LogTail,
  plan: { readonly offset: number },
  lines: readonly string[],
): number {
  const first = tail.lines.findIndex(({ offset }) => offset === plan.offset);
  const last = tail.lines[first + lines.length - 1]!;
  return last.offset + last.sizeBytes - plan.offset;
}

/** End of the last part of a log that a row names. */
function knownEnd(known: readonly KnownPart[], framesPath: string): number {
  return known.filter((each) => each.framesPath === framesPath)
    .reduce((end, { framesOffset, framesBytes }) => Math.max(end, framesOffset + framesBytes), 0);
}

/** The lines of frames in a log from a place on; what was seen goes with the frame before it. */
export async function readTail(
  file: Deno.FsFile,
  range: { readonly from: number; readonly size: number },
): Promise<LogTail> {
  const from = Math.min(range.from, range.size);
  const bytes = await readRange(file, { offset: from, sizeBytes: range.size - from }) ??
    new Uint8Array();
  const lines: PlacedLine[] = [];
  const decoder = new TextDecoder();
  let startBytes = from;
  let start = 0;
  for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
    const text = decoder.decode(bytes.subarray(start, end));
    const sizeBytes = end + 1 - start;
    const frame = parseFrameLine(text);
    const last = lines.at(-1);
    if (frame !== undefined) {
      const { frameId, run } = frame;
      lines.push({ frameId, run, offset: from + start, sizeBytes });
    } else if (parseSightLine(text) !== undefined) {
      const adjoins = last !== undefined && last.offset + last.sizeBytes === from + start;
      if (adjoins) lines[lines.length - 1] = { ...last, sizeBytes: last.sizeBytes + sizeBytes };
      else if (last === undefined && startBytes === from + start) startBytes += sizeBytes;
    }
    start = end + 1;
  }
  return { lines, startBytes, endBytes: from + start };
}

/** A log of its own beside the one of the hour: "20-2.jsonl". */
async function writeElsewhere(
  root: string,
  what: {
    readonly framesPath: string;
    readonly lines: readonly string[];
    readonly notes: RepairNotes;
  },
): Promise<LogPart> {
  const bytes = new TextEncoder().encode(what.lines.join(""));
  for (let number = 2;; number += 1) {
    const framesPath = what.framesPath.replace(/\.jsonl$/, `-${number}.jsonl`);
    try {
      using file = await Deno.open(join(root, framesPath), { write: true, createNew: true });
      await writeAll(file, bytes);
      await syncFile(file, join(root, framesPath));
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) continue;
      throw error;
    }
    await syncFolder(dirname(join(root, framesPath)));
    what.notes.add("log-completed", framesPath, `${what.lines.length} lines`);
    return { framesPath, framesOffset: 0, framesBytes: bytes.length, framesSha256: hashOf(bytes) };
  }
}

function byteLength(lines: readonly string[]): number {
  return new TextEncoder().encode(lines.join("")).length;
}

function hashOf(bytes: Uint8Array): string {
  const hash = new Sha256();
  hash.add(bytes);
  return hash.hex();
}
