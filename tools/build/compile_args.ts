/**
 * The command line of `deno compile`.
 *
 * @module
 */

import { permissionFlags } from "./permissions.ts";

/** The build's own facts, a file beside main.ts; src/host/build_info.ts reads it. */
export const BUILD_INFO_FILE = "build_info.json";

/**
 * Camera's Workers have little that lives long and much that is used once, the bytes of
 * fragments: a small young generation, in megabytes, saves 4 MB a camera and costs nothing
 * that could be measured. And each Worker does its own compiling and collecting: V8's helper
 * threads take a fifth of a camera's processor time for work that is never waited for. Workers
 * of cameras ask for collections of their own (src/host/tidy_memory.ts).
 */
const V8_FLAGS = "--v8-flags=--max-semi-space-size=1,--single-threaded,--expose-gc";

export interface CompileOptions {
  readonly target: string;
  readonly output: string;
  /** What `deno compile` can't find by itself: Workers, files that are read. Relative paths. */
  readonly includes: readonly string[];
}

/** Arguments for Deno, run in the staged folder, in which all is bundled. */
export function compileArgs({ target, output, includes }: CompileOptions): string[] {
  return [
    "compile",
    "--quiet",
    V8_FLAGS,
    "--no-lock",
    "--no-remote",
    "--no-npm",
    // The types were checked in the working folder, where the results are kept.
    "--no-check",
    // The cache would be a file in /tmp of a name that everybody knows, read by a service, and
    // would have the program's bytes depend on the machine.
    "--no-code-cache",
    ...permissionFlags(),
    ...includes.flatMap((path) => ["--include", path]),
    "--target",
    target,
    "--output",
    output,
    "main.ts",
  ];
}
