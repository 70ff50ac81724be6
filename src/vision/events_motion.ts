/**
 * Makes events of movement: one for each stretch of time in which something moves,
 * whatever it is.
 *
 * In:   what moves in each picture, in the order of time.
 * Out:  changes of events.
 *
 * Pure: time comes with the pictures.
 *
 * Design: docs/design/vision.md, "Tracks and events"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box } from "../model/vision.ts";
import { EventDraft, LONGEST_EVENT_MS } from "./events_draft.ts";
import type { EventMaking } from "./events.ts";
import type { EventChange } from "./messages.ts";
import { areaOf, boxAround, centerOf } from "./polygon.ts";

/** Pictures with movement that make an event: a bird that flies past is in one or two. */
const FEWEST_PICTURES = 3;

/** Movement that was no event yet is forgotten after this time without any, in milliseconds. */
const FORGETS_MS = 2_000;

/** An event ends after this time without movement, in milliseconds. */
export const QUIET_MS = 5_000;

interface Stretch {
  readonly draft: EventDraft;
  pictures: number;
  movedMs: UnixMs;
}

export class MotionEvents {
  readonly #making: EventMaking;
  #stretch: Stretch | undefined;

  constructor(making: EventMaking) {
    this.#making = making;
  }

  see(moving: readonly Box[], atMs: UnixMs): EventChange[] {
    const ended = this.#endIfQuiet(atMs);
    if (moving.length === 0) return ended;
    const stretch = this.#stretch ??= this.#begin(atMs);
    const { draft } = stretch;
    const box = moving.reduce(boxAround);
    const score = Math.min(1, moving.reduce((sum, each) => sum + areaOf(each), 0));
    draft.add({ atMs, box, score, standing: centerOf(moving[0]!) });
    stretch.pictures += 1;
    stretch.movedMs = atMs;
    if (draft.eventId === undefined) {
      if (stretch.pictures < FEWEST_PICTURES) return ended;
      draft.open(this.#making.nextId(draft.startMs));
      const event = draft.tell(null, { atMs, endMs: null });
      return [...ended, { change: "begun", event }];
    }
    if (atMs - draft.startMs >= LONGEST_EVENT_MS) return [...ended, ...this.#cut(atMs, moving)];
    if (!draft.isDue(atMs)) return ended;
    return [...ended, { change: "updated", event: draft.tell(null, { atMs, endMs: null }) }];
  }

  /** Ends what goes on. */
  finish(): EventChange[] {
    const stretch = this.#stretch;
    this.#stretch = undefined;
    if (stretch?.draft.eventId === undefined) return [];
    const { draft, movedMs } = stretch;
    return [{ change: "ended", event: draft.tell(null, { atMs: movedMs, endMs: movedMs }) }];
  }

  #begin(atMs: UnixMs): Stretch {
    const { cameraId, settings } = this.#making;
    const draft = new EventDraft({ cameraId, kind: "motion_detected", startMs: atMs, settings });
    return { draft, pictures: 0, movedMs: atMs };
  }

  #endIfQuiet(atMs: UnixMs): EventChange[] {
    if (this.#stretch === undefined) return [];
    const { draft, movedMs } = this.#stretch;
    const waitsMs = draft.eventId === undefined ? FORGETS_MS : QUIET_MS;
    return atMs - movedMs >= waitsMs ? this.finish() : [];
  }

  /** Movement goes on, the event does not. */
  #cut(atMs: UnixMs, moving: readonly Box[]): EventChange[] {
    const ended = this.finish();
    const stretch = this.#stretch = this.#begin(atMs);
    stretch.pictures = FEWEST_PICTURES - 1;
    return [...ended, ...this.see(moving, atMs)];
  }
}
