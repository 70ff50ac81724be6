/**
 * Everything that a storage root holds, for comparing it before and after.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { sha256OfText } from "../../src/host/hash.ts";
import { filesBelow } from "./archive.ts";

/** Name, size, time of change and content of every file below a folder, as one text. */
export async function treeOf(folder: string): Promise<string> {
  const lines = (await filesBelow(folder)).map((path) => {
    const { size, mtime } = Deno.statSync(path);
    const content = sha256OfText(Deno.readFileSync(path).toHex());
    return `${path.slice(folder.length)} ${size} ${mtime?.getTime()} ${content}`;
  });
  return lines.join("\n");
}

/** The rows of some tables of a database, each table in the order of its rows. */
export function rowsOfTables(
  path: string,
  tables: readonly string[],
): Record<string, Record<string, unknown>[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.fromEntries(
      tables.map((table) => [
        table,
        database.prepare(`select * from ${table}`).all().map((row) => ({ ...row })),
      ]),
    );
  } finally {
    database.close();
  }
}
