/**
 * A day of a camera's timeline, out of the index.
 *
 * In:   the index, a window of a day or less. Out: spans, gaps, what was seen.
 *
 * Cost follows the number of batches and events, which are read from indexes, and of
 * gaps, each of which is looked up by itself.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../../base/units.ts";
import { explainGap } from "../../footage/gap_cause.ts";
import { surroundingsOf } from "../../footage/gap_surroundings.ts";
import { GAP_TOLERANCE_MS } from "../../footage/plan.ts";
import { intersect, subtractWindows, type TimeWindow, windowLengthMs } from "../../model/window.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type { CoverageMoment } from "../../upkeep/coverage_causes.ts";
import type { TimelineEvent } from "../../web/doors.ts";
import { THINNED_PARTS, within } from "./timeline_parts.ts";

export const DAY_MS = 86_400_000;

/** Gaps of a day whose causes are looked up, the longest first: each costs some ten small queries. */
const MOST_EXPLAINED = 200;

/** Events of one answer. Where there are more, the surest of each class are taken, part by part. */
export const MOST_EVENTS = 2_000;

export interface Gap {
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly cause: string;
  readonly detail: string;
}

/** Spans and gaps fill the window; all in order of time. */
export interface TimelineDay {
  readonly spans: readonly TimeWindow[];
  readonly gaps: readonly Gap[];
  /** When something was seen. */
  readonly seen: readonly TimeWindow[];
  readonly events: readonly TimelineEvent[];
  readonly isThinned: boolean;
}

export function timelineDay(
  reader: TimelineReader,
  asked: { readonly cameraId: string; readonly window: TimeWindow },
  at: CoverageMoment,
): TimelineDay {
  const { cameraId, window } = asked;
  return {
    ...recordedIn(reader, asked, at),
    seen: within(window, reader.seenIn(cameraId, window, at.nowMs)),
    ...eventsOf(reader, asked),
  };
}

/** A window's gaps alone, in order: for days with very many events. */
export function gapsIn(
  reader: TimelineReader,
  asked: { readonly cameraId: string; readonly window: TimeWindow },
  at: CoverageMoment,
): readonly Gap[] {
  return recordedIn(reader, asked, at).gaps;
}

function recordedIn(
  reader: TimelineReader,
  asked: { readonly cameraId: string; readonly window: TimeWindow },
  at: CoverageMoment,
): Pick<TimelineDay, "spans" | "gaps"> {
  const { cameraId, window } = asked;
  const footage = within(window, reader.footageIn(cameraId, window, GAP_TOLERANCE_MS));
  // Inside footage only: the rest of a loss is part of a hole, which says so itself.
  const lost = lostIn(reader, asked).flatMap((gap) =>
    within(gap, footage).map((piece): Gap => ({ ...gap, ...piece }))
  );
  const holes = explained(reader, { cameraId, holes: subtractWindows(window, footage) }, at);
  return {
    spans: footage.flatMap((span) => subtractWindows(span, lost)),
    gaps: [...holes, ...lost].sort((one, other) => one.fromMs - other.fromMs),
  };
}

/** Stretches inside the stream in which nothing came. */
function lostIn(
  reader: TimelineReader,
  { cameraId, window }: { readonly cameraId: string; readonly window: TimeWindow },
): Gap[] {
  const gaps: Gap[] = [];
  for (const { atMs, untilMs, cause, detail } of reader.lostIn(cameraId, window)) {
    const last = gaps.at(-1);
    // Two reports of one time are one gap.
    const fromMs = last !== undefined && last.toMs > atMs ? last.toMs : atMs;
    const whole = { fromMs, toMs: untilMs! };
    const piece = intersect(whole, window);
    // By the whole one: where the window cuts it, the rest is in the next one.
    if (piece === null || whole.toMs - whole.fromMs <= GAP_TOLERANCE_MS) continue;
    gaps.push({ ...piece, cause: cause ?? "frames-lost", detail });
  }
  return gaps;
}

/** Why footage is missing; of very many holes only the longest are looked up. */
function explained(
  reader: TimelineReader,
  { cameraId, holes }: { readonly cameraId: string; readonly holes: readonly TimeWindow[] },
  at: CoverageMoment,
): Gap[] {
  const longest = holes.length <= MOST_EXPLAINED
    ? holes
    : holes.toSorted((one, other) => windowLengthMs(other) - windowLengthMs(one))
      .slice(0, MOST_EXPLAINED);
  const chosen = new Set(longest);
  return holes.flatMap((window): Gap[] => {
    if (!chosen.has(window)) {
      const detail = "one of very many gaps: look at less time at once";
      return [{ ...window, cause: "unknown", detail }];
    }
    const pieces = explainGap(window, surroundingsOf(reader, { cameraId, hole: { window } }, at));
    return pieces.map(({ window: piece, cause, detail }) => ({ ...piece, cause, detail }));
  });
}

function eventsOf(
  reader: TimelineReader,
  { cameraId, window }: { readonly cameraId: string; readonly window: TimeWindow },
): Pick<TimelineDay, "events" | "isThinned"> {
  if (reader.countEvents(cameraId, window) <= MOST_EVENTS) {
    return { events: reader.eventMarks(cameraId, window), isThinned: false };
  }
  const partMs = Math.max(1, Math.ceil(windowLengthMs(window) / THINNED_PARTS));
  return { events: reader.surestMarks(cameraId, window, partMs), isThinned: true };
}

/** A window in days of 24 hours from its start on; the last one may be shorter. */
export function* daysOf({ fromMs, toMs }: TimeWindow): Generator<TimeWindow> {
  for (let atMs: UnixMs = fromMs; atMs < toMs; atMs = unixMs(atMs + DAY_MS)) {
    yield { fromMs: atMs, toMs: unixMs(Math.min(toMs, atMs + DAY_MS)) };
  }
}

/** Gaps that go on from one day to the next are one. */
export function joinedGaps(gaps: readonly Gap[]): Gap[] {
  const joined: Gap[] = [];
  for (const gap of gaps) {
    const last = joined.at(-1);
    const goesOn = last !== undefined && last.toMs === gap.fromMs && last.cause === gap.cause &&
      last.detail === gap.detail;
    if (goesOn) joined[joined.length - 1] = { ...last, toMs: gap.toMs };
    else joined.push(gap);
  }
  return joined;
}
