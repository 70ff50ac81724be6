/**
 * Copies what goes into the executable to a folder of its own: nothing that lies
 * about in the working folder gets in, builds at the same time don't meet, and
 * all files have one time stamp, because `deno compile` writes each file's time
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

/** Copies {@linkcode PROGRAM_PATHS} and adds generated files, by name. */
export async function stageProgram(
  from: string,
  into: string,
  generated: Readonly<Record<string, string>>,
): Promise<void> {
  for (const path of PROGRAM_PATHS) await copyInto(join(from, path), join(into, path));
  for (const [name, text] of Object.entries(generated)) {
    await writeStaged(join(into, name), new TextEncoder().encode(text));
  }
}

async function copyInto(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await writeStaged(to, await Deno.readFile(from));
  for await (const { name } of Deno.readDir(from)) await copyInto(join(from, name), join(to, name));
}

async function writeStaged(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, bytes);
  await Deno.utime(path, STAGED_TIME_S, STAGED_TIME_S);
}
