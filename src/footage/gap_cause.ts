/**
 * Says why footage is missing, out of what was observed: runs and events. What
 * was not observed is called unknown, not guessed. The one place that decides
 * this, for the receipts of exports and for coverage.
 *
 * In:  a stretch without footage and what is known around it (gap_surroundings.ts).
 * Out: the stretch in pieces, each with its cause. What a piece is called depends
 *      on when it was, never on where the stretch was cut: the pieces of two halves
 *      are those of the whole.
 *
 * Pure.
 *
 * Design: docs/design/coverage.md
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { CameraEventEntry, CameraEventKind, GapCause } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";
import type { IndexedRun } from "./footage_index.ts";

export interface ExplainedGap {
  readonly window: TimeWindow;
  readonly cause: GapCause;
  readonly detail: string;
}

/** What is known around a gap. */
export interface GapSurroundings {
  readonly nowMs: UnixMs;
  /** The run that the footage before the gap belongs to. */
  readonly runBefore: IndexedRun | undefined;
  /** The run that the footage after the gap belongs to. */
  readonly runAfter: IndexedRun | undefined;
  /**
   * All events between the footage before and the footage after, oldest first,
   * however little of that stretch is asked about. A step of the clock may lie a
   * little behind it.
   */
  readonly events: readonly CameraEventEntry[];
  /** True while a Lookback records this root. */
  readonly isRecording: boolean;
  /** True where footage was recorded in the gap and let go of since. */
  readonly wasDeleted: boolean;
}

/** Why nothing is recorded, from an instant on. */
interface State {
  readonly fromMs: number;
  readonly cause: GapCause;
  readonly detail: string;
}

type Reason = Omit<State, "fromMs">;

/**
 * Explains a stretch without footage.
 *
 * @returns Pieces in order of time that touch and fill the stretch. Neighbours
 * differ in cause or detail. None for an empty stretch.
 */
export function explainGap(window: TimeWindow, around: GapSurroundings): ExplainedGap[] {
  const states = statesOf(around);
  const lost = around.events.filter(({ kind, untilMs }) =>
    kind === "frames-lost" && untilMs !== null
  );
  const cuts = [
    ...states.map(({ fromMs }) => fromMs),
    ...lost.flatMap(({ atMs, untilMs }) => [atMs, untilMs!]),
    around.nowMs,
  ].filter((atMs) => atMs > window.fromMs && atMs < window.toMs);
  const edges = [window.fromMs, ...cuts.sort((one, other) => one - other), window.toMs];
  const pieces: ExplainedGap[] = [];
  let place = 0;
  for (const [index, fromMs] of edges.entries()) {
    const toMs = edges[index + 1];
    if (toMs === undefined || toMs <= fromMs) continue;
    while (states[place + 1] !== undefined && states[place + 1]!.fromMs <= fromMs) place += 1;
    const reason = fromMs >= around.nowMs ? FUTURE : lostAt(lost, fromMs) ?? states[place]!;
    append(pieces, { fromMs: unixMs(fromMs), toMs: unixMs(toMs) }, reason);
  }
  return pieces;
}

const FUTURE: Reason = { cause: "future", detail: "this time has not come yet" };
const NEVER: Reason = {
  cause: "before-first-recording",
  detail: "nothing was recorded before this time",
};
const NOT_ARRIVED: Reason = {
  cause: "frames-lost",
  detail: "the stream went on, but these frames never arrived",
};
const DELETED: Reason = { cause: "deleted", detail: "footage of this time was deleted" };
const NOT_CLOSED: Reason = {
  cause: "not-yet-closed",
  detail: "the batch is being recorded and can be exported once it is closed",
};
const CUT_OFF: Reason = {
  cause: "restart",
  detail: "the recorder ended without closing its last batch",
};
const STARTING: Reason = {
  cause: "restart",
  detail: "recording had been started and the first frame had not come yet",
};

