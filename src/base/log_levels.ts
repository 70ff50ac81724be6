/**
 * Which records are wanted: one level for all, others for single rooms.
 *
 * Pure.
 *
 * @module
 */

import type { LogLevel } from "@logtape/logtape";
import { OperatorError } from "./errors.ts";

/** From chatty to grave. */
export const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "fatal",
];

export interface LogLevels {
  readonly usual: LogLevel;
  /** Level of a room by its name, for example "capture". */
  readonly rooms: ReadonlyMap<string, LogLevel>;
}

/**
 * Reads levels as they are typed: "info", or "info,capture=debug,store=warning".
 *
 * @throws {OperatorError} "usage" for a level that there is not.
 */
export function parseLogLevels(text: string): LogLevels {
  let usual: LogLevel = "info";
  const rooms = new Map<string, LogLevel>();
  for (const part of text.split(",").map((each) => each.trim())) {
    const [name, value] = part.includes("=") ? part.split("=", 2) : [undefined, part];
    const level = LOG_LEVELS.find((each) => each === value);
    if (level === undefined || name === "") throw unknownLevel(part);
    if (name === undefined) usual = level;
    else rooms.set(name, level);
  }
  return { usual, rooms };
}

/** True when a record is at least as grave as its room's level. */
export function isWanted(
  levels: LogLevels,
  record: { readonly level: LogLevel; readonly room: string },
): boolean {
  const level = levels.rooms.get(record.room.split(" ", 1)[0]!) ?? levels.usual;
  return LOG_LEVELS.indexOf(record.level) >= LOG_LEVELS.indexOf(level);
}

function unknownLevel(part: string): OperatorError {
  return new OperatorError("usage", `Cannot use log level "${part}"`, {
    fix: [`give one of ${LOG_LEVELS.join(", ")}`, "or levels by room: info,capture=debug"],
  });
}
