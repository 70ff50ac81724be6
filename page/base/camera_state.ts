/**
 * A camera's state in words, and how grave it is.
 *
 * @module
 */

import type { Camera } from "../api/types.ts";
import { sentence } from "./sentence.ts";

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

type Told = Pick<Camera, "state" | "enabled" | "detail">;

/** In a word: "waiting". */
export function stateName({ state, enabled }: Omit<Told, "detail">): string {
  return enabled ? state : "off";
}

/** Why it does not record, as far as that is known; else empty. */
export function causeOf({ state, enabled, detail }: Told): string {
  return enabled && state !== "recording" ? detail : "";
}

/** A whole sentence: "Waiting: the camera refuses the password". */
export function stateText(camera: Told): string {
  if (!camera.enabled) return "Switched off";
  const cause = causeOf(camera);
  return sentence(cause === "" ? camera.state : `${camera.state}: ${cause}`);
}
