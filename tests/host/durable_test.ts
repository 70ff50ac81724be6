import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { type LogRecordMessage, logToPort } from "../../src/base/log.ts";
import {
  ensureFolder,
  readRange,
  removeIfThere,
  removeIfThereSync,
  syncFile,
  syncFileSync,
  syncFolder,
  syncFolderSync,
  writeAll,
  writeFileDurably,
} from "../../src/host/durable.ts";
import { tempFolder } from "../support/temp_folder.ts";

const text = (value: string) => new TextEncoder().encode(value);

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("ensureFolder() makes a folder with those above it, and takes one that is there", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/a/b/c`;
  await ensureFolder(path);
  await ensureFolder(path);
  strictEqual((await Deno.stat(path)).isDirectory, true);
});

Deno.test("ensureFolder() makes one folder when two ask at the same time", async () => {
  await using folder = await tempFolder();
  const paths = ["a/b/c", "a/b/d", "a/b/c", "a/e"].map((path) => `${folder.path}/${path}`);
  await Promise.all(paths.map(ensureFolder));
  deepStrictEqual(await names(`${folder.path}/a`), ["b", "e"]);
});

Deno.test("ensureFolder() throws when a file stands above the folder", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/file`, "");
  await rejects(ensureFolder(`${folder.path}/file/sub`), Deno.errors.NotADirectory);
});

Deno.test("syncFolder() throws when the folder is not there", async () => {
  await using folder = await tempFolder();
  await syncFolder(folder.path);
  await rejects(syncFolder(`${folder.path}/gone`), Deno.errors.NotFound);
});

Deno.test("syncing says in the log what is durable now, for those who watch", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/a`;
  const records: LogRecordMessage[] = [];
  logToPort((record) => records.push(record));
  {
    using file = await Deno.open(path, { write: true, create: true });
    await writeAll(file, text("abc"));
    await syncFile(file, path);
    await writeAll(file, text("def"));
    syncFileSync(file, path);
  }
  await syncFolder(folder.path);
  syncFolderSync(folder.path);
  deepStrictEqual(records.map((record) => `${record.level}: ${record.text}`), [
    `trace: Synced 3 bytes of ${path}`,
    `trace: Synced 6 bytes of ${path}`,
    `trace: Synced folder ${folder.path}`,
    `trace: Synced folder ${folder.path}`,
  ]);
});

Deno.test("writeAll() writes every byte behind what was written before", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/a`;
  const bytes = new Uint8Array(5_000_000).map((_, index) => index % 251);
  {
    using file = await Deno.open(path, { write: true, create: true });
    await writeAll(file, bytes.subarray(0, 1));
    await writeAll(file, bytes.subarray(1));
  }
  ok((await Deno.readFile(path)).every((byte, index) => byte === bytes[index]));
  strictEqual((await Deno.stat(path)).size, bytes.length);
});

const RANGES = [
  { name: "the middle", offset: 2, sizeBytes: 3, found: "cde" },
  { name: "the end", offset: 4, sizeBytes: 2, found: "ef" },
  { name: "nothing", offset: 6, sizeBytes: 0, found: "" },
  { name: "past the end", offset: 4, sizeBytes: 3, found: undefined },
  { name: "behind the end", offset: 9, sizeBytes: 1, found: undefined },
];

for (const { name, offset, sizeBytes, found } of RANGES) {
  Deno.test(`readRange() gives ${found === undefined ? "undefined" : `"${found}"`} for ${name}`, async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(`${folder.path}/a`, "abcdef");
    using file = await Deno.open(`${folder.path}/a`);
    const bytes = await readRange(file, { offset, sizeBytes });
    strictEqual(bytes === undefined ? undefined : new TextDecoder().decode(bytes), found);
  });
}

Deno.test("writeFileDurably() puts a file in the place of another and leaves nothing else", async () => {
  await using folder = await tempFolder();
  await writeFileDurably(`${folder.path}/a`, text("a longer first"));
  await writeFileDurably(`${folder.path}/a`, text("second"));
  strictEqual(await Deno.readTextFile(`${folder.path}/a`), "second");
  deepStrictEqual(await names(folder.path), ["a"]);
});

Deno.test("writeFileDurably() begins anew where a crash left a part", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/a.part`, "much longer than what comes now");
  await writeFileDurably(`${folder.path}/a`, text("whole"));
  strictEqual(await Deno.readTextFile(`${folder.path}/a`), "whole");
});

Deno.test("writeFileDurably() leaves what was there when the disk is full", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/a`, "first");
  // A device that is always full stands in for the disk.
  await Deno.symlink("/dev/full", `${folder.path}/a.part`);
  await rejects(writeFileDurably(`${folder.path}/a`, text("second")));
  strictEqual(await Deno.readTextFile(`${folder.path}/a`), "first");
});

Deno.test("removeIfThere() removes a file, and is content when it is gone", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/a`, "");
  await removeIfThere(`${folder.path}/a`);
  await removeIfThere(`${folder.path}/a`);
  deepStrictEqual(await names(folder.path), []);
});

Deno.test("removeIfThere() removes a folder with what it has when it is told to", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/full/inner`, { recursive: true });
  await removeIfThere(`${folder.path}/full`, "with-content");
  await removeIfThere(`${folder.path}/full`, "with-content");
  deepStrictEqual(await names(folder.path), []);
});

Deno.test("removeIfThere() throws what else goes wrong", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/full/inner`, { recursive: true });
  await rejects(removeIfThere(`${folder.path}/full`));
});

Deno.test("removeIfThereSync() removes a file, is content when it is gone, and throws what else goes wrong", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/a`, "");
  removeIfThereSync(`${folder.path}/a`);
  removeIfThereSync(`${folder.path}/a`);
  deepStrictEqual(await names(folder.path), []);
  await Deno.mkdir(`${folder.path}/full/b`, { recursive: true });
  throws(() => removeIfThereSync(`${folder.path}/full`));
});
