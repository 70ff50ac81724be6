/**
 * Follows things from picture to picture: which detection is the same thing as
 * one before, what it is by the vote of all pictures, and when it is gone.
 *
 * A thing is gone when somebody looked where it should be and did not find it for
 * a while. Where nobody looked (the detector was busy, or nothing moved) it is
 * taken to be there still; movement alone keeps it, too.
 *
 * In:   what was seen in each picture, in the order of time.
 * Out:  which things were seen, and which are gone.
 * Not here: what makes an event of a thing (events_objects.ts).
 *
 * Pure: time comes with the pictures.
 *
 * Design: docs/design/vision.md, "Tracks and events"
 *
 * @module
 */

import type { Box, Detection } from "../model/vision.ts";
import { areaOf, overlapOf, sharedArea } from "./polygon.ts";
import { matchThings } from "./tracker_match.ts";
import { SmoothBox } from "./tracker_motion.ts";

/** What was found in a picture, as far as it counts. */
export interface Look {
  readonly atMs: number;
  readonly moving: readonly Box[];
  /** Null where no detector looked. */
  readonly detections: readonly Detection[] | null;
  /** Where the detector looked; null is everywhere. */
  readonly looked: readonly Box[] | null;
}

/** A thing that was detected in a picture. */
export interface Seen {
  readonly track: Track;
  readonly detection: Detection;
  /** The share of it that what moves covers, as far as that is not rather another thing. */
  readonly movingShare: number;
}

export interface Followed {
  readonly seen: readonly Seen[];
  /** Will not be seen any more. */
  readonly lost: readonly Track[];
}

/** A thing that nothing is known of yet is waited for so long, in milliseconds: detectors blink. */
const WAITS_MS = 2_500;

/** A thing with an event is waited for so long: behind a post, a parked van, another person. */
const WAITS_FOR_EVENT_MS = 5_000;

/** One that went out of the picture has most likely left it. */
const WAITS_OUTSIDE_MS = 1_000;

/** One that stood still can't be far: a detector that is not sure of it blinks for longer. */
const WAITS_AT_REST_MS = 20_000;

/** Looks in vain that it takes at least. */
const FEWEST_MISSES = 2;

/** Without any sign a thing is gone after this time, in milliseconds, whoever did not look. */
const WAITS_BLINDLY_MS = 60_000;

/** So long movement alone keeps a thing, in milliseconds: a slow detector's few pictures. */
const MOVEMENT_KEEPS_MS = 10_000;

/** Movement is a thing's own where it covers so much of it; it moves its box where they are so alike. */
const OWN_MOVEMENT = 0.3;
const LIKE_MOVEMENT = 0.4;

/** How far a box of movement is followed: shadows and neighbours are part of it. */
const MOVEMENT_TRUST = 0.4;

/** A place was looked at when so much of it was. */
const LOOKED_SHARE = 0.6;

const WHOLE_PICTURE: Box = { x: 0, y: 0, width: 1, height: 1 };

/** A thing of which less than this is in the picture is leaving it, or can't be found any more. */
const LEAVING_SHARE = 0.7;
const OUTSIDE_SHARE = 0.2;

/** A further box that lies in another one of its class for this share is a part of that one. */
const PART_SHARE = 0.6;

/** Things followed at once; a crowd is no reason to run out of time. */
const MOST_TRACKS = 60;

/** A thing that is followed. */
export class Track {
  readonly #place: SmoothBox;
  readonly #votes = new Map<string, number>();
  #detectedMs: number;
  #keptMs: number;
  #misses = 0;
  /** There is an event of it: it is waited for longer, and asked for while it stands still. */
  hasEvent = false;
  /** When it was last asked for while it stood still. */
  askedMs = -Infinity;

  constructor(detection: Detection, atMs: number) {
    this.#place = new SmoothBox(detection.box, atMs);
    this.#detectedMs = atMs;
    this.#keptMs = atMs;
    this.#vote(detection);
  }

