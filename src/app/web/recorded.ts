/**
 * What a playlist of recorded footage is made of: which bytes of which recordings,
 * in pieces that a player can begin at. Nothing is encoded, and of long stretches
 * no recording is read.
 *
 * In:   batches of a window, and where groups of pictures lie in their files.
 * Out:  parts for web/recorded_playlist.ts.
 *
 * A window of up to an hour is given in pieces of 2 s, so that a player that jumps
 * fetches little. In a longer one a batch is one piece, as its row has it, and only
 * batches at the edges, and those that are long, are looked into.
 *
 * @module
 */

import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import { GAP_TOLERANCE_MS } from "../../footage/plan.ts";
import { MalformedMedia } from "../../media/boxes.ts";
import type { Batch } from "../../model/batch.ts";
import type { TimeWindow } from "../../model/window.ts";
import { windowLengthMs } from "../../model/window.ts";
import { LONGEST_BATCH_MS } from "../../store/reader.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type { RecordedGroup, RecordedPart, RecordedStretch } from "../../web/doors.ts";
import { Turns } from "./turns.ts";
import type { BatchGroups, Group, GroupIndex, Head } from "./groups.ts";

const log = logger("web");

/** Windows up to this long are looked into batch by batch, in milliseconds. */
const FINE_WINDOW_MS = 3_600_000;

/** Least length of a piece in such a window, and in a longer one, in milliseconds. */
const FINE_PIECE_MS = 2_000;
const COARSE_PIECE_MS = 10_000;

/** A batch that is longer is never one piece, in milliseconds. */
const LONGEST_PIECE_MS = 30_000;

/** Rows of so long a time are read in one go, in milliseconds: 720 of the usual length. */
const READ_MS = 2 * 3_600_000;

export async function recordedIn(
  reader: TimelineReader,
  groups: GroupIndex,
  asked: { readonly cameraId: string; readonly window: TimeWindow; readonly nowMs: UnixMs },
): Promise<RecordedStretch> {
  const { window } = asked;
  const turns = new Turns();
  const batches = await batchesOf(reader, asked, turns);
  const isEnded = mayNotGrow(reader, batches, asked);
  const parts: RecordedPart[] = [];
  /** The batch before, if it is in the list. */
  let before: Batch | undefined;
  for (const batch of batches) {
    await turns.pass();
    const part = await partOf(batch, { groups, window });
    if (part !== undefined) {
      const isBroken = before === undefined || !continues(before, batch);
      parts.push({ ...part, isBroken: isBroken && parts.length > 0 });
    }
    before = part === undefined ? undefined : batch;
  }
  return { parts, isEnded };
}

/** In the order of their frames. */
async function batchesOf(
  reader: TimelineReader,
  { cameraId, window }: { readonly cameraId: string; readonly window: TimeWindow },
  turns: Turns,
): Promise<Batch[]> {
  // A batch that lies in two pieces of the window is in both answers.
  const batches = new Map<number, Batch>();
  for (let atMs: UnixMs = window.fromMs; atMs < window.toMs; atMs = unixMs(atMs + READ_MS)) {
    const toMs = unixMs(Math.min(window.toMs, atMs + READ_MS));
    for (const batch of reader.batchesIn(cameraId, { fromMs: atMs, toMs })) {
      batches.set(batch.startingFrameId, batch);
    }
    await turns.pass();
  }
  return [...batches.values()].sort((one, other) => one.startingFrameId - other.startingFrameId);
}

/** Whether no frame is missing between two batches, so that their times go on. */
export function continues(before: Batch, after: Batch): boolean {
  return before.run === after.run && before.endingFrameId + 1 === after.startingFrameId &&
    Math.abs(after.startMs - before.endMs) <= GAP_TOLERANCE_MS;
}

/** Undefined where nothing of the batch can be played: the others are. */
async function partOf(
  batch: Batch,
  from: { readonly groups: GroupIndex; readonly window: TimeWindow },
): Promise<Omit<RecordedPart, "isBroken"> | undefined> {
  const { groups, window } = from;
  try {
    if (isOnePiece(batch, window)) return wholePart(batch, groups);
    const found = await groups.groupsOf(batch);
    const leastMs = windowLengthMs(window) <= FINE_WINDOW_MS ? FINE_PIECE_MS : COARSE_PIECE_MS;
    const pieces = piecesOf(placed(batch, found), { window, leastMs });
    return pieces.length === 0 ? undefined : { ...initOf(batch, found.head), groups: pieces };
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound;
    if (!isGone && !(error instanceof MalformedMedia)) throw error;
    log.warning("Cannot play {path}: {reason}", {
      path: batch.recordingPath,
      reason: isGone ? "there is no such file" : messageOf(error),
    });
    return undefined;
  }
}

