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
import type { VisionEvent } from "../../model/vision.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type { EventDoor, EventFacts, EventQuestion } from "../../web/doors.ts";
import {
  type CameraEvent,
  EVENT_KINDS,
  type EventKind,
  type EventMoment,
  type EventQuery,
  eventsWithRows,
  gapEvents,
  gapsOf,
  joinedList,
  type ListedEvent,
  turnsOf,
  wantsGaps,
} from "../event_list.ts";
import type { KeptIndex } from "./kept_index.ts";
import { Places } from "./places.ts";

/** A picture is a JPEG of one frame; what is larger is none, in bytes. */
const LARGEST_PICTURE = 16 * 1_048_576;

const DAY_MS = 86_400_000;

/** A month of many cameras takes seconds. */
const GAP_REACH = { unaskedMs: 2 * DAY_MS, mostMs: 31 * DAY_MS };

/** Lists that wait for their gaps, one at a time. */
const WALKS_WAITING = 16;

export class WebEvents implements EventDoor {
  readonly #root: string;
  readonly #index: KeptIndex;
  readonly #clock: Clock;
  readonly #walks = new Places(1, WALKS_WAITING);

  constructor(parts: { readonly root: string; readonly index: KeptIndex; readonly clock: Clock }) {
    this.#root = parts.root;
    this.#index = parts.index;
    this.#clock = parts.clock;
  }

  async list(question: EventQuestion): ReturnType<EventDoor["list"]> {
    const { kind } = question;
    if (kind !== null && !isKind(kind)) return { events: [], isCut: false };
    const query: EventQuery = { ...question, kind };
    const known = await this.#index.use((reader) => eventsWithRows(reader, query));
    const gaps = wantsGaps(query)
      ? await this.#walk((reader) => gapEvents(reader, { query, known }, this.#moment))
      : [];
    const { events, isCut } = joinedList(known, gaps, query.limit);
    return { events: events.map(toFacts), isCut };
  }

  async get(eventId: string): Promise<EventFacts | undefined> {
    const seen = this.#index.ask((reader) => reader.visionEvent(eventId));
    if (seen !== undefined) return toFacts(seen);
    const named = readCameraEventId(eventId);
    if (named === undefined) return undefined;
    const { cameraId, startMs } = named;
    if (named.kind === "recording_gap") {
      const window = { fromMs: startMs, toMs: unixMs(startMs + 1) };
      const gaps = await this.#walk((reader) => gapsOf(reader, cameraId, window, this.#moment));
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

  /** Long work on the index, one after the other. */
  #walk<T>(work: (reader: TimelineReader) => Promise<T>): Promise<T> {
    return this.#walks.take(new AbortController().signal, () => this.#index.use(work));
  }

  get #moment(): EventMoment {
    return { nowMs: this.#clock.now(), isRecording: true, reach: GAP_REACH };
  }
}

function isKind(text: string): text is EventKind {
  return (EVENT_KINDS as readonly string[]).includes(text);
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
