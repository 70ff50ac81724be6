/**
 * Puts a program behind all others that want the processor or the disk: `nice`
 * and `ionice` go in front of it where they are there, each becoming the next.
 *
 * @module
 */

import { findProgramSync } from "./find_program.ts";

const WRAPPERS: readonly { readonly command: string; readonly args: readonly string[] }[] = [
  { command: "nice", args: ["-n", "19"] },
  // The idle class: only when nobody else wants the disk (ionice(1)).
  { command: "ionice", args: ["-c", "3"] },
];

/**
 * @param program A program that is not found is given back as it is: then starting it says so.
 */
export function withLowPriority(
  program: { readonly command: string; readonly args: readonly string[] },
): { readonly command: string; readonly args: readonly string[] } {
  const path = findProgramSync(program.command);
  if (path === null) return program;
  const wrappers = WRAPPERS.flatMap(({ command, args }) => {
    const found = findProgramSync(command);
    return found === null ? [] : [found, ...args];
  });
  const [command, ...args] = [...wrappers, path, ...program.args] as [string, ...string[]];
  return { command, args };
}
