/**
 * One message to the broker.
 *
 * @module
 */

import { isoUtc, type UnixMs } from "../base/units.ts";
import type { Priority } from "../model/vision_settings.ts";

/** Quality of service: sent at most once, at least once, exactly once. */
export type Qos = 0 | 1 | 2;

export interface Message {
  /** Without the prefix. */
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** True for a topic that stands without the prefix. */
  readonly isBare?: boolean;
}

/** One that waits on disk until it is acknowledged. */
export interface QueuedMessage extends Message {
  readonly payload: string;
  /** Where there is no room, the least grave ones go first. */
  readonly priority: Priority;
  /** It replaces what waits for the same topic. */
  readonly isNewestOnly: boolean;
}

/** Changes when a field changes its meaning. */
export const SCHEMA_VERSION = 1;

/** The fields that every payload begins with. */
export interface PayloadHead {
  readonly "schema_version": typeof SCHEMA_VERSION;
  readonly "camera_id": string | null;
  readonly timestamp: string;
}

export function headOf<Id extends string | null>(
  cameraId: Id,
  atMs: UnixMs,
): PayloadHead & { readonly camera_id: Id } {
  return { schema_version: SCHEMA_VERSION, camera_id: cameraId, timestamp: isoUtc(atMs) };
}
