/**
 * Alerts: which events are worth telling somebody, and what is told. Plain data,
 * because it goes to disk, to other programs and across Workers.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { CameraEventEntry, GapCause } from "./ledger.ts";
import type { VisionEvent } from "./vision.ts";
import type { Priority } from "./vision_settings.ts";

/** What can be told of: the two kinds of {@linkcode VisionEvent}, and three of the camera itself. */
export const ALERT_KINDS = [
  "object_detected",
  "motion_detected",
  "camera_offline",
  "camera_online",
  "recording_gap",
] as const;
export type AlertKind = typeof ALERT_KINDS[number];

/** In the order in which {@linkcode LocalMinute} counts them. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = typeof WEEKDAYS[number];

/** A moment as clocks on the wall show it. */
export interface LocalMinute {
  readonly weekday: Weekday;
  /** Minutes since midnight by that clock, 0 to 1439. */
  readonly minute: number;
}

/** When a rule counts, by the clocks of a place. */
export interface AlertSchedule {
  /** Days on which the hours begin. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight. */
  readonly fromMinute: number;
  /** Excluded; up to 1440. Not after `fromMinute` means on the next day. */
  readonly toMinute: number;
}

/** Turns events into alerts. Null counts everything. */
export interface AlertRule {
  readonly name: string;
  readonly kinds: readonly AlertKind[];
  readonly cameras: readonly string[] | null;
  /** Of objects. */
  readonly classes: readonly string[] | null;
  /** Of what is seen: it has been in one of these. */
  readonly zones: readonly string[] | null;
  /** Of what is seen: it has crossed one of these. */
  readonly lines: readonly string[] | null;
  /** Of what is seen. */
  readonly minScore: number;
  /** How long it must have gone on, in milliseconds. */
  readonly minMs: number;
  readonly priority: Priority;
  /** Null counts always. */
  readonly schedule: AlertSchedule | null;
  /** The zone of the schedule, and of times in the text. */
  readonly timeZone: string;
  /** Time without a further alert of this rule, camera and class, in milliseconds. */
  readonly coolDownMs: number;
  /** Text with placeholders (src/alert/template.ts); null has the words of the kind. */
  readonly text: string | null;
}

/** Something that happened, or that became known of an event that goes on. */
export type AlertChange =
  | { readonly type: "vision"; readonly event: VisionEvent }
  | { readonly type: "camera"; readonly event: CameraEventEntry };

/** What rules are held against: an event of any source. */
export interface Occurrence {
  readonly eventId: string;
  readonly kind: AlertKind;
  readonly cameraId: string;
  /** Null for all but objects. */
  readonly class: string | null;
  readonly zones: readonly string[];
  /** Lines that were crossed. */
  readonly lines: readonly string[];
  /** Null for all that is not seen. */
  readonly score: number | null;
  readonly startMs: UnixMs;
  /** Null while it goes on. */
  readonly endMs: UnixMs | null;
  /** How long it has gone on, as far as is known, in milliseconds. */
  readonly lastedMs: number;
  readonly pictures: AlertPictures;
  /** Why there is no stream or no footage. */
  readonly cause: GapCause | null;
  /** For people; empty where there is nothing to add. */
  readonly detail: string;
}

/** Relative to the storage root; null where there is none (yet). */
export interface AlertPictures {
  readonly wholePath: string | null;
  readonly cropPath: string | null;
}

/** One message to whoever should know. */
export interface Alert extends Omit<Occurrence, "lastedMs"> {
  /** The event's id and the rule's name: the same event and rule never make a second one. */
  readonly alertId: string;
  readonly rule: string;
  readonly priority: Priority;
  /** When it was decided. */
  readonly atMs: UnixMs;
  readonly cameraName: string;
  /** Start of the event as clocks of the rule's zone showed it. */
  readonly localTime: string;
  readonly text: string;
  /** Made up, to try the ways out. */
  readonly isTest: boolean;
}
