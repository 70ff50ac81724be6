/**
 * What a timeline shows, in the numbers that it draws with, and what lies at a place.
 *
 * @module
 */

import type { Timeline } from "../api/types.ts";
import type { TimeView } from "./view.ts";

export interface FactGap extends TimeView {
  readonly cause: string;
  readonly detail: string;
}

export interface FactEvent {
  readonly id: string;
  readonly kind: string;
  readonly class: string | null;
  readonly fromMs: number;
  /** Null while it goes on. */
  readonly toMs: number | null;
  readonly score: number;
}

/** Causes that are no fault: time that was not asked to be recorded, or is not done with. */
const QUIET_CAUSES: readonly string[] = ["before-first-recording", "not-yet-closed"];

/** Footage is missing that should be there. */
export function isFault({ cause }: Pick<FactGap, "cause">): boolean {
  return !QUIET_CAUSES.includes(cause);
}

/** It is being recorded now, and can be played as soon as its file is closed. */
export function isInMaking({ cause }: Pick<FactGap, "cause">): boolean {
  return cause === "not-yet-closed";
}

/** A piece of a timeline. */
export interface Facts extends TimeView {
  readonly spans: readonly TimeView[];
  readonly gaps: readonly FactGap[];
  /** 0 to 1, evenly over the piece. */
  readonly motion: readonly number[];
  readonly events: readonly FactEvent[];
}

const spanOf = ({ from, to }: { readonly from: string; readonly to: string }): TimeView => ({
  fromMs: Date.parse(from),
  toMs: Date.parse(to),
});

export function factsOf(timeline: Timeline): Facts {
  return {
    ...spanOf(timeline),
    spans: timeline.spans.map(spanOf),
    // What has not come yet is no gap.
    gaps: timeline.gaps.filter(({ cause }) => cause !== "future")
      .map((gap) => ({ ...spanOf(gap), cause: gap.cause, detail: gap.detail })),
    motion: timeline.motion,
    events: timeline.events.map(({ id, kind, class: name, from, to, score }) => ({
      ...{ id, kind, class: name, score },
      fromMs: Date.parse(from),
      toMs: to === null ? null : Date.parse(to),
    })),
  };
}

/** The gap that an instant lies in. */
export function gapAt(pieces: readonly Facts[], atMs: number): FactGap | undefined {
  for (const { gaps } of pieces) {
    const gap = gaps.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
    if (gap !== undefined) return gap;
  }
  return undefined;
}

/** Events at an instant or as near to it as `reachMs`, each once, the surest first. */
export function eventsAt(
  pieces: readonly Facts[],
  atMs: number,
  reachMs: number,
): readonly FactEvent[] {
  const found = new Map<string, FactEvent>();
  for (const { events } of pieces) {
    for (const event of events) {
      const endMs = event.toMs ?? Infinity;
      if (event.fromMs - reachMs <= atMs && atMs <= endMs + reachMs) found.set(event.id, event);
    }
  }
  return [...found.values()].toSorted((a, b) => b.score - a.score);
}

/** Whether there is footage of an instant. */
export function isRecorded(pieces: readonly Facts[], atMs: number): boolean {
  return pieces.some(({ spans }) =>
    spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
  );
}

/** The beginning of the next footage at or after an instant, among what is known. */
export function nextFootageMs(pieces: readonly Facts[], atMs: number): number | undefined {
  const starts = pieces.flatMap(({ spans }) => spans)
    .filter(({ toMs }) => toMs > atMs)
    .map(({ fromMs }) => Math.max(fromMs, atMs));
  return starts.length === 0 ? undefined : Math.min(...starts);
}
