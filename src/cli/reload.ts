/**
 * `lookback reload`: makes the Lookback that records under a storage root read
 * its settings again.
 *
 * @module
 */

import { Command } from "commander";
import { OperatorError } from "../base/errors.ts";
import { rootHolder } from "../host/root_lock.ts";
import { settingsToRecord, type SharedOptions, withShared } from "./context.ts";
import { print } from "./terminal.ts";

export function reloadCommand(): Command {
  const command = new Command("reload")
    .description("make the running Lookback read its settings again; unchanged cameras go on");
  return withShared(command, "lookback reload --config /etc/lookback/lookback.yaml").action(reload);
}

async function reload(options: SharedOptions): Promise<void> {
  // Reading them here first tells a mistake to the person who made it.
  const { root } = await settingsToRecord(options);
  const pid = await rootHolder(root);
  if (pid === undefined) {
    throw new OperatorError("not-recording", `Cannot reload: nothing records under "${root}"`, {
      fix: ["start it with lookback run, or systemctl start lookback"],
    });
  }
  Deno.kill(pid, "SIGHUP");
  print(`asked process ${pid} to read its settings again; its log says what changed`);
}
