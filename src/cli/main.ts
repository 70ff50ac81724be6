/**
 * The command line: builds all commands, runs one, and turns whatever goes wrong
 * into a message and an exit code: 0 done, 1 failed, 2 wrong use.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { messageOf, OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { camerasCommand } from "./cameras.ts";
import { completionCommand } from "./completion.ts";
import { configCommand } from "./config.ts";
import { coverageCommand } from "./coverage.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { frameCommand } from "./frame.ts";
import { holdCommand, releaseCommand } from "./hold.ts";
import { initCommand } from "./init.ts";
import { promptCommand } from "./prompt.ts";
import { rebuildCommand } from "./rebuild.ts";
import { reloadCommand } from "./reload.ts";
import { runCommand } from "./run.ts";
import { serviceCommand } from "./service.ts";
import { statusCommand } from "./status.ts";
import { note } from "./terminal.ts";
import { verifyCommand } from "./verify.ts";
import { VERSION_LINE } from "./version.ts";

/** Runs one command. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: "user" });
    // Set by commands that have said everything and still have not succeeded.
    return Deno.exitCode;
  } catch (error) {
    return report(error);
  }
}

/** All commands. */
export function program(): Command {
  const commands = [
    initCommand(),
    runCommand(),
    exportCommand(),
    promptCommand(),
    frameCommand(),
    statusCommand(),
    holdCommand(),
    releaseCommand(),
    coverageCommand(),
    verifyCommand(),
    rebuildCommand(),
    camerasCommand(),
    doctorCommand(),
    reloadCommand(),
    demoCommand(),
    serviceCommand(),
    configCommand(),
    completionCommand(() => top),
  ];
  const top = new Command("lookback")
    .description(
      "A flight recorder for cameras: records, and gives back exactly the footage asked for",
    )
    .version(VERSION_LINE, "-V, --version", "print the version")
    .addHelpText("after", "\nStart here:\n  lookback demo");
  for (const command of commands) top.addCommand(command);
  for (const command of [top, ...commands, ...commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().showHelpAfterError("(--help shows how to use it)")
      .configureOutput({ outputError: (text, write) => write(maskSecrets(text)) });
  }
  return top;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError) {
    note(maskSecrets(error.toText()));
    return error.exitCode;
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    note("Cancelled; no half-written file is left");
    return 1;
  }
  note(maskSecrets(`Lookback failed: ${messageOf(error)}`));
  if (Deno.env.get("LOOKBACK_STACK") === "1" && error instanceof Error) note(error.stack ?? "");
  return 1;
}
