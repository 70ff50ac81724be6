import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { openIndex, requireWritable } from "../../src/app/open_index.ts";
import type { OperatorError } from "../../src/base/errors.ts";
import { openForWriting } from "../../src/store/database.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CAMERA = `insert into cameras (camera_id, name, source, first_seen_ms)
  values ('front', 'Front', 'test://', 0)`;

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).toSorted();
}

Deno.test("openIndex() reads what a crash left in the log of the database, and writes nothing beside it", async () => {
  await using folder = await tempFolder();
  await using dead = await tempFolder();
  for (const { path } of [folder, dead]) await Deno.mkdir(join(path, "data"));
  const writer = openForWriting(folder.path);
  writer.exec(CAMERA);
  for (const name of ["lookback.db", "lookback.db-wal"]) {
    await Deno.copyFile(join(folder.path, "data", name), join(dead.path, "data", name));
  }
  writer.close();
  {
    using reader = openIndex({ root: dead.path, readOnly: true });
    deepStrictEqual(reader.cameras().map(({ cameraId }) => cameraId), ["front"]);
    strictEqual(reader.root, dead.path);
  }
  deepStrictEqual(await namesIn(join(dead.path, "data")), ["lookback.db", "lookback.db-wal"]);
});

Deno.test("openIndex() reads a database at another place", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const writer = openForWriting(folder.path);
  writer.exec(CAMERA);
  writer.close();
  const databasePath = join(folder.path, "index.db");
  await Deno.rename(join(folder.path, "data", "lookback.db"), databasePath);
  for (const readOnly of [true, false]) {
    using reader = openIndex({ root: folder.path, databasePath, readOnly });
    strictEqual(reader.cameras().length, 1);
  }
});

Deno.test("openIndex() says that nothing was recorded where nothing may be written either", async () => {
  await using folder = await tempFolder();
  throws(
    () => openIndex({ root: folder.path, readOnly: true }),
    (error: OperatorError) => error.code === "database-missing",
  );
});

Deno.test("requireWritable() refuses files below the root, also by a link, with --read-only alone", async () => {
  await using folder = await tempFolder();
  const root = join(folder.path, "root");
  const link = join(folder.path, "link");
  await Deno.mkdir(join(root, "output"), { recursive: true });
  await Deno.symlink(join(root, "output"), link);
  for (const path of [join(root, "a.mp4"), join(root, "output", "a.mp4"), join(link, "a.mp4")]) {
    requireWritable({ root, readOnly: false }, path);
    throws(() => requireWritable({ root, readOnly: true }, path), { code: "usage" });
  }
  requireWritable({ root, readOnly: true }, join(folder.path, "a.mp4"));
  requireWritable({ root, readOnly: true }, join(folder.path, "root.mp4"));
});
