/**
 * Reads the TypeScript files that the checks of this folder judge.
 *
 * @module
 */

/** One file: its path from the repository's top, with "/" between the parts. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Folders without sources of ours: run-time data and builds. Hidden folders are left out too. */
const LEFT_OUT: readonly string[] = ["data", "dist", "frames", "node_modules", "output"];

/** All `.ts` files under `folder` (itself seen from the working folder), by path. */
export async function readSourceFiles(folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory && !entry.name.startsWith(".") && !LEFT_OUT.includes(path)) {
      files.push(...await readSourceFiles(path));
    } else if (entry.isFile && path.endsWith(".ts")) {
      files.push({ path, text: await Deno.readTextFile(path) });
    }
  }
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}