  /** What it is, by the sum of scores. */
  get class(): string {
    return [...this.#votes].reduce((best, other) => other[1] > best[1] ? other : best)[0];
  }

  /** Where it was last, smoothed. */
  get box(): Box {
    return this.#place.box;
  }

  /** When it was last detected, or last moved. */
  get seenMs(): number {
    return this.#keptMs;
  }

  get detectedMs(): number {
    return this.#detectedMs;
  }

  /** It stood still when it was last seen. */
  get isAtRest(): boolean {
    return this.#place.isAtRest;
  }

  boxAt(atMs: number): Box {
    return this.#place.at(atMs);
  }

  detect(detection: Detection, atMs: number): void {
    this.#place.follow(detection.box, { atMs, trust: 1 });
    this.#vote(detection);
    this.#detectedMs = atMs;
    this.#keptMs = atMs;
    this.#misses = 0;
  }

  /** It was not detected; what moves may be it. Returns whether it is. */
  keep(moving: readonly Box[], atMs: number): boolean {
    if (atMs - this.#detectedMs > MOVEMENT_KEEPS_MS) return false;
    const expected = this.boxAt(atMs);
    const own = moving.filter((box) =>
      sharedArea(box, expected) >= OWN_MOVEMENT * areaOf(expected)
    );
    if (own.length === 0 || this.#isOutside(atMs)) return false;
    this.#keptMs = atMs;
    const alike = own.find((box) => overlapOf(box, expected) >= LIKE_MOVEMENT);
    if (alike !== undefined) this.#place.follow(alike, { atMs, trust: MOVEMENT_TRUST });
    return true;
  }

  /** Somebody looked, and it was not there. */
  miss(): void {
    this.#misses += 1;
  }

  isGone(atMs: number): boolean {
    const unseenMs = atMs - this.#keptMs;
    if (unseenMs >= WAITS_BLINDLY_MS) return true;
    if (!this.hasEvent) return unseenMs >= WAITS_MS;
    return unseenMs >= this.#waitsMs(atMs) && this.#misses >= FEWEST_MISSES;
  }

  #waitsMs(atMs: number): number {
    if (this.#isOutside(atMs)) return WAITS_OUTSIDE_MS;
    return this.isAtRest ? WAITS_AT_REST_MS : WAITS_FOR_EVENT_MS;
  }

  #isOutside(atMs: number): boolean {
    const box = this.boxAt(atMs);
    return sharedArea(box, WHOLE_PICTURE) < LEAVING_SHARE * areaOf(box);
  }

  #vote({ class: name, score }: Detection): void {
    this.#votes.set(name, (this.#votes.get(name) ?? 0) + score);
  }
}

export class Tracker {
  #tracks: Track[] = [];

  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** Goes on to the next picture. */
  follow(look: Look): Followed {
    const { atMs, moving, detections } = look;
    const seen = detections === null ? [] : this.#detect(detections, look);
    for (const track of this.#tracks) {
      if (track.detectedMs === atMs || track.keep(moving, atMs) || detections === null) continue;
      if (wasLookedAt(track.boxAt(atMs), look.looked)) track.miss();
    }
    const lost = this.#tracks.filter((track) => track.isGone(atMs));
    this.#tracks = this.#tracks.filter((track) => !lost.includes(track));
    return { seen, lost };
  }

  /** Forgets everything. Returns what was followed. */
  clear(): readonly Track[] {
    return this.#tracks.splice(0);
  }

  #detect(detections: readonly Detection[], { atMs, moving }: Look): Seen[] {
    const shares = movingShares(detections, moving);
    const candidates = this.#tracks.map((track) => ({
      class: track.class,
      box: track.boxAt(atMs),
      unseenMs: atMs - track.seenMs,
      isAtRest: track.isAtRest,
    }));
    const pairs = matchThings(candidates, detections);
    const seen = pairs.map(({ candidate, detection: index }): Seen => {
      const track = this.#tracks[candidate]!;
      const detection = detections[index]!;
      track.detect(detection, atMs);
      return { track, detection, movingShare: shares[index]! };
    });
    const isKnown = new Set(pairs.map(({ detection }) => detection));
    for (const [index, detection] of detections.entries()) {
      if (isKnown.has(index) || this.#tracks.length >= MOST_TRACKS) continue;
      if (seen.some((other) => isPartOf(detection, other.detection))) continue;
      // Where a thing was found in pieces, one of them stands for it.
      if (pairs.some((pair) => isPartOf(detection, candidates[pair.candidate]!))) continue;
      const track = new Track(detection, atMs);
      this.#tracks.push(track);
      seen.push({ track, detection, movingShare: shares[index]! });
    }
    return seen;
  }
}

/** A thing that should be outside of the picture by now can't be looked at; that is an answer, too. */
function wasLookedAt(box: Box, looked: readonly Box[] | null): boolean {
  const visibleArea = sharedArea(box, WHOLE_PICTURE);
  if (looked === null || visibleArea < OUTSIDE_SHARE * areaOf(box)) return true;
  return looked.some((region) => sharedArea(region, box) >= LOOKED_SHARE * visibleArea);
}

function isPartOf(detection: Detection, other: Pick<Detection, "class" | "box">): boolean {
  return detection.class === other.class &&
    sharedArea(detection.box, other.box) >= PART_SHARE * areaOf(detection.box);
}

/**
 * The share of each detection that moves. A box of movement belongs to the
 * detection that it is most like, and to others that it is nearly as much like:
 * the walker in front of a parked car moves, the car does not.
 */
function movingShares(detections: readonly Detection[], moving: readonly Box[]): number[] {
  const shares = detections.map(() => 0);
  for (const movement of moving) {
    const likeness = detections.map(({ box }) => overlapOf(box, movement));
    const most = Math.max(...likeness);
    for (const [index, { box }] of detections.entries()) {
      if (likeness[index]! === 0 || likeness[index]! < most / 2) continue;
      shares[index]! += sharedArea(box, movement) / areaOf(box);
    }
  }
  return shares.map((share) => Math.min(1, share));
}
