/**
 * Makes events of things: one for each visit of each thing.
 *
 * A thing is an event when it was detected in a few pictures, surely in one of
 * them, and has moved: what stands there all the time is part of the scene,
 * however often it is detected while somebody walks past. The event ends with
 * the last sight of the thing, or when it has not moved for a minute.
 *
 * In:   the things that the tracker follows. Out: changes of events.
 * Not here: which detection is which thing (tracker.ts).
 *
 * Pure: time comes with the pictures.
 *
 * Design: docs/design/vision.md, "Tracks and events"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { EventDraft, LONGEST_EVENT_MS } from "./events_draft.ts";
import type { EventMaking } from "./events.ts";
import type { EventChange } from "./messages.ts";
import { feetOf } from "./polygon.ts";
import type { Followed, Seen, Track } from "./tracker.ts";
import { distanceBetween, growthBetween } from "./tracker_motion.ts";

/**
 * Pictures in which a thing is detected while it moves, at least, and the score of
 * the surest of them. In the clips that the built-in model was tried on, false
 * people came in one or two pictures with at most 0.45; each true visit had eight
 * pictures and reached 0.58.
 */
const FEWEST_PICTURES = 3;
const SURE_SCORE = 0.5;

/** A score that the settings ask of each picture makes the surest one this much higher: 0.38 and 0.50. */
const SURE_ABOVE_LEAST = 0.12;

/** A thing moves in a picture when so much of it does. */
const MOVING_SHARE = 0.25;

/**
 * A thing has moved when it is so far, in its own size, from where it was first
 * seen, or has become so many times larger or smaller. Boxes of what stands still
 * jump by a tenth.
 */
const TRAVELLED = 0.25;
const GROWN = 1.6;

/** Or when so much of it moved in so many pictures: somebody who was noticed late. */
const ALL_OF_IT = 0.5;
const PICTURES_OF_ALL = 5;

/** A thing that does not move for so long belongs to the scene, in milliseconds. */
const STILL_MS = 60_000;

/** A thing's visit, whether it is an event yet or not. */
interface Visit {
  draft: EventDraft;
  /** Where it was when it last moved. */
  restBox: Box;
  movedMs: UnixMs;
  seenMs: UnixMs;
  hasTravelled: boolean;
  movingPictures: number;
  picturesOfAll: number;
}

export class ObjectEvents {
  readonly #making: EventMaking;
  readonly #visits = new Map<Track, Visit>();

  constructor(making: EventMaking) {
    this.#making = making;
  }

  see({ seen, lost }: Followed, atMs: UnixMs): EventChange[] {
    const changes: EventChange[] = [];
    for (const track of lost) changes.push(...this.#end(track));
    for (const sight of seen) changes.push(...this.#see(sight, atMs));
    for (const [track, { draft, movedMs }] of this.#visits) {
      if (draft.eventId === undefined || atMs - movedMs < STILL_MS) continue;
      changes.push(...this.#end(track, movedMs));
    }
    return changes;
  }

  /** Ends all visits. */
  finish(): EventChange[] {
    return [...this.#visits.keys()].flatMap((track) => this.#end(track));
  }

  #see(sight: Seen, atMs: UnixMs): EventChange[] {
    const { track, detection } = sight;
    const visit = this.#visits.get(track) ?? this.#begin(track, atMs);
    const { draft } = visit;
    const { box, score } = detection;
    draft.add({ atMs, box, score, standing: feetOf(box) });
    visit.seenMs = atMs;
    noteMovement(visit, sight, atMs);
    if (draft.eventId === undefined) return this.#openIfTrue(track, visit, atMs);
    if (atMs - draft.startMs >= LONGEST_EVENT_MS) return this.#cut(sight, visit, atMs);
    if (!draft.isDue(atMs)) return [];
    return [{ change: "updated", event: draft.tell(track.class, { atMs, endMs: null }) }];
  }

  #begin(track: Track, atMs: UnixMs): Visit {
    const visit: Visit = {
      draft: this.#newDraft(atMs),
      restBox: track.box,
      movedMs: atMs,
      seenMs: atMs,
      hasTravelled: false,
      movingPictures: 0,
      picturesOfAll: 0,
    };
    this.#visits.set(track, visit);
    return visit;
  }

  #newDraft(startMs: UnixMs): EventDraft {
    const { cameraId, settings } = this.#making;
    return new EventDraft({ cameraId, kind: "object_detected", startMs, settings });
  }

  #openIfTrue(track: Track, visit: Visit, atMs: UnixMs): EventChange[] {
    const { draft, movingPictures, hasTravelled, picturesOfAll } = visit;
    if (movingPictures < FEWEST_PICTURES) return [];
    if (!hasTravelled && picturesOfAll < PICTURES_OF_ALL) return [];
    if (draft.score < sureScore(track.class, this.#making.settings)) return [];
    return [this.#open(track, draft, atMs)];
  }

  #open(track: Track, draft: EventDraft, atMs: UnixMs): EventChange {
    draft.open(this.#making.nextId(draft.startMs));
    track.hasEvent = true;
    return { change: "begun", event: draft.tell(track.class, { atMs, endMs: null }) };
  }

  /** The visit goes on, its event does not. */
  #cut({ track, detection: { box, score } }: Seen, visit: Visit, atMs: UnixMs): EventChange[] {
    const event = visit.draft.tell(track.class, { atMs, endMs: atMs });
    const draft = visit.draft = this.#newDraft(atMs);
    draft.add({ atMs, box, score, standing: feetOf(box) });
    return [{ change: "ended", event }, this.#open(track, draft, atMs)];
  }

  /** @param endMs When it ended, where that is not the last sight of the thing. */
  #end(track: Track, endMs?: UnixMs): EventChange[] {
    const visit = this.#visits.get(track);
    this.#visits.delete(track);
    track.hasEvent = false;
    if (visit?.draft.eventId === undefined) return [];
    const { draft, seenMs } = visit;
    const event = draft.tell(track.class, { atMs: seenMs, endMs: endMs ?? seenMs });
    return [{ change: "ended", event }];
  }
}

function noteMovement(visit: Visit, { track, movingShare }: Seen, atMs: UnixMs): void {
  const { restBox } = visit;
  const hasTravelled = distanceBetween(restBox, track.box) >= TRAVELLED ||
    growthBetween(restBox, track.box) >= GROWN;
  if (movingShare >= MOVING_SHARE) visit.movingPictures += 1;
  if (movingShare >= ALL_OF_IT) visit.picturesOfAll += 1;
  if (hasTravelled || movingShare >= MOVING_SHARE) visit.movedMs = atMs;
  if (!hasTravelled) return;
  visit.hasTravelled = true;
  visit.restBox = track.box;
}

/** The score that the surest picture of an event has at least. */
export function sureScore(name: string, { minScore }: Pick<VisionSettings, "minScore">): number {
  const least = Object.hasOwn(minScore, name) ? minScore[name] : undefined;
  return least === undefined ? SURE_SCORE : Math.min(1, least + SURE_ABOVE_LEAST);
}
