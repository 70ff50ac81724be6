/**
 * Opens the database, for the one writer or for a reader, and brings its shape
 * up to date.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { MIGRATIONS } from "./schema.ts";

/** Place of the database below the storage root. */
export const DATABASE_PATH = join("data", "lookback.db");

/** How long a statement waits for a lock of another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the database for writing, makes it where there is none, and migrates it.
 *
 * @throws {OperatorError} "database-unusable".
 * @throws {Error} SQLite's own where the file is damaged ({@linkcode isDamage}).
 */
export function openForWriting(root: string): DatabaseSync {
  return openFileForWriting(join(root, DATABASE_PATH));
}

/** The same for a database at another place. */
export function openFileForWriting(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // WAL: readers never wait for the writer. FULL: a committed row survives a power cut.
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
    );
    migrate(database);
    return database;
  } catch (error) {
    // Closing also rolls back a migration that failed half way.
    database?.close();
    if (isDamage(error)) throw error;
    throw databaseUnusable(path, messageOf(error));
  }
}

/** Primary result codes of a file that is damaged, or no database (sqlite.org/rescode.html). */
const DAMAGE_CODES = [11, 26];

/** The same where no code comes with the error: from statements without values. */
const DAMAGE_WORDS = /disk image is malformed|file is not a database/;

/** True for SQLite's word that the file itself is damaged. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number };
  if (errcode !== undefined) return DAMAGE_CODES.includes(errcode & 0xff);
  const reason = error instanceof OperatorError ? error.advice.found?.reason : undefined;
  return DAMAGE_WORDS.test(reason ?? messageOf(error));
}

/**
 * Opens the database for reading only.
 *
 * @param path Where it lies, if not at its place below the root.
 *
 * @throws {OperatorError} "database-missing" or "database-unusable".
 */
export function openForReading(root: string, path = join(root, DATABASE_PATH)): DatabaseSync {
  if (!isFile(path)) {
    throw new OperatorError("database-missing", `Cannot find recordings under "${root}"`, {
      found: { "no file at": path },
      fix: [
        "name the storage root that the cameras are recorded under with --root or --config",
        'or record something first with "lookback run"',
      ],
    });
  }
  try {
    const database = openReadOnly(path);
    if (schemaVersion(database) !== MIGRATIONS.length) {
      const version = schemaVersion(database);
      database.close();
      throw databaseUnusable(
        path,
        `its shape has version ${version}, this Lookback reads version ${MIGRATIONS.length}`,
      );
    }
    return database;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw databaseUnusable(path, messageOf(error));
  }
}

/**
 * A reader of a WAL database shares two files with the writer, and makes them
 * where there is no writer. Who may not write in the folder (another user of the
 * service's group, while the service is stopped) reads a copy of the one file.
 */
function openReadOnly(path: string): DatabaseSync {
  try {
    return openReady(path);
  } catch (error) {
    const isReadOnlyFolder = /readonly database|unable to open/.test(messageOf(error));
    if (!isReadOnlyFolder || isFile(`${path}-wal`)) throw error;
    return openCopy(path);
  }
}

/** The copy has no name any more when this returns; it goes with the connection. */
function openCopy(path: string): DatabaseSync {
  const folder = Deno.makeTempDirSync({ prefix: "lookback-index-" });
  try {
    const copy = join(folder, "lookback.db");
    Deno.copyFileSync(path, copy);
    return openReady(copy);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A connection that has read something already: SQLite opens files as late as it can. */
function openReady(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    schemaVersion(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function databaseUnusable(path: string, reason: string): OperatorError {
  return new OperatorError("database-unusable", `Cannot use the database "${path}"`, {
    found: { reason },
    fix: [
      "check that the disk is mounted, has room, and belongs to the user that runs Lookback",
      "after an update, start recording once: it brings the database up to date",
    ],
  });
}

function schemaVersion(database: DatabaseSync): number {
  const row = database.prepare("pragma user_version").get() as { user_version: number };
  return row.user_version;
}

/** Brings the database to the newest shape, each step in a transaction of its own. */
function migrate(database: DatabaseSync): void {
  const found = schemaVersion(database);
  if (found > MIGRATIONS.length) {
    throw new Error(
      `its shape has version ${found}, newer than version ${MIGRATIONS.length} of this Lookback`,
    );
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < found) continue;
    database.exec(`begin immediate; ${sql}; pragma user_version = ${index + 1}; commit`);
  }
}
