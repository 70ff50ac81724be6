/**
 * An event as it grows: its places, its best picture, its zones and lines, and
 * when it was last told of.
 *
 * In:   where a thing (or what moves) was in each picture.
 * Out:  the {@linkcode VisionEvent} as it is by now.
 * Not here: when an event begins and ends (events_objects.ts, events_motion.ts).
 *
 * Pure: time comes with the pictures.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type {
  BestPicture,
  Box,
  Crossing,
  Point,
  TracePoint,
  VisionEvent,
} from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { areaOf } from "./polygon.ts";
import { LineCrossings } from "./trip_line.ts";
import { ZoneStays } from "./zones.ts";

/** Points of a trace at most; the model promises it. */
export const MOST_TRACE_POINTS = 200;

/** An event that goes on is told of again after this time, in milliseconds. */
const UPDATE_EVERY_MS = 1_000;

/** An event never lasts longer than this, in milliseconds: it is cut, and another one goes on. */
export const LONGEST_EVENT_MS = 600_000;

/** What an event is of, beside its times. */
export interface DraftStart {
  readonly cameraId: string;
  readonly kind: VisionEvent["kind"];
  readonly startMs: UnixMs;
  readonly settings: Pick<VisionSettings, "zones" | "lines">;
}

/** Where something was in a picture. */
export interface Glimpse {
  readonly atMs: UnixMs;
  readonly box: Box;
  readonly score: number;
  /** Where it stands, for zones and lines. */
  readonly standing: Point;
}

export class EventDraft {
  readonly #start: DraftStart;
  readonly #zones: ZoneStays;
  readonly #lines: LineCrossings;
  readonly #trace = new Trace();
  #best: BestPicture | undefined;
  #score = 0;
  #toldMs = -Infinity;
  #isNews = false;
  #eventId: string | undefined;

  constructor(start: DraftStart) {
    this.#start = start;
    this.#zones = new ZoneStays(start.settings.zones);
    this.#lines = new LineCrossings(start.settings.lines);
  }

  get startMs(): UnixMs {
    return this.#start.startMs;
  }

  /** Undefined until it is told of. */
  get eventId(): string | undefined {
    return this.#eventId;
  }

  /** Highest score so far. */
  get score(): number {
    return this.#score;
  }

  add({ atMs, box, score, standing }: Glimpse): void {
    this.#isNews = true;
    this.#trace.add({ atMs, box });
    this.#zones.stand(standing, atMs);
    this.#lines.stand(standing, atMs);
    this.#score = Math.max(this.#score, score);
    const worth = score * areaOf(box);
    if (this.#best === undefined || worth > this.#best.score * areaOf(this.#best.box)) {
      this.#best = { atMs, box, score, wholePath: null, cropPath: null };
    }
  }

  /** Gives it a name: from now on it is an event. */
  open(eventId: string): void {
    this.#eventId = eventId;
  }

  /** Whether it is time to tell of it again. */
  isDue(atMs: UnixMs): boolean {
    return this.#isNews && atMs - this.#toldMs >= UPDATE_EVERY_MS;
  }

  /** The event as it is told of now. `endMs` is null while it goes on. */
  tell(
    name: string | null,
    { atMs, endMs }: { readonly atMs: UnixMs; readonly endMs: UnixMs | null },
  ): VisionEvent {
    if (this.#best === undefined || this.#eventId === undefined) {
      throw new TypeError("Cannot tell of an event that has not begun");
    }
    this.#toldMs = atMs;
    this.#isNews = false;
    const { cameraId, kind, startMs } = this.#start;
    const crossings: readonly Crossing[] = name === null ? [] : this.#lines.of(name);
    return {
      eventId: this.#eventId,
      cameraId,
      kind,
      class: name,
      startMs,
      endMs,
      score: this.#score,
      best: this.#best,
      trace: this.#trace.points,
      zones: this.#zones.namesFor(name),
      crossings,
    };
  }
}

/** Points over time, fewer and fewer of a long time: every second, every fourth one … */
class Trace {
  #kept: TracePoint[] = [];
  #last: TracePoint | undefined;
  #count = 0;
  #every = 1;

  add(point: TracePoint): void {
    this.#last = point;
    if (this.#count % this.#every === 0) this.#kept.push(point);
    this.#count += 1;
    // One place is for the last point, which is always told.
    if (this.#kept.length < MOST_TRACE_POINTS) return;
    this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }

  get points(): readonly TracePoint[] {
    const last = this.#last;
    return last === undefined || this.#kept.at(-1) === last
      ? [...this.#kept]
      : [...this.#kept, last];
  }
}
