/**
 * Log records as lines, for a terminal, for a file, for the journal, for
 * programs.
 *
 * Pure.
 *
 * @module
 */

import type { LogLevel } from "@logtape/logtape";
import type { LogRecordMessage } from "./log.ts";

export const LOG_FORMATS = ["human", "plain", "systemd", "json"] as const;

export type LogFormat = typeof LOG_FORMATS[number];

/** Syslog priorities, as systemd reads them in front of a line (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warning: 4,
  error: 3,
  fatal: 2,
};

const COLOURS: Readonly<Record<LogLevel, string>> = {
  trace: "\x1b[2m",
  debug: "\x1b[2m",
  info: "\x1b[32m",
  warning: "\x1b[33m",
  error: "\x1b[31m",
  fatal: "\x1b[1;31m",
};

const RESET = "\x1b[0m";

/** One line without its end. Line ends inside the text become "; ". */
export function formatRecord(format: LogFormat, record: LogRecordMessage): string {
  const { level, room, atMs } = record;
  const text = record.text.replaceAll(/\s*\n\s*/g, "; ");
  const iso = new Date(atMs).toISOString();
  switch (format) {
    case "human":
      return `${COLOURS[level]}${iso.slice(11, 19)} ${level.padEnd(7)}${RESET} ${room}: ${text}`;
    case "plain":
      return `${iso} ${level} ${room}: ${text}`;
    case "systemd":
      return `<${PRIORITIES[level]}>${room}: ${text}`;
    case "json":
      return JSON.stringify({ timestamp: iso, level, room, message: text, ...record.values });
  }
}

/** The format that fits where the lines go. */
export function usualFormat(
  where: {
    readonly isTerminal: boolean;
    /** Set by systemd for services whose output goes to the journal. */
    readonly journalStream: string | undefined;
    /** See no-color.org. */
    readonly noColor: string | undefined;
  },
): LogFormat {
  if (where.isTerminal) return where.noColor ? "plain" : "human";
  return where.journalStream === undefined ? "plain" : "systemd";
}
