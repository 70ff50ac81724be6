/**
 * All that happened to cameras as one list: what was seen, when a camera went away
 * and came back, and where recording has gaps.
 *
 * In:  the index and what is asked for. Out: events, in order of their starts.
 *
 * Gaps are worked out from the rows day by day, backwards, and only as far as the
 * list reaches.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { ExplainedGap } from "../footage/gap_cause.ts";
import type { GapCause } from "../model/ledger.ts";
import type { VisionEvent } from "../model/vision.ts";
import type { TimeWindow } from "../model/window.ts";
import type { EventReader } from "../store/event_reader.ts";
import { type CoverageMoment, coverageOf } from "../upkeep/coverage_causes.ts";

export const EVENT_KINDS = [
  "motion_detected",
  "object_detected",
  "camera_offline",
  "camera_online",
  "recording_gap",
] as const;

export type EventKind = typeof EVENT_KINDS[number];

/** Something that happened to a camera rather than before it. */
export interface CameraEvent {
  readonly kind: "camera_offline" | "camera_online" | "recording_gap";
  readonly cameraId: string;
  readonly startMs: UnixMs;
  /** Null for an instant. */
  readonly endMs: UnixMs | null;
  readonly cause: GapCause | null;
  /** For people. */
  readonly detail: string;
}

export type ListedEvent = VisionEvent | CameraEvent;

/** What is asked for; null for any. */
export interface EventQuery {
  readonly cameraId: string | null;
  readonly kind: EventKind | null;
  readonly class: string | null;
  readonly zone: string | null;
  readonly fromMs: UnixMs | null;
  readonly toMs: UnixMs | null;
  /** How many at most: the newest of them. */
  readonly limit: number;
}

export interface EventList {
  /** The oldest first. */
  readonly events: readonly ListedEvent[];
  /** True when there are older ones that the limit left out. */
  readonly isCut: boolean;
}

const DAY_MS = 86_400_000;

/** Without a beginning, gaps are looked for this far back, in milliseconds: each day is read. */
const GAPS_REACH_MS = 31 * DAY_MS;

/** Where footage is missing for these causes, recording had no gap. */
export const NO_GAPS: ReadonlySet<GapCause> = new Set([
  "deleted",
  "not-yet-closed",
  "future",
  "before-first-recording",
]);

/** An event, or the word that there is none from an instant on. */
type Step = ListedEvent | { readonly kind: "none"; readonly startMs: UnixMs };

/** The newest events that a query leaves. */
export function listEvents(
  reader: EventReader,
  query: EventQuery,
  at: CoverageMoment,
): EventList {
  const found: ListedEvent[] = [];
  for (const step of merged(sourcesOf(reader, query, at))) {
    if (step.kind === "none") continue;
    if (found.length === query.limit) return { events: found.reverse(), isCut: true };
    found.push(step);
  }
  return { events: found.reverse(), isCut: false };
}

function sourcesOf(
  reader: EventReader,
  query: EventQuery,
  at: CoverageMoment,
): Iterator<Step>[] {
  const { kind, zone, fromMs, toMs, cameraId } = query;
  const window = {
    fromMs: fromMs ?? unixMs(0),
    toMs: toMs ?? unixMs(Number.MAX_SAFE_INTEGER),
  };
  const isSeen = kind === "motion_detected" || kind === "object_detected";
  const sources: Iterator<Step>[] = [];
  if (kind === null || isSeen) {
    const filter = { cameraId, kind: isSeen ? kind : null, class: query.class, zone, window };
    sources.push(reader.eachVisionEvent(filter));
  }
  // Only what was seen has a class and a zone.
  if (query.class !== null || zone !== null) return sources;
  if (kind === null || kind === "camera_offline" || kind === "camera_online") {
    sources.push(turns(reader, { cameraId, window, kind }));
  }
  if (kind === null || kind === "recording_gap") {
    const endMs = Math.min(window.toMs, at.nowMs);
    const reachMs = fromMs ?? unixMs(Math.max(0, endMs - GAPS_REACH_MS));
    const range = { fromMs: reachMs, toMs: unixMs(endMs) };
    const ids = reader.cameras().map((camera) => camera.cameraId)
      .filter((id) => cameraId === null || id === cameraId);
    sources.push(...ids.map((id) => gaps(reader, { cameraId: id, range }, at)));
  }
  return sources;
}

