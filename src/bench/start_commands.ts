/**
 * How Lookback is started on this box: as the executable, or from the sources.
 *
 * In the executable the one is itself and there are no sources. In the sources the
 * executable is the one that `./dev build` left, if there is one.
 *
 * @module
 */

import { join } from "node:path";
import { toolOutput } from "../host/tool_output.ts";
import { lookbackCommand } from "../host/own_program.ts";

/** A way to start Lookback; a command's own arguments come behind `args`. */
export interface LookbackCommand {
  readonly kind: "executable" | "source";
  readonly command: string;
  readonly args: readonly string[];
  /** What it says with `--version`. */
  readonly version: string;
}

/** All ways there are, the executable first. */
export async function lookbackCommands(): Promise<readonly LookbackCommand[]> {
  const [command, ...args] = lookbackCommand();
  if (Deno.build.standalone) return await ready({ kind: "executable", command, args });
  const built = join(import.meta.dirname ?? "", "..", "..", "dist", "lookback");
  return [
    ...await ready({ kind: "executable", command: built, args: [] }),
    ...await ready({ kind: "source", command, args }),
  ];
}

/** The executable, or the sources where there is none. */
export async function preferredCommand(): Promise<LookbackCommand> {
  const [first] = await lookbackCommands();
  if (first === undefined) throw new Error("Cannot start Lookback to measure it");
  return first;
}

/** Which program was measured, for a section's account. */
export function programText({ kind, version }: LookbackCommand): string {
  return kind === "executable"
    ? `Measured is the executable (${version})`
    : `Measured are the sources (${version}): there is no executable (./dev build makes it)`;
}

/** Nothing, if it can't be started. */
async function ready(how: Omit<LookbackCommand, "version">): Promise<LookbackCommand[]> {
  const version = await toolOutput(how.command, [...how.args, "--version"]);
  return version === null ? [] : [{ ...how, version: version.trim() }];
}

/** What a command left when it ended. */
export interface TimedRun {
  /** From its start until it has ended, in milliseconds. */
  readonly tookMs: number;
  readonly stdout: string;
}

/**
 * Runs a program to its end.
 *
 * @throws {Error} With what it said, if it fails.
 */
export async function timeProgram(
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<TimedRun> {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const tookMs = performance.now() - startedAt;
  if (code !== 0) {
    const said = new TextDecoder().decode(stderr).trim();
    throw new Error(`"${command} ${args.join(" ")}" ended with ${code}: ${said.slice(-2_000)}`);
  }
  return { tookMs, stdout: new TextDecoder().decode(stdout) };
}
