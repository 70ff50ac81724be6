/**
 * Messages between the main thread and the writer Worker. Plain data only.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import type { DiskFault } from "../host/disk_fault.ts";

export type MainToWriter =
  | { readonly type: "open"; readonly root: string; readonly identity: string }
  /** A camera's line to the writer comes with the message, as `event.ports[0]`. */
  | { readonly type: "connect"; readonly cameraId: string }
  /** Answered with "pong" as soon as the Worker is not busy. */
  | { readonly type: "ping" }
  /** A reader found the database damaged: make it again, answer "renewed". */
  | { readonly type: "renew"; readonly reason: string }
  /** Commit what is there, close the database, answer "closed". */
  | { readonly type: "close" };

export type WriterToMain =
  | { readonly type: "opened" }
  | { readonly type: "open-failed"; readonly reason: string }
  | { readonly type: "closed" }
  /** The database is being made again; nothing else is said until that is done. */
  | { readonly type: "renewing" }
  | { readonly type: "renewed" }
  /** `oldestWaitingMs`: how long the oldest entry has been waiting to be committed. */
  | { readonly type: "pong"; readonly oldestWaitingMs: number }
  /** A commit failed because of the disk; it is tried again. */
  | { readonly type: "disk-fault"; readonly fault: DiskFault }
  | { readonly type: "log"; readonly record: LogRecordMessage }
  /** After every commit. */
  | {
    readonly type: "committed";
    readonly rows: number;
    readonly tookMs: number;
    readonly waiting: number;
  };