/** Depends on the batch and the window asked for alone: a playlist that grows stays as it was. */
function isOnePiece(batch: Batch, window: TimeWindow): boolean {
  return windowLengthMs(window) > FINE_WINDOW_MS &&
    batch.endMs - batch.startMs <= LONGEST_PIECE_MS &&
    batch.startMs >= window.fromMs && batch.endMs <= window.toMs;
}

/** Without a look at the file, but for one of each run. The seal at its end is skipped by players. */
function wholePart(batch: Batch, groups: GroupIndex): Omit<RecordedPart, "isBroken"> {
  const head = groups.headOf(batch);
  const whole = {
    offset: head.mediaOffset,
    length: batch.recordingBytes - head.mediaOffset,
    startMs: batch.startMs,
    durationMs: Math.max(1, batch.endMs - batch.startMs),
  };
  return { ...initOf(batch, head), groups: [whole] };
}

function initOf(
  { batchId }: Batch,
  { initBytes, initKey, stream }: Pick<Head, "initBytes" | "initKey" | "stream">,
): Pick<RecordedPart, "batchId" | "initBytes" | "initKey" | "stream"> {
  return { batchId: String(batchId), initBytes: { offset: 0, length: initBytes }, initKey, stream };
}

/** Groups in wall time. Each lasts until the next one begins: so do the times in the file. */
function placed(batch: Batch, { head: { label, init }, groups }: BatchGroups): RecordedGroup[] {
  const originMs = label.originMs + batch.shiftMs;
  const startMs = ({ fromPts }: { readonly fromPts: number }) =>
    originMs + fromPts * 1_000 / init.video.timescale;
  return groups.map((group, index) => {
    const next = groups[index + 1];
    const endMs = next === undefined ? batch.endMs : startMs(next);
    return {
      offset: group.offset,
      length: group.length,
      startMs: unixMs(Math.round(startMs(group))),
      durationMs: Math.max(1, endMs - startMs(group)),
    };
  });
}

/**
 * Groups that a window needs, short ones joined. The window alone decides where one
 * begins, so that every answer has the same.
 */
export function piecesOf(
  groups: readonly RecordedGroup[],
  { window, leastMs }: { readonly window: TimeWindow; readonly leastMs: number },
): RecordedGroup[] {
  const pieces: RecordedGroup[] = [];
  for (const group of groups) {
    const isOutside = group.startMs + group.durationMs <= window.fromMs ||
      group.startMs >= window.toMs;
    if (isOutside) continue;
    const last = pieces.at(-1);
    // Half a frame of jitter makes no piece too short.
    const isFull = last === undefined || last.durationMs >= leastMs - 20;
    if (isFull) pieces.push(group);
    else {
      pieces[pieces.length - 1] = {
        ...last,
        length: last.length + group.length,
        durationMs: last.durationMs + group.durationMs,
      };
    }
  }
  return pieces;
}

/** A piece that a playlist may name: where it lies, and what is around it. */
export interface NamedPiece {
  /** Index of its first group. */
  readonly first: number;
  /** The group behind it, of the same batch. */
  readonly next: Group | undefined;
}

/**
 * Finds a byte range among the pieces that playlists of this batch can name, whatever their
 * window: groups that follow one another and would not be a piece already without the last one,
 * or the batch as a whole.
 */
export function pieceAt(
  batch: Batch,
  found: BatchGroups,
  range: { readonly offset: number; readonly length: number },
): NamedPiece | undefined {
  const { head, groups } = found;
  const endOffset = range.offset + range.length;
  if (range.offset === head.mediaOffset && endOffset === batch.recordingBytes) {
    const isShort = batch.endMs - batch.startMs <= LONGEST_PIECE_MS;
    return isShort ? { first: 0, next: undefined } : undefined;
  }
  const first = groups.findIndex(({ offset }) => offset === range.offset);
  const last = groups.findIndex(({ offset, length }) => offset + length === endOffset);
  if (first < 0 || last < first) return undefined;
  const times = placed(batch, found);
  const withoutLastMs = times[last]!.startMs - times[first]!.startMs;
  return withoutLastMs < COARSE_PIECE_MS ? { first, next: groups[last + 1] } : undefined;
}

/** Whether all that the window will ever have is closed. */
function mayNotGrow(
  reader: TimelineReader,
  batches: readonly Batch[],
  { cameraId, window, nowMs }: {
    readonly cameraId: string;
    readonly window: TimeWindow;
    readonly nowMs: UnixMs;
  },
): boolean {
  if (window.toMs > nowMs) return false;
  if (nowMs - window.toMs > LONGEST_BATCH_MS) return true;
  const last = batches.at(-1);
  if (last !== undefined && last.endMs >= window.toMs) return true;
  const newest = reader.newestRun(cameraId);
  return newest === undefined || newest.endedMs !== null ||
    reader.batchAfter(cameraId, window.toMs) !== undefined;
}
