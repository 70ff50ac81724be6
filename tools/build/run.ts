/**
 * Runs the programs that a build needs.
 *
 * @module
 */

import { BuildError } from "./build_error.ts";

export interface RunOptions {
  readonly cwd?: string;
  /** Changes to the environment; undefined takes a name out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the program when it is aborted. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end and collects what it says.
 *
 * @throws {BuildError} If there is no such program.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      env: changedEnvironment(options.env ?? {}),
      clearEnv: true,
      stdin: "null",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { ok: success, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(`Cannot run "${command}": it is not on PATH\n  fix: install it`);
  }
}

/**
 * Runs a program that must succeed.
 *
 * @throws {BuildError} With what it said, if it fails or is not there.
 */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { ok, stdout, stderr } = await run(command, args, options);
  if (ok) return stdout;
  throw new BuildError(`Cannot run "${command} ${args[0] ?? ""}":\n${stderr || stdout}`);
}

function changedEnvironment(
  changes: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const all = Object.entries({ ...Deno.env.toObject(), ...changes });
  return Object.fromEntries(
    all.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
