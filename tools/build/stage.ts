/**
 * Copies what goes into the executable to a folder of its own: nothing that lies
 * about in the working folder gets in, builds at the same time don't meet, and
 * all files can have one time stamp, because `deno compile` writes each file's time
 * into the executable.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** Files and folders of the repository that make up the program. */
export const PROGRAM_PATHS: readonly string[] = [
  "main.ts",
  "config.ts",
  "deno.json",
  "deno.lock",
  "src",
];

/** The time stamp of staged files, in seconds since 1970. Any fixed one will do. */
const STAGED_TIME_S = 0;

/** Copies files and folders of one folder into another one. */
export async function stage(from: string, into: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await copyInto(join(from, path), join(into, path));
}

async function copyInto(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (isDirectory) {
    for await (const { name } of Deno.readDir(from)) {
      await copyInto(join(from, name), join(to, name));
    }
    return;
  }
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.writeFile(to, await Deno.readFile(from));
}

/** Gives all files below a folder the same time. */
export async function levelTimes(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await levelTimes(path);
    else await Deno.utime(path, STAGED_TIME_S, STAGED_TIME_S);
  }
}
