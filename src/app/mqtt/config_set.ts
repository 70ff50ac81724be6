/**
 * Changes of a camera's settings that came in: put into the settings file where they
 * belong, which is then checked as a whole, and read by the Lookback that runs.
 *
 * In:   a camera, changes. Out: the file; what came of it.
 * Not here: how the file is put in place (web/config.ts).
 *
 * @module
 */

import { parseDocument } from "yaml";
import { messageOf, OperatorError, unreachable } from "../../base/errors.ts";
import type { ConfigurationSet } from "../../mqtt/asked.ts";
import type { MqttCamera, MqttPlan } from "./messages.ts";
import type { WebConfig } from "../web/config.ts";

type ChangeKey = Exclude<keyof ConfigurationSet, "correlation_id">;

/** Where each change belongs in a camera's entry. */
const PLACES: Readonly<Record<ChangeKey, readonly string[]>> = {
  name: ["name"],
  "recording_enabled": ["enabled"],
  "motion_sensitivity": ["vision", "sensitivity"],
  "detection_fps": ["vision", "fps"],
  "stills_enabled": ["stills", "enabled"],
};

const OF_VISION: readonly ChangeKey[] = ["motion_sensitivity", "detection_fps"];

export type SetOutcome =
  | {
    readonly ok: true;
    readonly applied: Readonly<Record<string, unknown>>;
    readonly text: string;
  }
  | { readonly ok: false; readonly code: string; readonly text: string };

export interface SetParts {
  readonly plan: () => MqttPlan;
  readonly config: WebConfig;
}

/** Makes the change, all of it or nothing. */
export async function setCamera(
  { plan, config }: SetParts,
  { cameraId, changes }: { readonly cameraId: string; readonly changes: ConfigurationSet },
): Promise<SetOutcome> {
  const { correlation_id: _, ...rest } = changes;
  const wanted = Object.entries(rest).filter(([, value]) => value !== undefined) as [
    ChangeKey,
    unknown,
  ][];
  const camera = plan().cameras.find(({ id }) => id === cameraId);
  const refusal = refusalOf(camera, wanted.map(([key]) => key));
  if (refusal !== undefined) return { ok: false, ...refusal };
  if (plan().configPath === null) {
    return { ok: false, code: "usage", text: "The settings come from no file" };
  }
  try {
    const outcome = await config.change((before) => changedYaml(before, cameraId, wanted));
    switch (outcome.kind) {
      case "applied":
        return { ok: true, applied: Object.fromEntries(wanted), text: outcome.text };
      case "changed-meanwhile":
        return { ok: false, code: "usage", text: `The file has no camera "${cameraId}"` };
      case "wrong": {
        const [first] = outcome.mistakes;
        return { ok: false, code: "config-invalid", text: `${first?.key} ${first?.message}` };
      }
      default:
        return unreachable(outcome);
    }
  } catch (error) {
    const code = error instanceof OperatorError ? error.code : "failed";
    return { ok: false, code, text: messageOf(error) };
  }
}

function refusalOf(
  camera: MqttCamera | undefined,
  keys: readonly ChangeKey[],
): { readonly code: string; readonly text: string } | undefined {
  if (camera === undefined) return { code: "camera-unknown", text: "There is no such camera" };
  if (keys.length === 0) {
    const known = Object.keys(PLACES).join(", ");
    return { code: "invalid", text: `Nothing to change: name one of ${known}` };
  }
  const [ofVision] = keys.filter((key) => OF_VISION.includes(key));
  if (ofVision === undefined || camera.vision !== null) return undefined;
  return { code: "vision-off", text: `${ofVision}: this camera's pictures are not looked at` };
}

/** The file with a camera's entry changed; undefined where it has none. Comments stay. */
export function changedYaml(
  yaml: string,
  cameraId: string,
  changes: readonly (readonly [ChangeKey, unknown])[],
): string | undefined {
  const document = parseDocument(yaml);
  const { cameras } = (document.toJS() ?? {}) as { readonly cameras?: unknown };
  const index = Array.isArray(cameras) ? cameras.findIndex((each) => each?.id === cameraId) : -1;
  if (index < 0) return undefined;
  for (const [key, value] of changes) document.setIn(["cameras", index, ...PLACES[key]], value);
  // Folding a long URL would make two lines of it.
  return document.toString({ lineWidth: 0 });
}
