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
  const folders = searchPath.split(":").filter((folder) => folder !== "");
  const paths = command.includes("/") ? [command] : folders.map((folder) => join(folder, command));
  for (const path of paths) if (await isProgram(path)) return path;
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}
