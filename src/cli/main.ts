/**
 * The command line: builds all commands, runs one, and turns whatever goes wrong
 * into a message and an exit code: 0 done, 1 failed, 2 wrong use.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { messageOf, OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { DETECTOR_ARGUMENT } from "../host/own_program.ts";
import { note } from "./terminal.ts";
import { VERSION_LINE } from "./version.ts";

/** The modules of a command are loaded when it is asked for: all of them take 0.2 s. */
interface CommandLoader {
  readonly name: string;
  /** @param top The program that it becomes a part of. */
  readonly load: (top: Command) => Promise<Command>;
}

/** In the order in which the help shows them. */
const COMMANDS: readonly CommandLoader[] = [
  { name: "init", load: async () => (await import("./init.ts")).initCommand() },
  { name: "run", load: async () => (await import("./run.ts")).runCommand() },
  { name: "export", load: async () => (await import("./export.ts")).exportCommand() },
  { name: "prompt", load: async () => (await import("./prompt.ts")).promptCommand() },
  { name: "frame", load: async () => (await import("./frame.ts")).frameCommand() },
  { name: "events", load: async () => (await import("./events.ts")).eventsCommand() },
  { name: "frames", load: async () => (await import("./frames.ts")).framesCommand() },
  { name: "tap", load: async () => (await import("./tap.ts")).tapCommand() },
  { name: "status", load: async () => (await import("./status.ts")).statusCommand() },
  { name: "hold", load: async () => (await import("./hold.ts")).holdCommand() },
  { name: "release", load: async () => (await import("./hold.ts")).releaseCommand() },
  { name: "coverage", load: async () => (await import("./coverage.ts")).coverageCommand() },
  { name: "verify", load: async () => (await import("./verify.ts")).verifyCommand() },
  { name: "rebuild", load: async () => (await import("./rebuild.ts")).rebuildCommand() },
  { name: "cameras", load: async () => (await import("./cameras.ts")).camerasCommand() },
  { name: "alerts", load: async () => (await import("./alerts.ts")).alertsCommand() },
  { name: "mqtt", load: async () => (await import("./mqtt.ts")).mqttCommand() },
  { name: "users", load: async () => (await import("./users.ts")).usersCommand() },
  { name: "doctor", load: async () => (await import("./doctor.ts")).doctorCommand() },
  { name: "bench", load: async () => (await import("./bench.ts")).benchCommand() },
  { name: "reload", load: async () => (await import("./reload.ts")).reloadCommand() },
  { name: "demo", load: async () => (await import("./demo.ts")).demoCommand() },
  { name: "service", load: async () => (await import("./service.ts")).serviceCommand() },
  { name: "config", load: async () => (await import("./config.ts")).configCommand() },
  { name: "licences", load: async () => (await import("./licences.ts")).licencesCommand() },
  {
    name: "completion",
    load: async (top) => {
      const { completionCommand } = await import("./completion.ts");
      return completionCommand(() => top);
    },
  },
];

/** How Lookback starts itself to look at pictures (vision/detector_process.ts). */
async function startDetector(): Promise<number> {
  const { detectorMain } = await import("../vision/detector_main.ts");
  return await detectorMain();
}

/** Runs one command. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === DETECTOR_ARGUMENT) return await startDetector();
    const top = await program(neededFor(args));
    await top.parseAsync([...args], { from: "user" });
    // Set by commands that have said everything and still have not succeeded.
    return Deno.exitCode;
  } catch (error) {
    return report(error);
  }
}

/**
 * The commands that a command line needs: the one that it begins with. Whatever begins
 * otherwise (help, a name that is none) and what completes commands is about all of them.
 */
function neededFor([first]: readonly string[]): readonly CommandLoader[] {
  if (first === "--version" || first === "-V") return [];
  const chosen = COMMANDS.filter(({ name }) => name === first && name !== "completion");
  return chosen.length > 0 ? chosen : COMMANDS;
}

/** The program with its commands: all of them, if not told otherwise. */
export async function program(loaders: readonly CommandLoader[] = COMMANDS): Promise<Command> {
  const top = new Command("lookback")
    .description(
      "A flight recorder for cameras: records, and gives back exactly the footage asked for",
    )
    .version(VERSION_LINE, "-V, --version", "print the version")
    .addHelpText("after", "\nStart here:\n  lookback demo");
  const commands = await Promise.all(loaders.map(({ load }) => load(top)));
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
