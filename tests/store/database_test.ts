import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { OperatorError, type OperatorErrorCode } from "../../src/base/errors.ts";
import {
  DATABASE_PATH,
  isDamage,
  openForReading,
  openForWriting,
} from "../../src/store/database.ts";
import { MIGRATIONS } from "../../src/store/schema.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A storage root with an empty data folder. */
async function tempRoot(): Promise<AsyncDisposable & { readonly path: string; database: string }> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  return {
    path: folder.path,
    database: `${folder.path}/${DATABASE_PATH}`,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function hasCode(code: OperatorErrorCode, reason?: RegExp): (error: unknown) => boolean {
  return (error) => {
    ok(error instanceof OperatorError, String(error));
    strictEqual(error.code, code);
    if (reason !== undefined) ok(reason.test(error.advice.found?.reason ?? ""), error.toText());
    return true;
  };
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`pragma ${name}`).get()!)[0];
}

function tablesOf(database: DatabaseSync): unknown[] {
  return database.prepare(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`,
  ).all().map((row) => row.name);
}

const TABLES = [
  "batches",
  "cameras",
  "chain_breaks",
  "checks",
  "events",
  "facts",
  "removals",
  "repairs",
  "runs",
  "tallies",
  "vision_events",
];

Deno.test("openForWriting() makes the database at its newest version where there is none", async () => {
  await using root = await tempRoot();
  const database = openForWriting(root.path);
  strictEqual(pragma(database, "user_version"), MIGRATIONS.length);
  deepStrictEqual(tablesOf(database), TABLES);
  database.close();
});

Deno.test("openForWriting() commits so that readers never wait and a power cut loses nothing", async () => {
  await using root = await tempRoot();
  const database = openForWriting(root.path);
  strictEqual(pragma(database, "journal_mode"), "wal");
  strictEqual(pragma(database, "synchronous"), 2);
  ok(Number(pragma(database, "busy_timeout")) >= 1_000);
  database.close();
});

Deno.test("openForWriting() migrates a database of version 0 and keeps what is in it", async () => {
  await using root = await tempRoot();
  const old = new DatabaseSync(root.database);
  old.exec("create table notes (text); insert into notes values ('kept')");
  old.close();
  const database = openForWriting(root.path);
  strictEqual(pragma(database, "user_version"), MIGRATIONS.length);
  deepStrictEqual(tablesOf(database), [...TABLES, "notes"].sort());
  strictEqual(database.prepare("select text from notes").get()!.text, "kept");
  database.close();
});

Deno.test("openForWriting() leaves rows alone when the database is at its newest version", async () => {
  await using root = await tempRoot();
  const first = openForWriting(root.path);
  first.exec("insert into cameras values ('front', 'Front', 'test', null, null, 0)");
  first.close();
  const again = openForWriting(root.path);
  strictEqual(again.prepare("select count(*) n from cameras").get()!.n, 1);
  again.close();
});

Deno.test("openForWriting() leaves nothing of a migration that fails", async () => {
  await using root = await tempRoot();
  const old = new DatabaseSync(root.database);
  // The last table that the first migration makes is there already.
  old.exec("create table events (other)");
  old.close();
  throws(() => openForWriting(root.path), hasCode("database-unusable", /events/));
  const database = new DatabaseSync(root.database);
  strictEqual(pragma(database, "user_version"), 0);
  deepStrictEqual(tablesOf(database), ["events"]);
  // Nobody holds it: it can be mended at once.
  database.exec("pragma busy_timeout = 0; begin immediate; drop table events; commit");
  database.close();
});

for (const open of [openForWriting, openForReading]) {
  Deno.test(`${open.name}() refuses a database that is newer than this Lookback`, async () => {
    await using root = await tempRoot();
    const database = openForWriting(root.path);
    database.exec(`pragma user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    throws(() => open(root.path), hasCode("database-unusable", /version/));
  });
}

Deno.test("openForReading() refuses a file that is not a database", async () => {
  await using root = await tempRoot();
  await Deno.writeTextFile(root.database, "no database at all ".repeat(100));
  throws(() => openForReading(root.path), hasCode("database-unusable", /not a database/));
});

Deno.test("openForWriting() throws SQLite's own word where a file is no database, so that it can be made again", async () => {
  await using root = await tempRoot();
  await Deno.writeTextFile(root.database, "no database at all ".repeat(100));
  throws(() => openForWriting(root.path), (error: Error) => {
    ok(isDamage(error));
    ok(/not a database/.test(error.message), error.message);
    return true;
  });
  // Nobody holds it: it can be put aside at once.
  await Deno.rename(root.database, `${root.database}.kept`);
  openForWriting(root.path).close();
});

Deno.test("isDamage() is false for what passes by itself", async () => {
  await using root = await tempRoot();
  const database = openForWriting(root.path);
  database.exec("pragma busy_timeout = 0");
  const other = new DatabaseSync(root.database);
  other.exec("begin immediate");
  throws(() => database.exec("begin immediate"), (error) => !isDamage(error));
  other.close();
  database.exec("pragma max_page_count = 1");
  throws(
    () => database.exec("create table big as select zeroblob(1000000)"),
    (error) => !isDamage(error),
  );
  throws(() => database.exec("insert into facts values (1, null)"), (error) => !isDamage(error));
  database.close();
});

Deno.test("openForWriting() throws database-unusable when the data folder is not there", async () => {
  await using folder = await tempFolder();
  throws(() => openForWriting(folder.path), hasCode("database-unusable", /unable to open/));
});

Deno.test("openForReading() throws database-missing when nothing was recorded, and makes nothing", async () => {
  await using root = await tempRoot();
  throws(() => openForReading(root.path), hasCode("database-missing"));
  throws(() => openForReading(`${root.path}/nowhere`), hasCode("database-missing"));
  deepStrictEqual(await Array.fromAsync(Deno.readDir(`${root.path}/data`)), []);
});

Deno.test("openForReading() refuses a database that is older, until recording has migrated it", async () => {
  await using root = await tempRoot();
  new DatabaseSync(root.database).close();
  await Deno.writeFile(root.database, new Uint8Array(0));
  throws(() => openForReading(root.path), hasCode("database-unusable", /version 0/));
});

Deno.test("openForReading() reads beside the writer and can't write", async () => {
  await using root = await tempRoot();
  const writer = openForWriting(root.path);
  const reader = openForReading(root.path);
  writer.exec("insert into cameras values ('front', 'Front', 'test', null, null, 0)");
  strictEqual(reader.prepare("select count(*) n from cameras").get()!.n, 1);
  throws(() => reader.exec("delete from cameras"), /readonly/);
  // An open transaction of the writer neither blocks a reader nor shows in it.
  writer.exec("begin immediate; delete from cameras");
  strictEqual(reader.prepare("select count(*) n from cameras").get()!.n, 1);
  writer.exec("commit");
  strictEqual(reader.prepare("select count(*) n from cameras").get()!.n, 0);
  reader.close();
  writer.close();
});
