/**
 * The command line of `deno compile`.
 *
 * @module
 */

import { permissionFlags } from "./permissions.ts";

/** The build's own facts, a file beside main.ts; src/host/build_info.ts reads it. */
export const BUILD_INFO_FILE = "build_info.json";

/**
 * Arguments for Deno, run in the staged folder. The Workers, which `deno compile`
 * can't find by itself, stand in deno.json under "compile".
 */
export function compileArgs(
  { target, output }: { readonly target: string; readonly output: string },
): string[] {
  return [
    "compile",
    "--quiet",
    // The lock file decides: what it does not hold does not get in.
    "--frozen",
    "--no-remote",
    // The types were checked in the working folder, where the results are kept.
    "--no-check",
    // The cache would be a file in /tmp of a name that everybody knows, read by a service, and
    // would have the program's bytes depend on the machine.
    "--no-code-cache",
    ...permissionFlags(),
    "--include",
    BUILD_INFO_FILE,
    "--target",
    target,
    "--output",
    output,
    "main.ts",
  ];
}
