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

/** How a way has done so far; times are of one clock, in milliseconds. */
export interface WayHistory {
  readonly startedMs: number;
  readonly connectedMs: number | undefined;
  readonly lastFrameMs: number | undefined;
  /** Times that it was begun anew after it had played. */
  readonly restarts: number;
}

export type Judgement =
  | { readonly verdict: "wait" }
  | { readonly verdict: "again" | "next"; readonly reason: string };

/** What to do with it: wait, begin it anew, or try the next one. */
export function judge(
  { startedMs, connectedMs, lastFrameMs, restarts }: WayHistory,
  nowMs: number,
): Judgement {
  if (lastFrameMs !== undefined) {
    if (nowMs - lastFrameMs < STALL_LIMIT_MS) return { verdict: "wait" };
    return { verdict: restarts === 0 ? "again" : "next", reason: "the picture stood still" };
  }
  if (connectedMs === undefined) {
    if (nowMs - startedMs < CONNECT_LIMIT_MS) return { verdict: "wait" };
    return { verdict: "next", reason: "no connection" };
  }
  if (nowMs - connectedMs < FIRST_FRAME_LIMIT_MS) return { verdict: "wait" };
  return { verdict: "next", reason: "connected, but no picture" };
}
