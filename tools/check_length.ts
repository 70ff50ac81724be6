// deno-lint-ignore-file no-console
/**
 * Fails when a TypeScript file has grown past the wall of the house style: a
 * file is one idea, and no idea needs more lines.
 *
 * Run as `deno run --allow-read tools/check_length.ts` at the repository's top.
 *
 * @module
 */

import { readSourceFiles, type SourceFile } from "./source_files.ts";

/** The wall: no file has more lines. */
export const MAX_LINES = 400;

/** Paths of data tables, which may be longer: there is nothing to follow in them. */
const DATA_TABLES: readonly string[] = [];

/** A file past the wall. */
export interface LongFile {
  readonly path: string;
  readonly lines: number;
}

/** The files with more than {@linkcode MAX_LINES} lines, data tables left out. */
export function findLongFiles(
  files: readonly SourceFile[],
  dataTables: readonly string[] = DATA_TABLES,
): LongFile[] {
  return files
    .filter(({ path }) => !dataTables.includes(path))
    .map(({ path, text }) => ({ path, lines: countLines(text) }))
    .filter(({ lines }) => lines > MAX_LINES);
}

/** Lines as an editor counts them: the line feed that ends the file opens no new one. */
function countLines(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

if (import.meta.main) {
  const long = findLongFiles(await readSourceFiles("."));
  for (const { path, lines } of long) {
    console.error(`${path}: has ${lines} lines: split it, ${MAX_LINES} is the limit`);
  }
  if (long.length > 0) Deno.exit(1);
}