function* turns(
  reader: EventReader,
  asked: {
    readonly cameraId: string | null;
    readonly window: TimeWindow;
    readonly kind: EventKind | null;
  },
): Generator<CameraEvent> {
  for (const { cameraId, atMs, untilMs, cause, detail, ...turn } of reader.eachTurn(asked)) {
    const kind = turn.kind === "offline" ? "camera_offline" : "camera_online";
    if (asked.kind !== null && asked.kind !== kind) continue;
    yield { kind, cameraId, startMs: atMs, endMs: untilMs, cause, detail };
  }
}

/** A camera's gaps, the newest first; those that begin in the range. */
function* gaps(
  reader: EventReader,
  { cameraId, range }: { readonly cameraId: string; readonly range: TimeWindow },
  at: CoverageMoment,
): Generator<Step> {
  const firstMs = reader.firstRecordedMs(cameraId);
  if (firstMs === null) return;
  const beginMs = Math.max(range.fromMs, firstMs);
  const holesIn = (fromMs: number, toMs: number): ExplainedGap[] => {
    const ranges = [{ fromMs: unixMs(fromMs), toMs: unixMs(toMs) }];
    const [coverage] = coverageOf(reader, { cameraId, ranges }, at);
    return coverage!.holes.filter(({ cause }) => !NO_GAPS.has(cause));
  };
  /** The gap that was met last: the day before may have its beginning. */
  let open = gapAcross(range.toMs, at.nowMs, holesIn);
  for (let toMs: number = range.toMs; toMs > beginMs;) {
    const fromMs = Math.max(beginMs, toMs - DAY_MS);
    for (const hole of holesIn(fromMs, toMs).reverse()) {
      if (open !== undefined && isSame(hole, open)) open = joined(hole, open);
      else {
        if (open !== undefined) yield* eventIn(range, { cameraId, gap: open });
        open = hole;
      }
    }
    if (open !== undefined && open.window.fromMs > fromMs) {
      yield* eventIn(range, { cameraId, gap: open });
      open = undefined;
    }
    if (open === undefined) yield { kind: "none", startMs: unixMs(fromMs) };
    toMs = fromMs;
  }
  if (open !== undefined) yield* eventIn(range, { cameraId, gap: open });
}

/** What of a gap lies behind an instant, where one reaches across it. */
function gapAcross(
  atMs: UnixMs,
  nowMs: UnixMs,
  holesIn: (fromMs: number, toMs: number) => ExplainedGap[],
): ExplainedGap | undefined {
  let gap: ExplainedGap | undefined;
  for (let fromMs: number = atMs; fromMs < nowMs;) {
    const toMs = Math.min(nowMs, fromMs + DAY_MS);
    const [first] = holesIn(fromMs, toMs);
    if (first === undefined || first.window.fromMs > fromMs) return gap;
    if (gap !== undefined && !isSame(gap, first)) return gap;
    gap = gap === undefined ? first : joined(gap, first);
    if (first.window.toMs < toMs) return gap;
    fromMs = toMs;
  }
  return gap;
}

/** Whether a gap goes on as another, which begins where it ends. */
function isSame(one: ExplainedGap, next: ExplainedGap): boolean {
  return one.window.toMs === next.window.fromMs && one.cause === next.cause &&
    one.detail === next.detail;
}

function joined(one: ExplainedGap, next: ExplainedGap): ExplainedGap {
  return { ...one, window: { fromMs: one.window.fromMs, toMs: next.window.toMs } };
}

/** A gap as an event, if it begins in the range. */
function* eventIn(
  range: TimeWindow,
  { cameraId, gap }: { readonly cameraId: string; readonly gap: ExplainedGap },
): Generator<CameraEvent> {
  const { window: { fromMs: startMs, toMs: endMs }, cause, detail } = gap;
  if (startMs >= range.toMs) return;
  yield { kind: "recording_gap", cameraId, startMs, endMs, cause, detail };
}

/** Joins sources that give the newest first. None is asked for more than the list needs. */
function* merged(sources: readonly Iterator<Step>[]): Generator<Step> {
  const heads = new Map<Iterator<Step>, Step>();
  const advance = (source: Iterator<Step>) => {
    const { value, done } = source.next();
    if (done) heads.delete(source);
    else heads.set(source, value);
  };
  sources.forEach(advance);
  while (heads.size > 0) {
    const [source, step] = [...heads].reduce((newest, head) =>
      // Of those that begin at once the later source's is the newer: a gap follows its cause.
      head[1].startMs >= newest[1].startMs ? head : newest
    );
    yield step;
    advance(source);
  }
}
