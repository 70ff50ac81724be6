/**
 * Where a program is, as a shell would find it.
 *
 * @module
 */

import { join } from "node:path";

/** Absolute path of a program, or null when there is none; a name with "/" is looked for there alone. */
export async function findProgram(
  command: string,
  searchPath = Deno.env.get("PATH") ?? "",
): Promise<string | null> {
  for (const path of placesOf(command, searchPath)) {
    const found = await Deno.stat(path).catch(nothingAt);
    if (isProgram(found)) return path;
  }
  return null;
}

/** As {@linkcode findProgram}, for where a promise can't be awaited: a few microseconds a folder. */
export function findProgramSync(
  command: string,
  searchPath = Deno.env.get("PATH") ?? "",
): string | null {
  return placesOf(command, searchPath).find((path) => isProgram(statOf(path))) ?? null;
}

function placesOf(command: string, searchPath: string): readonly string[] {
  if (command.includes("/")) return [command];
  const folders = searchPath.split(":").filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, command));
}

function isProgram(found: Deno.FileInfo | null): boolean {
  return found !== null && found.isFile && ((found.mode ?? 0) & 0o111) !== 0;
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    return nothingAt(error);
  }
}

/** Null for an error that says that there is nothing for this user at a path. */
function nothingAt(error: unknown): null {
  if (error instanceof Deno.errors.NotFound) return null;
  if (error instanceof Deno.errors.NotADirectory) return null;
  if (error instanceof Deno.errors.PermissionDenied) return null;
  throw error;
}
