/**
 * `lookback run`: records all cameras of the configuration.
 *
 * @module
 */

import { Command } from "commander";
import { parseDuration } from "../footage/duration.ts";
import { settingsToRecord, type SharedOptions, withShared } from "./context.ts";
import { record } from "./recording_session.ts";

interface RunOptions extends SharedOptions {
  readonly for?: string;
  readonly untilEnd?: boolean;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("record all cameras of the configuration until stopped")
    .option("--for <duration>", 'stop after a time, for example "20s" or "1h"')
    .option("--until-end", "stop when every file source that is not looped has ended");
  return withShared(command, "lookback run --config lookback.yaml --for 1h").action(run);
}

async function run(options: RunOptions): Promise<void> {
  const limits = {
    untilEnd: options.untilEnd ?? false,
    ...(options.for === undefined ? {} : { forMs: parseDuration(options.for) }),
  };
  await record(await settingsToRecord(options), limits);
}
