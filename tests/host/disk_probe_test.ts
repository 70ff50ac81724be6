import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { measureDisk } from "../../src/host/disk_probe.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("measureDisk() measures room, speed and syncs, and leaves nothing behind", async () => {
  await using folder = await tempFolder();
  const disk = await measureDisk(folder.path);
  strictEqual(disk.path, folder.path);
  ok(disk.isThere && disk.freeBytes > 0 && disk.totalBytes >= disk.freeBytes);
  ok(disk.write.ok);
  ok(disk.write.bytesPerSecond > 0);
  ok(disk.write.syncMs > 0 && disk.write.worstSyncMs >= disk.write.syncMs);
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("measureDisk() measures the nearest folder above one that is not there, and makes none", async () => {
  await using folder = await tempFolder();
  const disk = await measureDisk(join(folder.path, "a", "b"));
  strictEqual(disk.path, folder.path);
  strictEqual(disk.isThere, false);
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});
