/**
 * All that happened to cameras as one list: what was seen, when a camera went away
 * and came back, and where recording has gaps. For the command line and the web server.
 *
 * In:  the index and what is asked for. Out: events, the newest first.
 *
 * What has rows is read in the order of an index, as much as could be wanted. Gaps have
 * none: they are worked out from what is recorded, only as far back as the list reaches.
 * A server lives on meanwhile: whatever else waits has its turn.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { GapCause } from "../model/ledger.ts";
import type { VisionEvent } from "../model/vision.ts";
import type { TimeWindow } from "../model/window.ts";
import type { EventFilter } from "../store/event_reader.ts";
import type { TimelineReader } from "../store/timeline_reader.ts";
import type { CoverageMoment } from "../upkeep/coverage_causes.ts";
import { Turns } from "./web/turns.ts";
import { daysOf, type Gap, gapsIn, joinedGaps } from "./web/timeline_day.ts";

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
  readonly cameraIds: readonly string[] | null;
  readonly kind: EventKind | null;
  readonly class: string | null;
  readonly zone: string | null;
  readonly fromMs: UnixMs | null;
  readonly toMs: UnixMs | null;
  /** How many at most: the newest of them. */
  readonly limit: number;
}

export interface EventList {
  /** The newest first. */
  readonly events: readonly ListedEvent[];
  /** True when there are older ones that the limit left out. */
  readonly isCut: boolean;
}

const DAY_MS = 86_400_000;

/** How far back gaps are looked for, in milliseconds: each day of each camera is read. */
export interface GapReach {
  /** Where no beginning is asked for. */
  readonly unaskedMs: number;
  /** At most, whatever is asked for. */
  readonly mostMs: number;
}

/** Gaps are first looked for this far back, then four times as far beyond that, and so on. */
const FIRST_REACH_MS = 2 * DAY_MS;
const FURTHER = 4;

/** Events that a filter is tried on in one go: some 10 ms. */
const STRETCH = 4_000;

/** Where footage is missing for these causes, recording had no gap. */
const NO_GAPS: ReadonlySet<string> = new Set<GapCause>([
  "deleted",
  "not-yet-closed",
  "future",
  "before-first-recording",
]);

/** The newest events that a query leaves. */
export async function listEvents(
  reader: TimelineReader,
  query: EventQuery,
  at: EventMoment,
): Promise<EventList> {
  const known = await eventsWithRows(reader, query);
  return joinedList(known, await gapEvents(reader, { query, known }, at), query.limit);
}

/** When, and how far back, events are listed. */
export interface EventMoment extends CoverageMoment {
  readonly reach: GapReach;
}

/** One list of the two parts that a list is made of. */
export function joinedList(
  known: readonly ListedEvent[],
  gaps: readonly ListedEvent[],
  limit: number,
): EventList {
  // Of those that begin at once the gap is the newer: it follows its cause.
  const events = newestFirst([...gaps, ...known]);
  return { events: events.slice(0, limit), isCut: events.length > limit };
}

/** What was seen, and when cameras went and came: the newest, one more than is wanted. */
export async function eventsWithRows(
  reader: TimelineReader,
  query: EventQuery,
): Promise<ListedEvent[]> {
  const { kind, zone, cameraIds } = query;
  const window = windowOf(query);
  const limit = query.limit + 1;
  const isSeen = kind === "motion_detected" || kind === "object_detected";
  const seen: ListedEvent[] = [];
  if (kind === null || isSeen) {
    const filter = { kind, class: query.class, zone };
    for (const cameraId of cameraIds ?? [null]) {
      seen.push(...await seenEvents(reader, { ...filter, cameraId }, { window, limit }));
    }
  }
  // Only what was seen has a class and a zone.
  if (isSeen || kind === "recording_gap" || query.class !== null || zone !== null) {
    return newestFirst(seen).slice(0, limit);
  }
  const turns = camerasOf(reader, query)
    .flatMap((id) => turnsOf(reader, id, { kind, window, limit }));
  return newestFirst([...seen, ...turns]).slice(0, limit);
}

/** Whether gaps can be among what is asked for: only what was seen has a class and a zone. */
export function wantsGaps({ kind, zone, ...query }: EventQuery): boolean {
  if (query.class !== null || zone !== null) return false;
  return kind === null || kind === "recording_gap";
}

