/**
 * The log: rooms take a {@linkcode logger}; Workers send their records to the
 * main thread, which prints all of them in one place. Every text and value
 * passes {@linkcode maskSecrets} before it leaves.
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
import { isWanted, type LogLevels } from "./log_levels.ts";
import { RepeatFold } from "./repeat_fold.ts";
import { maskSecrets } from "./secrets.ts";

export type { Logger, LogLevel };

/** A log record as it crosses from a Worker: formatted, masked, plain. */
export interface LogRecordMessage {
  readonly level: LogLevel;
  /** Room and part, for example "capture front". */
  readonly room: string;
  readonly text: string;
  readonly atMs: number;
  /** The values that stand in the text, for programs. */
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

/** Where all records of the process come together. */
export interface LogOutput extends Disposable {
  /** Takes a record of a Worker. */
  readonly take: (record: LogRecordMessage) => void;
}

/** The logger of a room, or of a part of it: `logger("capture", "front")`. */
export function logger(...category: readonly [string, ...string[]]): Logger {
  return getLogger(["lookback", ...category]);
}

/** Sends this thread's records elsewhere; used inside Workers. */
export function logToPort(send: (record: LogRecordMessage) => void): void {
  configure((record) => send(toMessage(record)));
}

/** How often counts of folded repeats are looked through, in milliseconds. */
const FOLD_MS = 10_000;

/**
 * Prints this thread's records and those that are handed to the result.
 * Disposing prints what was still folded.
 *
 * @param options `write` gets every record that is wanted, in order.
 */
export function openLog(
  options: {
    readonly levels: LogLevels;
    readonly write: (record: LogRecordMessage) => void;
  },
): LogOutput {
  const fold = new RepeatFold();
  const take = (record: LogRecordMessage) => {
    if (!isWanted(options.levels, record)) return;
    for (const each of fold.push(record)) options.write(each);
  };
  const timer = setInterval(() => fold.expire(Date.now()).forEach(options.write), FOLD_MS);
  // The log alone must not keep the process alive.
  Deno.unrefTimer(timer);
  configure((record) => take(toMessage(record)));
  return {
    take,
    [Symbol.dispose]() {
      clearInterval(timer);
      fold.expire(Infinity).forEach(options.write);
    },
  };
}

function configure(sink: (record: LogRecord) => void): void {
  configureSync({
    reset: true,
    sinks: { out: sink },
    loggers: [
      { category: ["logtape", "meta"], sinks: ["out"], lowestLevel: "warning" },
      { category: ["lookback"], sinks: ["out"], lowestLevel: "trace" },
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
    values: Object.fromEntries(
      Object.entries(record.properties).map(([name, value]) => [name, plain(value)]),
    ),
  };
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  return maskSecrets(String(value));
}
