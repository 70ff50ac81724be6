import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openForWriting } from "../../src/store/database.ts";
import { checkDatabase } from "../../src/store/database_check.ts";
import { MIGRATIONS } from "../../src/store/schema.ts";
import { tempFolder } from "../support/temp_folder.ts";

async function rootWithDatabase(root: string): Promise<string> {
  await Deno.mkdir(join(root, "data"));
  openForWriting(root).close();
  return join(root, "data", "lookback.db");
}

Deno.test("checkDatabase() reads the version of a whole database, and that nothing is wrong", async () => {
  await using folder = await tempFolder();
  const path = await rootWithDatabase(folder.path);
  const { size } = await Deno.stat(path);
  deepStrictEqual(await checkDatabase(folder.path), {
    state: "read",
    path,
    sizeBytes: size,
    version: MIGRATIONS.length,
    knownVersion: MIGRATIONS.length,
    faults: [],
  });
});

Deno.test("checkDatabase() makes no database where there is none", async () => {
  await using folder = await tempFolder();
  strictEqual((await checkDatabase(folder.path)).state, "missing");
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("checkDatabase() reads the version of another Lookback", async () => {
  await using folder = await tempFolder();
  const path = await rootWithDatabase(folder.path);
  const database = new DatabaseSync(path);
  database.exec("pragma user_version = 99");
  database.close();
  const check = await checkDatabase(folder.path);
  ok(check.state === "read");
  strictEqual(check.version, 99);
});

Deno.test("checkDatabase() names what is wrong in a damaged database", async () => {
  await using folder = await tempFolder();
  const path = await rootWithDatabase(folder.path);
  {
    using file = await Deno.open(path, { write: true });
    // The second page and what follows it: tables and indexes, not the header.
    await file.seek(4_096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(8_192).fill(0x5a));
  }
  const check = await checkDatabase(folder.path);
  const said = check.state === "read" ? check.faults.join() : JSON.stringify(check);
  match(said, /page|malformed|btree/i);
});

Deno.test("checkDatabase() says why a file is no database", async () => {
  await using folder = await tempFolder();
  const path = await rootWithDatabase(folder.path);
  await Deno.writeTextFile(path, "these are notes, and not a database at all".repeat(99));
  const check = await checkDatabase(folder.path);
  ok(check.state === "unusable");
  match(check.reason, /not a database/);
});
