/**
 * Judges whether a way to a live picture works: "connected" alone shows nothing.
 *
 * @module
 */

/** A way that has not even connected by then is blocked by something between. */
export const CONNECT_LIMIT_MS = 6_000;

/** Connected, and no frame by then: wrong keys, or a codec that the browser claims to know. */
export const FIRST_FRAME_LIMIT_MS = 3_000;

/** It played and stopped: longer than a camera's restart of its stream takes. */
export const STALL_LIMIT_MS = 6_000;

/** A way that played this long is a good one: what happens then is a new fault. */
export const PLAYED_WELL_MS = 60_000;

/** How a way has done so far; times are of one clock, in milliseconds. */
export interface WayHistory {
  readonly startedMs: number;
  readonly connectedMs: number | undefined;
  readonly lastFrameMs: number | undefined;
  /** Times that it was begun anew after it had played, one behind the other. */
  readonly restarts: number;
}

export type Judgement =
  | { readonly verdict: "wait" }
  | { readonly verdict: "again" | "next"; readonly reason: string };

/** What played gets another chance: a camera's stream begins anew now and then. */
export function mayBeginAnew({ startedMs, lastFrameMs, restarts }: WayHistory): boolean {
  if (lastFrameMs === undefined) return false;
  return restarts === 0 || lastFrameMs - startedMs >= PLAYED_WELL_MS;
}

/** What to do with it: wait, begin it anew, or try the next one. */
export function judge(history: WayHistory, nowMs: number): Judgement {
  const { startedMs, connectedMs, lastFrameMs } = history;
  if (lastFrameMs !== undefined) {
    if (nowMs - lastFrameMs < STALL_LIMIT_MS) return { verdict: "wait" };
    const verdict = mayBeginAnew(history) ? "again" : "next";
    return { verdict, reason: "the picture stood still" };
  }
  if (connectedMs === undefined) {
    if (nowMs - startedMs < CONNECT_LIMIT_MS) return { verdict: "wait" };
    return { verdict: "next", reason: "no connection" };
  }
  if (nowMs - connectedMs < FIRST_FRAME_LIMIT_MS) return { verdict: "wait" };
  return { verdict: "next", reason: "connected, but no picture" };
}
