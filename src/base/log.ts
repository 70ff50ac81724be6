/**
 * The log: one place that prints. Rooms take a {@linkcode logger}; the main
 * thread prints, Workers send their records to it. Every text passes
 * {@linkcode maskSecrets} before it leaves.
 *
 * @module
 */

import {
  configureSync,
  getLogger,
  type Logger,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import { maskSecrets } from "./secrets.ts";

export type { Logger, LogLevel };

/** A log record as it crosses from a Worker: formatted, masked, plain. */
export interface LogRecordMessage {
  readonly level: LogLevel;
  readonly room: string;
  readonly text: string;
  readonly atMs: number;
}

/** The logger of a room, or of a part of it: `logger("capture", "front")`. */
export function logger(...category: readonly [string, ...string[]]): Logger {
  return getLogger(["lookback", ...category]);
}

/** Sends this thread's records elsewhere; used inside Workers. */
export function logToPort(send: (record: LogRecordMessage) => void): void {
  configure((record) => send(toMessage(record)), "trace");
}

/** Prints this thread's records, and those handed to the result, as lines. */
export function logToLines(
  options: { readonly level: LogLevel; readonly print: (line: string) => void },
): (record: LogRecordMessage) => void {
  const rank = (level: LogLevel) => LEVELS.indexOf(level);
  const print = (record: LogRecordMessage) => {
    if (rank(record.level) >= rank(options.level)) options.print(toLine(record));
  };
  configure((record) => print(toMessage(record)), options.level);
  return print;
}

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "fatal"];

function configure(sink: (record: LogRecord) => void, lowestLevel: LogLevel): void {
  configureSync({
    reset: true,
    sinks: { out: sink },
    loggers: [
      { category: ["logtape", "meta"], sinks: ["out"], lowestLevel: "warning" },
      { category: ["lookback"], sinks: ["out"], lowestLevel },
    ],
  });
}

function toMessage(record: LogRecord): LogRecordMessage {
  const text = record.message.map((part) => typeof part === "string" ? part : String(part)).join(
    "",
  );
  return {
    level: record.level,
    room: record.category.slice(1).join(" "),
    text: maskSecrets(text),
    atMs: record.timestamp,
  };
}

/** `2026-11-21T20:57:09.340Z warning capture front: text`. */
function toLine(record: LogRecordMessage): string {
  return `${new Date(record.atMs).toISOString()} ${record.level} ${record.room}: ${record.text}`;
}
