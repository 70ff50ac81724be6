/**
 * Puts a program behind all others that want the processor or the disk: `nice`
 * and `ionice` go in front of it where they are there, each becoming the next.
 * This process itself is put there by `renice` and `ionice` (util-linux).
 *
 * @module
 */

import { findProgramSync } from "./find_program.ts";

const WRAPPERS: readonly { readonly command: string; readonly args: readonly string[] }[] = [
  { command: "nice", args: ["-n", "19"] },
  // The idle class: only when nobody else wants the disk (ionice(1)).
  { command: "ionice", args: ["-c", "3"] },
];

/** The wrappers that work here; undefined until looked for, once in each thread. */
let working: readonly string[] | undefined;

/**
 * A service may be forbidden to change priorities, and `ionice` then fails instead
 * of starting the program.
 */
function findWorking(): readonly string[] {
  const nothing = findProgramSync("true");
  if (nothing === null) return [];
  return WRAPPERS.flatMap(({ command, args }) => {
    const path = findProgramSync(command);
    if (path === null) return [];
    const { success } = new Deno.Command(path, {
      args: [...args, nothing],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? [path, ...args] : [];
  });
}

/**
 * @param program A program that is not found is given back as it is: then starting it says so.
 */
export function withLowPriority(
  program: { readonly command: string; readonly args: readonly string[] },
): { readonly command: string; readonly args: readonly string[] } {
  const path = findProgramSync(program.command);
  if (path === null) return program;
  working ??= findWorking();
  const [command, ...args] = [...working, path, ...program.args] as [string, ...string[]];
  return { command, args };
}

/**
 * Linux has a priority for each thread, and this process may not look up its own. A thread
 * or program that is started later takes after the thread that starts it.
 */
const LOWER_THREADS = 'cd "/proc/$1/task" && set -- * && ' +
  '{ renice -n 19 -p "$@"; ionice -c 3 -p "$@"; }';

/**
 * Puts this process there, with all of its threads and the programs that it starts from then
 * on. Without privileges there is no way back. Where it is not allowed, or the programs are
 * missing, the process goes on as it is.
 */
export async function lowerOwnPriority(): Promise<void> {
  const shell = findProgramSync("sh");
  if (shell === null) return;
  await new Deno.Command(shell, {
    args: ["-c", LOWER_THREADS, "sh", String(Deno.pid)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
}
