/**
 * `lookback run`: records all cameras of the configuration.
 *
 * @module
 */

import { Command, Option } from "commander";
import { resolve } from "node:path";
import { LOG_FORMATS, type LogFormat } from "../base/log_format.ts";
import { parseLogLevels } from "../base/log_levels.ts";
import { parseDuration } from "../footage/duration.ts";
import { settingsToRecord, type SharedOptions, withShared } from "./context.ts";
import { record } from "./recording_session.ts";

interface RunOptions extends SharedOptions {
  readonly for?: string;
  readonly untilEnd?: boolean;
  readonly logLevel?: string;
  readonly logFormat?: LogFormat;
  readonly logFile?: string;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("record all cameras of the configuration until stopped")
    .option("--for <duration>", 'stop after a time, for example "20s" or "1h"')
    .option("--until-end", "stop when every file source that is not looped has ended")
    .option("--log-level <levels>", 'what to log: "info", or by room: "info,capture=debug"')
    .addOption(
      new Option("--log-format <format>", "how log lines look (default: what fits the place)")
        .choices(LOG_FORMATS),
    )
    .option("--log-file <file>", "also write the log to a file, moved aside at 10 MB, five kept");
  return withShared(command, "lookback run --config lookback.yaml --for 1h").action(run);
}

async function run(options: RunOptions): Promise<void> {
  const limits = {
    untilEnd: options.untilEnd ?? false,
    ...(options.logFormat === undefined ? {} : { logFormat: options.logFormat }),
    ...(options.logLevel === undefined ? {} : { logLevels: parseLogLevels(options.logLevel) }),
    ...(options.logFile === undefined ? {} : { logFile: resolve(options.logFile) }),
    ...(options.for === undefined ? {} : { forMs: parseDuration(options.for) }),
  };
  await record(await settingsToRecord(options), {
    ...limits,
    reload: () => settingsToRecord(options),
  });
}
