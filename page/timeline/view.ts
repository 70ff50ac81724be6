/**
 * What stretch of time a timeline shows, and where on it an instant lies: zoom,
 * pan, places. Plain numbers in, plain numbers out.
 *
 * @module
 */

/** Wall time in milliseconds, the end excluded. */
export interface TimeView {
  readonly fromMs: number;
  readonly toMs: number;
}

const SECOND_MS = 1_000;
export const HOUR_MS = 3_600 * SECOND_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Single frames are told apart. */
export const SHORTEST_VIEW_MS = 5 * SECOND_MS;

/** A month fits. */
export const LONGEST_VIEW_MS = 31 * DAY_MS;

export function lengthMs({ fromMs, toMs }: TimeView): number {
  return toMs - fromMs;
}

/** How far from the left an instant lies, in pixels; may lie outside. */
export function xOf(atMs: number, view: TimeView, widthPx: number): number {
  return (atMs - view.fromMs) / lengthMs(view) * widthPx;
}

/** The instant at a place. */
export function timeAt(x: number, view: TimeView, widthPx: number): number {
  return view.fromMs + x / widthPx * lengthMs(view);
}

/**
 * Shows less time (`factor` below 1) or more; what lies at the anchor stays there.
 */
export function zoomed(view: TimeView, factor: number, anchorMs: number): TimeView {
  const wanted = lengthMs(view) * factor;
  const length = Math.min(Math.max(wanted, SHORTEST_VIEW_MS), LONGEST_VIEW_MS);
  const share = (anchorMs - view.fromMs) / lengthMs(view);
  const fromMs = anchorMs - share * length;
  return { fromMs, toMs: fromMs + length };
}

export function moved(view: TimeView, byMs: number): TimeView {
  return { fromMs: view.fromMs + byMs, toMs: view.toMs + byMs };
}

/** Of the same length, around an instant. */
export function centred(view: TimeView, atMs: number): TimeView {
  return moved(view, atMs - (view.fromMs + view.toMs) / 2);
}

/**
 * The view that keeps an instant in sight: the same one while the instant lies
 * within it, else one that has it near the left, to see what comes.
 */
export function keptInSight(view: TimeView, atMs: number): TimeView {
  const margin = lengthMs(view) * 0.02;
  if (atMs >= view.fromMs + margin && atMs <= view.toMs - margin) return view;
  return moved(view, atMs - (view.fromMs + lengthMs(view) * 0.15));
}

/** How a turn of the wheel zooms: the same for many small steps as for one large one. */
export function wheelFactor(deltaPx: number): number {
  return Math.exp(Math.min(Math.max(deltaPx, -400), 400) * 0.002);
}

/** Two fingers: what lay under them stays under them. */
export function pinched(
  view: TimeView,
  before: readonly [number, number],
  after: readonly [number, number],
  widthPx: number,
): TimeView {
  const [spreadBefore, spreadAfter] = [before, after].map(([a, b]) => Math.max(Math.abs(b - a), 8));
  const anchorMs = timeAt((before[0] + before[1]) / 2, view, widthPx);
  const fresh = zoomed(view, spreadBefore! / spreadAfter!, anchorMs);
  const shiftPx = (before[0] + before[1] - after[0] - after[1]) / 2;
  return moved(fresh, shiftPx / widthPx * lengthMs(fresh));
}

/** The calendar day of an instant in the browser's zone: 23 or 25 hours where clocks change. */
export function dayOf(atMs: number): TimeView {
  const at = new Date(atMs);
  const [year, month, day] = [at.getFullYear(), at.getMonth(), at.getDate()];
  return {
    fromMs: new Date(year, month, day).getTime(),
    toMs: new Date(year, month, day + 1).getTime(),
  };
}

/** The last so many days, the newest first. */
export function lastDays(count: number, untilMs: number): readonly TimeView[] {
  const at = new Date(untilMs);
  const [year, month, day] = [at.getFullYear(), at.getMonth(), at.getDate()];
  return Array.from(
    { length: count },
    (_, index) => dayOf(new Date(year, month, day - index, 12).getTime()),
  );
}
