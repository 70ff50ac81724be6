/**
 * Makes every sync of this thread take longer, as on a card that is worn out or a disk
 * that is shared: the real sync is done, after a wait.
 *
 * Syncs of files and folders are Deno's, which are replaced here. SQLite syncs by
 * itself, in C, once in each commit of a database in WAL mode with `synchronous = full`:
 * so a commit waits as long. What SQLite syncs beside that (checkpoints, every thousand
 * pages) takes what it takes.
 *
 * @module
 */

import { openFileForWriting } from "../store/database.ts";

/** Syncs of the async kind: other work goes on meanwhile, as with a real one. */
export function slowSyncs(extraMs: number): Disposable {
  const { sync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.sync = async function () {
    await new Promise((resolve) => setTimeout(resolve, extraMs));
    await sync.call(this);
  };
  return {
    [Symbol.dispose]() {
      Deno.FsFile.prototype.sync = sync;
    },
  };
}

/** Syncs that the thread waits for, SQLite's commits among them. For a Worker: stays. */
export function slowSyncsForGood(extraMs: number): void {
  const { syncSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.syncSync = function () {
    waitHere(extraMs);
    syncSync.call(this);
  };
  const database = openFileForWriting(":memory:");
  const statements = Object.getPrototypeOf(database) as typeof database;
  database.close();
  const { exec } = statements;
  statements.exec = function (sql) {
    if (sql === "commit") waitHere(extraMs);
    exec.call(this, sql);
  };
}

function waitHere(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}
