/**
 * Decides how the frame log is made to hold the lines of a recording that a crash
 * left without a row.
 *
 * Pure.
 *
 * Design: docs/design/storage.md, "After a crash"
 *
 * @module
 */

/** A line of a frame, with the lines right behind it that say what was seen, and its place. */
export interface PlacedLine {
  readonly frameId: number;
  readonly run: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The part of a log behind the last batch that has a row. */
export interface LogTail {
  /** In the file's order; without a last line that is torn. */
  readonly lines: readonly PlacedLine[];
  /** Place of the first frame's line: what was seen in frames before it may stand in front. */
  readonly startBytes: number;
  /** Place behind the last whole line, in bytes. */
  readonly endBytes: number;
}

export type LogPlan =
  /**
   * The batch's lines begin at `offset`. The log is cut back to `cutTo`, then
   * lines are appended from the `appendFrom`-th of the batch on.
   */
  | {
    readonly type: "complete";
    readonly offset: number;
    readonly cutTo: number;
    readonly appendFrom: number;
  }
  /** Other batches' lines are in the way: all lines go to a log of their own. */
  | { readonly type: "elsewhere" };

/** A batch's frames as the recording has them, numbered without a break. */
export interface PlannedBatch {
  readonly run: number;
  readonly startingFrameId: number;
  readonly frameCount: number;
  /** True where another recording without a row goes on with the next frame: its lines stay. */
  readonly isFollowed?: boolean;
}

export function planLog(
  tail: Pick<LogTail, "lines" | "endBytes">,
  batch: PlannedBatch,
): LogPlan {
  const { lines, endBytes } = tail;
  const first = lines.findIndex(({ frameId, run }) =>
    run === batch.run && frameId === batch.startingFrameId
  );
  if (first < 0) {
    return { type: "complete", offset: endBytes, cutTo: endBytes, appendFrom: 0 };
  }
  const own = lines.slice(first);
  const count = ownLength(own, batch);
  const offset = own[0]!.offset;
  const present = Math.min(count, batch.frameCount);
  const isLast = count === own.length;
  if (present < batch.frameCount && !isLast) return { type: "elsewhere" };
  const last = own[present - 1]!;
  // Lines beyond the footage go only where nothing follows them, and they are nobody's.
  const isOthers = batch.isFollowed === true && count > batch.frameCount;
  const cutTo = isLast && !isOthers ? last.offset + last.sizeBytes : endBytes;
  return { type: "complete", offset, cutTo, appendFrom: present };
}

/** How many lines from the first on are of this run, numbered without a break and with nothing between. */
function ownLength(lines: readonly PlacedLine[], batch: { readonly run: number }): number {
  const firstId = lines[0]!.frameId;
  let nextOffset = lines[0]!.offset;
  const end = lines.findIndex(({ frameId, run, offset, sizeBytes }, index) => {
    const isOwn = run === batch.run && frameId === firstId + index && offset === nextOffset;
    nextOffset = offset + sizeBytes;
    return !isOwn;
  });
  return end < 0 ? lines.length : end;
}
