/**
 * Events for the web server: lists of what was seen and of what happened to cameras,
 * with pictures by id.
 *
 * In:   the index. Out: plain facts, the newest first.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import type { GapCause } from "../../model/ledger.ts";
import type { VisionEvent } from "../../model/vision.ts";
import { type TimeWindow, windowLengthMs } from "../../model/window.ts";
import type { EventFilter } from "../../store/event_reader.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type { EventDoor, EventFacts, EventQuestion } from "../../web/doors.ts";
import {
  type CameraEvent,
  EVENT_KINDS,
  type EventKind,
  type ListedEvent,
  NO_GAPS,
} from "../event_list.ts";
import { Turns } from "./turns.ts";
import type { KeptIndex } from "./kept_index.ts";
import { Places } from "./places.ts";
import { Timelines } from "./timeline.ts";

/** A picture is a JPEG of one frame; what is larger is none, in bytes. */
const LARGEST_PICTURE = 16 * 1_048_576;

const DAY_MS = 86_400_000;

/** Where no beginning is asked for, gaps are looked for this far back, in milliseconds. */
const GAPS_REACH_MS = 2 * DAY_MS;

/** And never further than this from the end: each day of each camera is read. */
const GAPS_LIMIT_MS = 31 * DAY_MS;

/** Lists that wait for their gaps: a month of many cameras takes seconds, one list at a time. */
const WALKS_WAITING = 16;

/** Events that a filter is tried on in one go: some 10 ms. */
const STRETCH = 4_000;

/** How far a gap is followed that somebody asks for by its id, in milliseconds. */
const GAP_FOLLOWED_MS = 7 * DAY_MS;

/** A question with what it leaves open filled in. */
interface Asked extends EventQuestion {
  readonly kind: EventKind | null;
  readonly window: TimeWindow;
}

export class WebEvents implements EventDoor {
  readonly #root: string;
  readonly #index: KeptIndex;
  readonly #clock: Clock;
  readonly #timelines: Timelines;
  readonly #walks = new Places(1, WALKS_WAITING);

  constructor(parts: { readonly root: string; readonly index: KeptIndex; readonly clock: Clock }) {
    this.#root = parts.root;
    this.#index = parts.index;
    this.#clock = parts.clock;
    this.#timelines = new Timelines(parts.index, parts.clock);
  }