/** Kinds of events from which on something else is the reason. */
const TURNS: readonly CameraEventKind[] = [
  "started",
  "stopped",
  "removed",
  "offline",
  "online",
  "frames-lost",
];

/** The reasons over the whole gap, in order of time; the first holds since ever. */
function statesOf(around: GapSurroundings): State[] {
  const { runBefore, runAfter, wasDeleted } = around;
  const turns = around.events.filter(({ kind, untilMs }) =>
    TURNS.includes(kind) && !(kind === "frames-lost" && untilMs !== null)
  );
  const first = { fromMs: -Infinity, ...reasonBefore(around, turns[0]) };
  if (runBefore !== undefined && runBefore.run === runAfter?.run) return [first];
  const states: State[] = [first];
  for (const [index, turn] of turns.entries()) {
    const next = turns[index + 1];
    const isBack = turn.kind === "online" && next === undefined && runAfter !== undefined;
    // Back, and its first frames are the footage behind the gap.
    if (isBack && !wasDeleted) continue;
    states.push({ fromMs: turn.atMs, ...reasonAfter(turn, { next, around }) });
  }
  return states;
}

/** Why footage is missing from where it ends on, until the first turn. */
function reasonBefore(around: GapSurroundings, turn: CameraEventEntry | undefined): Reason {
  const { runBefore, runAfter, wasDeleted } = around;
  if (runBefore === undefined) return wasDeleted && turn === undefined ? DELETED : NEVER;
  if (wasDeleted) return DELETED;
  if (runBefore.run === runAfter?.run) return NOT_ARRIVED;
  const { endCause } = runBefore;
  if (runBefore.endedMs === null || endCause === null) return openEnd(around, turn);
  if (endCause === "restart") return CUT_OFF;
  const observed = around.events.find(({ cause }) => cause === endCause);
  return { cause: endCause, detail: observed?.detail ?? END_DETAILS[endCause] ?? STREAM_ENDED };
}

const STREAM_ENDED = "the camera's stream ended";

const END_DETAILS: Partial<Record<GapCause, string>> = {
  "stopped": "recording was stopped",
  "unknown": "nothing was observed of the end of the recording before it",
  "clock-step": "the wall clock was set",
};

/** Why footage is missing from an event on. */
function reasonAfter(
  turn: CameraEventEntry,
  { next, around }: {
    readonly next: CameraEventEntry | undefined;
    readonly around: GapSurroundings;
  },
): Reason {
  const { cause, detail } = turn;
  if (turn.kind === "started") return STARTING;
  if (turn.kind === "online") return around.wasDeleted ? DELETED : openEnd(around, next);
  if (turn.kind === "stopped" || turn.kind === "removed") {
    return { cause: cause ?? "stopped", detail };
  }
  return { cause: cause ?? "unknown", detail };
}

/** A run of which no end is known, and what was observed after it. */
function openEnd(around: GapSurroundings, next: CameraEventEntry | undefined): Reason {
  if (next === undefined) {
    return around.isRecording && around.runAfter === undefined ? NOT_CLOSED : CUT_OFF;
  }
  // A stream that ends is followed by a word of its camera, or by nothing at all.
  if (next.kind === "started" || next.kind === "online") return CUT_OFF;
  return { cause: next.cause ?? "unknown", detail: next.detail };
}

function lostAt(lost: readonly CameraEventEntry[], atMs: number): Reason | undefined {
  const found = lost.find((event) => event.atMs <= atMs && atMs < event.untilMs!);
  return found === undefined
    ? undefined
    : { cause: found.cause ?? "frames-lost", detail: found.detail };
}

function append(pieces: ExplainedGap[], window: TimeWindow, { cause, detail }: Reason): void {
  const last = pieces.at(-1);
  if (last !== undefined && last.cause === cause && last.detail === detail) {
    pieces[pieces.length - 1] = { ...last, window: { ...last.window, toMs: window.toMs } };
  } else pieces.push({ window, cause, detail });
}
