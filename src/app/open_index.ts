/**
 * Where the index of a storage root lies, and whether anything may be written
 * below that root. Where nothing may, the index is read from a copy: SQLite makes
 * two files beside a database that it reads.
 *
 * @module
 */

import { basename, dirname, join, relative } from "node:path";
import { isFileSync } from "../host/files.ts";
import { OperatorError } from "../base/errors.ts";
import { DATABASE_PATH } from "../store/database.ts";
import { Reader } from "../store/reader.ts";

export interface IndexPlace {
  /** The storage root. Absolute. */
  readonly root: string;
  /** Where the database lies, if not at its place below the root. Absolute. */
  readonly databasePath?: string;
  /** True where nothing below the root may be written. */
  readonly readOnly?: boolean;
  /** True while a Lookback records this root: its database is open, a copy could be torn. */
  readonly isRecording?: boolean;
}

/** @throws {OperatorError} "database-missing" or "database-unusable". */
export function openIndex(place: IndexPlace): Reader {
  return openIndexWith(place, (root, path) => new Reader(root, path));
}

/** {@linkcode openIndex} for another kind of reader. */
export function openIndexWith<T>(
  place: IndexPlace,
  open: (root: string, databasePath?: string) => T,
): T {
  const { root, databasePath, readOnly, isRecording } = place;
  const path = databasePath ?? join(root, DATABASE_PATH);
  if (!readOnly || isRecording || !isFileSync(path)) return open(root, databasePath);
  const folder = Deno.makeTempDirSync({ prefix: "lookback-index-" });
  try {
    const copy = join(folder, basename(path));
    Deno.copyFileSync(path, copy);
    // What a crash left uncommitted in the database itself.
    if (isFileSync(`${path}-wal`)) Deno.copyFileSync(`${path}-wal`, `${copy}-wal`);
    return open(root, copy);
  } finally {
    // The open connection keeps the files until it is closed.
    Deno.removeSync(folder, { recursive: true });
  }
}

/**
 * Refuses a file that would lie below a storage root that must not change.
 *
 * @throws {OperatorError} "usage".
 */
export function requireWritable({ root, readOnly }: IndexPlace, path: string): void {
  if (!readOnly) return;
  const way = relative(realPath(root), realPath(dirname(path)));
  if (way === ".." || way.startsWith("../")) return;
  throw new OperatorError("usage", `Cannot write "${path}" with --read-only`, {
    found: { "storage root": root },
    fix: ["name a file outside it with --out, or start this in another folder"],
  });
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}
