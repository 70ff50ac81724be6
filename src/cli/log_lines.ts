/**
 * Log records as lines in the format that fits the place.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import { formatRecord, type LogFormat, usualFormat } from "../base/log_format.ts";

/** @param wished Undefined for what fits a terminal, the journal or a file. */
export function lineWriter(
  wished: LogFormat | undefined,
  print: (line: string) => void,
): (record: LogRecordMessage) => void {
  const format = wished ?? usualFormat({
    isTerminal: Deno.stderr.isTerminal(),
    journalStream: Deno.env.get("JOURNAL_STREAM"),
    noColor: Deno.env.get("NO_COLOR"),
  });
  return (record) => print(formatRecord(format, record));
}
