/**
 * A log file that is moved aside when it gets long: `lookback.log`, then
 * `lookback.log.1` and so on, the oldest of which goes.
 *
 * @module
 */

import { getRotatingFileSink } from "@logtape/file";
import { dirname } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";

/** Longest log file, in bytes: some days of a box with a troubled camera. */
const MAX_BYTES = 10_000_000;

/** Files that were moved aside and are kept. */
const KEPT_FILES = 5;

export interface LogFile extends Disposable {
  /** Appends a line; errors are handled by the library, which must not stop recording. */
  write(line: string): void;
}

/**
 * Opens a log file for appending; its folder is made.
 *
 * @throws {OperatorError} "usage" if it can't be written.
 */
export function openLogFile(path: string): LogFile {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    const sink = getRotatingFileSink(path, {
      maxSize: MAX_BYTES,
      maxFiles: KEPT_FILES,
      // Each line at once: the last ones before a crash are the ones that matter.
      bufferSize: 0,
      formatter: ({ rawMessage }) => `${rawMessage}\n`,
    });
    return {
      write: (line) =>
        sink({
          category: [],
          level: "info",
          message: [line],
          rawMessage: line,
          timestamp: 0,
          properties: {},
        }),
      [Symbol.dispose]: () => sink[Symbol.dispose](),
    };
  } catch (error) {
    throw new OperatorError("usage", `Cannot write the log file "${path}"`, {
      found: { reason: messageOf(error) },
      fix: ["name a file in a folder that this user may write, with --log-file"],
    });
  }
}
