/**
 * How a program is started so that it ends with the thread that started it,
 * however that ends: by a crash of its Worker, or by SIGKILL to the process. A
 * broken pipe alone would not do: a child that waits for a silent camera writes
 * nothing and would never notice.
 *
 * Linux can send a child a signal when its parent's thread ends (prctl(2),
 * PR_SET_PDEATHSIG). Only the child itself can ask for it, so `setpriv` of
 * util-linux 2.33 or newer goes in front: it asks, then becomes the program,
 * with the same process id.
 *
 * Where there is no such `setpriv` (Alpine has another one) programs are
 * started plainly, and end by the broken pipe or their own time limits.
 *
 * @module
 */

import { findProgramSync } from "./find_program.ts";

/** A program with its arguments. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

const TYING = ["--pdeathsig", "KILL", "--"] as const;

/** Path of a `setpriv` that knows the option, null where there is none; undefined until looked for. */
let setpriv: string | null | undefined;

/**
 * The command line that starts a program tied to the thread that starts it.
 *
 * @param program What is started, with the absolute path of the program: a
 * program that is missing must be found out before, because `setpriv` would
 * start, and then fail in its own words.
 */
export function tiedCommand(program: CommandLine): CommandLine {
  // Looked for once in each thread: it costs the start of one small program.
  if (setpriv === undefined) setpriv = findSetpriv();
  if (setpriv === null) return program;
  return { command: setpriv, args: [...TYING, program.command, ...program.args] };
}

function findSetpriv(): string | null {
  const path = findProgramSync("setpriv");
  if (path === null) return null;
  const { success } = new Deno.Command(path, {
    args: [...TYING, path, "--version"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success ? path : null;
}