/** Gaps, as far back as the list reaches: what is known fills it up to its last event. */
export async function gapEvents(
  reader: TimelineReader,
  { query, known }: { readonly query: EventQuery; readonly known: readonly ListedEvent[] },
  at: EventMoment,
): Promise<CameraEvent[]> {
  const { fromMs, limit } = query;
  if (!wantsGaps(query)) return [];
  const toMs = unixMs(Math.min(windowOf(query).toMs, at.nowMs));
  const farthestMs = fromMs === null ? at.reach.unaskedMs : at.reach.mostMs;
  const firstMs = Math.max(0, fromMs ?? 0, toMs - farthestMs, known[limit]?.startMs ?? 0);
  const ids = camerasOf(reader, query);
  const gaps: CameraEvent[] = [];
  for (let [endMs, reachMs] = [toMs, FIRST_REACH_MS]; endMs > firstMs; reachMs *= FURTHER) {
    const window = { fromMs: unixMs(Math.max(firstMs, endMs - reachMs)), toMs: endMs };
    for (const id of ids) gaps.push(...await gapsOf(reader, id, window, at));
    const last = newestFirst([...gaps, ...known])[limit];
    if (last !== undefined && last.startMs >= window.fromMs) break;
    endMs = window.fromMs;
  }
  return gaps;
}

/** A camera's gaps that begin in a window. */
export async function gapsOf(
  reader: TimelineReader,
  cameraId: string,
  window: TimeWindow,
  at: CoverageMoment,
): Promise<CameraEvent[]> {
  const firstMs = reader.firstRecordedMs(cameraId);
  if (firstMs === null) return [];
  const turns = new Turns();
  const pieces: Gap[] = [];
  const toMs = unixMs(Math.min(window.toMs, at.nowMs));
  // From just before: a gap that begins earlier is not of this window.
  const fromMs = unixMs(Math.max(firstMs, window.fromMs - 1));
  for (const day of daysOf({ fromMs, toMs })) {
    await turns.pass();
    pieces.push(...gapsIn(reader, { cameraId, window: day }, at));
  }
  // One that goes on at the end is followed, to say how long it is.
  for (const day of daysOf({ fromMs: toMs, toMs: at.nowMs })) {
    const last = pieces.at(-1);
    if (last === undefined || last.toMs !== day.fromMs || NO_GAPS.has(last.cause)) break;
    await turns.pass();
    const [next] = gapsIn(reader, { cameraId, window: day }, at);
    if (next?.fromMs === day.fromMs) pieces.push(next);
  }
  return joinedGaps(pieces).flatMap(
    ({ fromMs: startMs, toMs: endMs, detail, ...gap }): CameraEvent[] => {
      const isWithin = startMs >= window.fromMs && startMs < toMs;
      // A timeline has these words only; to its readers they are text.
      const cause = gap.cause as GapCause;
      if (!isWithin || NO_GAPS.has(cause)) return [];
      return [{ kind: "recording_gap", cameraId, startMs, endMs, cause, detail }];
    },
  );
}

/** The newest only: a camera with a bad link goes and comes a thousand times a day, for years. */
export function turnsOf(
  reader: TimelineReader,
  cameraId: string,
  { kind, window, limit }: {
    readonly kind: EventKind | null;
    readonly window: TimeWindow;
    readonly limit: number;
  },
): CameraEvent[] {
  const kinds = (["offline", "online"] as const)
    .filter((turn) => kind === null || kind === `camera_${turn}`);
  return reader.newestTurns(cameraId, window, { kinds, limit }).map((turn) => ({
    kind: turn.kind === "offline" ? "camera_offline" : "camera_online",
    cameraId: turn.cameraId,
    startMs: turn.atMs,
    endMs: turn.untilMs,
    cause: turn.cause,
    detail: turn.detail,
  }));
}

/** Few may fit a filter of very many: others of this thread have their turn in between. */
async function seenEvents(
  reader: TimelineReader,
  filter: Omit<EventFilter, "window"> & { readonly cameraId: string | null },
  { window, limit }: { readonly window: TimeWindow; readonly limit: number },
): Promise<VisionEvent[]> {
  const seen: VisionEvent[] = [];
  const turns = new Turns();
  for (let { toMs } = window;;) {
    const left = { ...window, toMs };
    const startMs = reader.stretchStart({ cameraId: filter.cameraId, window: left }, STRETCH);
    const stretch = { fromMs: startMs ?? window.fromMs, toMs };
    const page = { limit: limit - seen.length };
    seen.push(...reader.visionEvents({ ...filter, window: stretch }, page));
    if (startMs === undefined || seen.length >= limit) return seen;
    toMs = startMs;
    await turns.pass();
  }
}

function windowOf({ fromMs, toMs }: EventQuery): TimeWindow {
  return { fromMs: fromMs ?? unixMs(0), toMs: toMs ?? unixMs(Number.MAX_SAFE_INTEGER) };
}

function camerasOf(reader: TimelineReader, { cameraIds }: EventQuery): readonly string[] {
  return cameraIds ?? reader.cameras().map(({ cameraId }) => cameraId);
}

function newestFirst<Event extends ListedEvent>(events: readonly Event[]): Event[] {
  return events.toSorted((one, other) => other.startMs - one.startMs);
}
