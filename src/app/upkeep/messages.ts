/**
 * Messages between the main thread and the upkeep Worker. Plain data only.
 *
 * @module
 */

import type { LogRecordMessage } from "../../base/log.ts";
import type { RetentionRules } from "../../model/retention.ts";

/** What the settings say about looking after footage. */
export interface UpkeepPlan {
  readonly rules: RetentionRules;
  /** Null where it is switched off. */
  readonly canaryEveryMs: number | null;
  readonly scrubBytesPerSecond: number | null;
  /** Cameras that are recorded. */
  readonly cameraIds: readonly string[];
  readonly batchDurationMs: number;
  readonly ffmpegPath: string;
}

export interface UpkeepStart {
  /** Absolute. */
  readonly root: string;
  /** The root's id (host/root_identity.ts). */
  readonly identity: string;
  readonly plan: UpkeepPlan;
  /** End of the newest footage when recording began, 0 without any. */
  readonly newestFootageMs: number;
  /** How long before this message that was, in milliseconds. */
  readonly beganBeforeMs: number;
}

/** A line to the writer comes with "start" and "writer", as `event.ports[0]`. */
export type ToUpkeep =
  | ({ readonly type: "start" } & UpkeepStart)
  | { readonly type: "writer" }
  | { readonly type: "settings"; readonly plan: UpkeepPlan }
  /** Answered with "room" and the same number. */
  | { readonly type: "make-room"; readonly id: number; readonly bytes: number }
  /** Finish what is being deleted, wait until all is committed, answer "stopped". */
  | { readonly type: "stop" };

export type FromUpkeep =
  | { readonly type: "log"; readonly record: LogRecordMessage }
  | { readonly type: "room"; readonly id: number; readonly freedBytes: number }
  | { readonly type: "database-damaged"; readonly reason: string }
  /** The Worker can't go on; another is started. */
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "stopped" };
