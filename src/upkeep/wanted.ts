/**
 * Decides when a camera was to be recorded: from when its settings first wanted
 * it until they no longer did. Whether it was recorded then is coverage.ts's part.
 *
 * Pure.
 *
 * Design: docs/design/coverage.md
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { CameraEventKind } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";

/** What of a camera's past says when it was wanted. */
export interface Lifecycle {
  /** Start of the first run or of the oldest batch, whichever was earlier; null when it never ran. */
  readonly firstMs: UnixMs | null;
  /** End of the newest batch; null when there is none. */
  readonly lastEndMs: UnixMs | null;
  /** All events "started" and "removed", in any order. */
  readonly turns: readonly { readonly kind: CameraEventKind; readonly atMs: UnixMs }[];
  /**
   * The last thing that happened to the camera's recording: "started", "stopped",
   * "removed", "offline" or "online"; null when nothing was noted.
   */
  readonly newest: { readonly kind: CameraEventKind; readonly atMs: UnixMs } | null;
  /**
   * When the newest run was stopped in good order; null when it was not. Versions
   * that noted no "stopped" are judged by it.
   */
  readonly runStoppedMs: UnixMs | null;
}

/**
 * When a camera was wanted, in order of time. The last window ends where the
 * service was stopped in good order and has not been started since, otherwise at
 * `nowMs`: a crash that nobody mends goes on costing footage.
 */
export function wantedWindows(life: Lifecycle, nowMs: UnixMs): TimeWindow[] {
  const turns = life.turns.filter(({ kind }) => kind === "started" || kind === "removed")
    .toSorted((one, other) => one.atMs - other.atMs || (one.kind === "removed" ? -1 : 1));
  const windows: TimeWindow[] = [];
  const firstTurnMs = turns[0]?.atMs ?? Infinity;
  let openedMs = life.firstMs !== null && life.firstMs < firstTurnMs ? life.firstMs : null;
  for (const { kind, atMs } of turns) {
    if (kind === "started") openedMs ??= atMs;
    else if (openedMs !== null) {
      windows.push({ fromMs: openedMs, toMs: atMs });
      openedMs = null;
    }
  }
  if (openedMs !== null) windows.push({ fromMs: openedMs, toMs: endOf(life, nowMs) });
  return windows.filter(({ fromMs, toMs }) => fromMs < toMs);
}

function endOf(life: Lifecycle, nowMs: UnixMs): UnixMs {
  const isOld = !life.turns.some(({ kind }) => kind === "started");
  const isOver = life.newest?.kind === "stopped" || life.newest?.kind === "removed";
  const stoppedMs = isOver ? life.newest!.atMs : isOld ? life.runStoppedMs : null;
  if (stoppedMs === null) return nowMs;
  // After the clock was set back, footage may lie behind the stop.
  return unixMs(Math.max(stoppedMs, life.lastEndMs ?? stoppedMs));
}