  async list(question: EventQuestion): ReturnType<EventDoor["list"]> {
    const { kind, fromMs, toMs, limit } = question;
    if (kind !== null && !isKind(kind)) return { events: [], isCut: false };
    const window = {
      fromMs: fromMs ?? unixMs(0),
      toMs: toMs ?? unixMs(Number.MAX_SAFE_INTEGER),
    };
    const asked: Asked = { ...question, kind, window };
    // One more than is wanted: then it is known that there are older ones.
    const known = newestFirst(await this.#index.use((reader) => eventsWithRows(reader, asked)))
      .slice(0, limit + 1);
    const gaps = await this.#gaps(asked, known[limit]?.startMs);
    const events = newestFirst([...known, ...gaps]);
    return { events: events.slice(0, limit).map(toFacts), isCut: events.length > limit };
  }

  async get(eventId: string): Promise<EventFacts | undefined> {
    const seen = this.#index.ask((reader) => reader.visionEvent(eventId));
    if (seen !== undefined) return toFacts(seen);
    const named = readCameraEventId(eventId);
    if (named === undefined) return undefined;
    const { cameraId, startMs } = named;
    if (named.kind === "recording_gap") {
      // From just before: one that begins earlier has another id.
      const fromMs = unixMs(Math.max(0, startMs - 1));
      const toMs = unixMs(startMs + GAP_FOLLOWED_MS);
      const gaps = await this.#gapsOf(cameraId, { fromMs, toMs });
      const gap = gaps.find((each) => each.startMs === startMs);
      return gap === undefined ? undefined : toFacts(gap);
    }
    const window = { fromMs: startMs, toMs: unixMs(startMs + 1) };
    const which = { kind: named.kind, window, limit: 1 };
    const [turn] = this.#index.ask((reader) => turnsOf(reader, cameraId, which));
    return turn === undefined ? undefined : toFacts(turn);
  }

  async picture(eventId: string, part: "whole" | "crop"): Promise<Uint8Array | undefined> {
    const event = this.#index.ask((reader) => reader.visionEvent(eventId));
    const path = part === "whole" ? event?.best.wholePath : event?.best.cropPath;
    if (path === undefined || path === null) return undefined;
    try {
      // From the database, which only the writer writes; the path is never that of a request.
      const file = join(this.#root, path);
      const { isFile, size } = await Deno.lstat(file);
      return isFile && size <= LARGEST_PICTURE ? await Deno.readFile(file) : undefined;
    } catch (error) {
      // Deleted with its footage, this moment or by hand.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Gaps have no rows: they are worked out, and only as far back as the list reaches. */
  async #gaps(asked: Asked, reachedMs: UnixMs | undefined): Promise<CameraEvent[]> {
    const { kind, zone, window, fromMs, cameraIds } = asked;
    if (asked.class !== null || zone !== null) return [];
    if (kind !== null && kind !== "recording_gap") return [];
    const toMs = unixMs(Math.min(window.toMs, this.#clock.now()));
    const firstMs = fromMs === null ? toMs - GAPS_REACH_MS : toMs - GAPS_LIMIT_MS;
    const beginMs = unixMs(Math.max(0, window.fromMs, firstMs, reachedMs ?? 0));
    if (beginMs >= toMs) return [];
    const ids = cameraIds ??
      this.#index.ask((reader) => reader.cameras()).map((camera) => camera.cameraId);
    return await this.#walks.take(new AbortController().signal, async () => {
      const gaps: CameraEvent[] = [];
      for (const id of ids) gaps.push(...await this.#gapsOf(id, { fromMs: beginMs, toMs }));
      return gaps;
    });
  }

  /** Gaps that begin in a window. */
  async #gapsOf(cameraId: string, window: TimeWindow): Promise<CameraEvent[]> {
    const toMs = unixMs(Math.min(window.toMs, this.#clock.now()));
    if (windowLengthMs({ fromMs: window.fromMs, toMs }) <= 0) return [];
    const asked = { cameraId, window: { fromMs: window.fromMs, toMs }, buckets: 1 };
    const { gaps } = await this.#timelines.timelineOf(asked);
    return gaps.flatMap(({ fromMs: startMs, toMs: endMs, detail, ...gap }): CameraEvent[] => {
      const isOfBefore = startMs === window.fromMs;
      // A timeline has these words only; to its readers they are text.
      const cause = gap.cause as GapCause;
      if (isOfBefore || NO_GAPS.has(cause)) return [];
      return [{ kind: "recording_gap", cameraId, startMs, endMs, cause, detail }];
    });
  }
}

function isKind(text: string): text is EventKind {
  return (EVENT_KINDS as readonly string[]).includes(text);
}

function newestFirst<Event extends ListedEvent>(events: readonly Event[]): Event[] {
  return events.toSorted((one, other) => other.startMs - one.startMs);
}

/** What was seen, and when cameras went and came: as many of each as could be wanted. */
async function eventsWithRows(reader: TimelineReader, asked: Asked): Promise<ListedEvent[]> {
  const { kind, zone, window, limit } = asked;
  const isSeen = kind === "motion_detected" || kind === "object_detected";
  const seen: ListedEvent[] = [];
  if (kind === null || isSeen) {
    const filter = { kind, class: asked.class, zone };
    for (const cameraId of asked.cameraIds ?? [null]) {
      seen.push(...await seenEvents(reader, { ...filter, cameraId }, { window, limit: limit + 1 }));
    }
  }
  // Only what was seen has a class and a zone.
  if (isSeen || kind === "recording_gap" || asked.class !== null || zone !== null) return seen;
  const ids = asked.cameraIds ?? reader.cameras().map((camera) => camera.cameraId);
  const turns = ids.flatMap((id) => turnsOf(reader, id, { kind, window, limit: limit + 1 }));
  return [...seen, ...turns];
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

/** The newest only: a camera with a bad link goes and comes a thousand times a day, for years. */
function turnsOf(
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

/** What is told of an event. */
export function toFacts(event: ListedEvent): EventFacts {
  return isSeen(event) ? seenFacts(event) : cameraFacts(event);
}

function isSeen(event: ListedEvent): event is VisionEvent {
  return event.kind === "motion_detected" || event.kind === "object_detected";
}

export function seenFacts(event: VisionEvent): EventFacts {
  const { eventId, kind, cameraId, startMs, endMs, score, zones, crossings, best, trace } = event;
  return {
    ...{ eventId, kind, cameraId, startMs, endMs, score, zones, crossings },
    class: event.class,
    hasPicture: best.wholePath !== null,
    cause: null,
    detail: null,
    boxes: trace,
  };
}

function cameraFacts(event: CameraEvent): EventFacts {
  const { kind, cameraId, startMs, endMs, cause, detail } = event;
  return {
    ...{ kind, cameraId, startMs, endMs, cause, detail },
    eventId: `${cameraId}.${kind}.${startMs}`,
    class: null,
    score: null,
    zones: [],
    crossings: [],
    hasPicture: false,
    boxes: [],
  };
}

/** What happened to a camera has no id of its own: its camera, kind and start stand in. */
function readCameraEventId(eventId: string):
  | { readonly cameraId: string; readonly kind: EventKind; readonly startMs: UnixMs }
  | undefined {
  const [, cameraId, kind, start] = /^([a-z0-9-]{1,64})\.([a-z_]{1,32})\.(\d{1,15})$/
    .exec(eventId) ?? [];
  if (cameraId === undefined || kind === undefined || !isKind(kind)) return undefined;
  return { cameraId, kind, startMs: unixMs(Number(start)) };
}
