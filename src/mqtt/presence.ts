/**
 * What each camera sees now, out of its events: for those who want a state and not a
 * story.
 *
 * Pure.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { VisionEvent } from "../model/vision.ts";
import { retained } from "./camera_messages.ts";
import type { EventPhase } from "./event_messages.ts";
import { headOf, type Message } from "./message.ts";
import { topicOf, TOPICS } from "./topics.ts";

export interface PresenceFacts {
  readonly cameraId: string;
  readonly isMotion: boolean;
  readonly classes: readonly string[];
}

export class Presence {
  /** Events that go on, by camera and id: what they are of, null for movement. */
  readonly #open = new Map<string, Map<string, string | null>>();

  /** Takes an event. Returns what the camera sees now, where that is another thing. */
  take(phase: EventPhase, event: VisionEvent): PresenceFacts | undefined {
    const { cameraId, eventId } = event;
    const before = JSON.stringify(this.of(cameraId));
    const open = this.#open.get(cameraId) ?? new Map<string, string | null>();
    this.#open.set(cameraId, open);
    if (phase === "end") open.delete(eventId);
    else open.set(eventId, event.class);
    const now = this.of(cameraId);
    return JSON.stringify(now) === before ? undefined : now;
  }

  of(cameraId: string): PresenceFacts {
    const open = [...this.#open.get(cameraId)?.values() ?? []];
    const classes = open.filter((each) => each !== null);
    return { cameraId, isMotion: open.length > 0, classes: [...new Set(classes)].toSorted() };
  }

  forget(cameraId: string): void {
    this.#open.delete(cameraId);
  }
}

export function presenceMessage(
  { cameraId, isMotion, classes }: PresenceFacts,
  atMs: UnixMs,
): Message {
  return retained(topicOf(TOPICS.presence, { id: cameraId }), {
    ...headOf(cameraId, atMs),
    motion: isMotion,
    classes,
  });
}

/** The picture of a camera's last event, kept by the broker. */
export function eventImageMessage(cameraId: string, jpeg: Uint8Array): Message {
  const topic = topicOf(TOPICS.eventImage, { id: cameraId });
  return { topic, payload: jpeg, qos: 1, retain: true };
}
