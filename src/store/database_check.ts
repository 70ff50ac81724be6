/**
 * Looks at the database without changing it: is it there, is its shape the one
 * this program knows, is it whole.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { DATABASE_PATH } from "./database.ts";
import { MIGRATIONS } from "./schema.ts";

export type DatabaseCheck =
  | { readonly state: "missing"; readonly path: string }
  | { readonly state: "unusable"; readonly path: string; readonly reason: string }
  | {
    readonly state: "read";
    readonly path: string;
    readonly sizeBytes: number;
    readonly version: number;
    /** The version that this program writes. */
    readonly knownVersion: number;
    /** What SQLite's quick_check found wrong; empty for a whole database. */
    readonly faults: readonly string[];
  };

/** Faults that are listed; more say no more. */
const MAX_FAULTS = 10;

/** Checks the database below a storage root. Reads all of it: about a second for each gigabyte. */
export async function checkDatabase(root: string): Promise<DatabaseCheck> {
  const path = join(root, DATABASE_PATH);
  try {
    const { size } = await Deno.stat(path);
    return { state: "read", path, sizeBytes: size, ...readState(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { state: "missing", path };
    return { state: "unusable", path, reason: messageOf(error) };
  }
}

function readState(
  path: string,
): { readonly version: number; readonly knownVersion: number; readonly faults: string[] } {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec("pragma busy_timeout = 5000");
    const { user_version: version } = database.prepare("pragma user_version").get() as {
      user_version: number;
    };
    const rows = database.prepare(`pragma quick_check(${MAX_FAULTS})`).all() as {
      quick_check: string;
    }[];
    const faults = rows.map((row) => row.quick_check).filter((text) => text !== "ok");
    return { version, knownVersion: MIGRATIONS.length, faults };
  } finally {
    database.close();
  }
}
