/**
 * How this program is started once more, for work that is to be done beside it: the
 * executable, or Deno with the sources.
 *
 * @module
 */

import { join } from "node:path";

/** Not as a URL: nothing of main.ts belongs into this room. */
const MAIN = join(import.meta.dirname ?? "", "..", "..", "main.ts");

/** The task "lookback" of deno.json has the same. */
const SOURCE_FLAGS = [
  ...["run", "--quiet", "--allow-read", "--allow-write", "--allow-run", "--allow-env"],
  ...["--allow-sys", "--allow-net", "--allow-ffi"],
];

/** Command and arguments of Lookback, as it runs here. */
export function lookbackCommand(): readonly [string, ...string[]] {
  return Deno.build.standalone ? [Deno.execPath()] : [Deno.execPath(), ...SOURCE_FLAGS, MAIN];
}

/**
 * The first argument of a Lookback that only looks at pictures (vision/detector_main.ts).
 * Nothing for people: no help names it.
 */
export const DETECTOR_ARGUMENT = "detector-process";
