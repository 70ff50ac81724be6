/**
 * Texts with placeholders, such as "{class} at {camera}": of alerts, and of the
 * arguments of a command.
 *
 * Pure.
 *
 * @module
 */

import type { Alert, AlertKind } from "../model/alert.ts";

export const PLACEHOLDERS = [
  "camera",
  "class",
  "zone",
  "time",
  "rule",
  "priority",
  "kind",
] as const;
export type Placeholder = typeof PLACEHOLDERS[number];

/** What stands for each placeholder. */
export type Filling = Readonly<Record<Placeholder, string>>;

/** Words in braces. A brace by itself stays what it is. */
const PLACEHOLDER = /\{([\w-]+)\}/g;

/** The words of each kind, where a rule has none of its own. */
export function usualText(kind: AlertKind): string {
  switch (kind) {
    case "object_detected":
      return "{class} seen by {camera}";
    case "motion_detected":
      return "Movement seen by {camera}";
    case "camera_offline":
      return "{camera} gives no picture";
    case "camera_online":
      return "{camera} gives a picture again";
    case "recording_gap":
      return "Footage of {camera} is missing";
  }
}

/** Words in braces that are no placeholder, as a person would find them in the text. */
export function unknownPlaceholders(text: string): string[] {
  const known: readonly string[] = PLACEHOLDERS;
  return [...text.matchAll(PLACEHOLDER)].map(([, name]) => name!)
    .filter((name) => !known.includes(name)).map((name) => `{${name}}`);
}

/**
 * The text with each placeholder filled in. What is filled in is not looked at
 * again, and has no control characters: a detector of somebody else chooses the
 * classes, and no program can be given an argument with a NUL in it.
 */
export function fill(text: string, filling: Filling): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = Object.hasOwn(filling, name) ? filling[name as Placeholder] : whole;
    return value.replaceAll(/\p{Cc}+/gu, " ");
  });
}

/** What an alert has to fill in. */
export function fillingOf(alert: Omit<Alert, "text">): Filling {
  return {
    camera: alert.cameraName,
    class: alert.class ?? (alert.kind === "motion_detected" ? "movement" : ""),
    zone: alert.zones.join(", "),
    time: alert.localTime,
    rule: alert.rule,
    priority: alert.priority,
    kind: alert.kind,
  };
}
