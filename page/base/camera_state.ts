/**
 * A camera's state in words, and how grave it is.
 *
 * @module
 */

import type { Camera } from "../api/types.ts";

export type Gravity = "good" | "doubt" | "bad" | "off";

const GRAVITY: Readonly<Record<string, Gravity>> = {
  recording: "good",
  starting: "doubt",
  // For the camera, and for the disk.
  waiting: "bad",
  paused: "bad",
  ended: "off",
  stopped: "off",
};

/** States that a newer server may have count as faults: nobody overlooks them. */
export function gravityOf({ state, enabled }: Pick<Camera, "state" | "enabled">): Gravity {
  return enabled ? GRAVITY[state] ?? "bad" : "off";
}

/** "waiting: the camera refuses the password". */
export function stateText(
  { state, enabled, detail }: Pick<Camera, "state" | "enabled" | "detail">,
): string {
  if (!enabled) return "switched off";
  return detail === "" || state === "recording" ? state : `${state}: ${detail}`;
}
