import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { openLogFile } from "../../src/host/log_file.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("openLogFile() moves the file aside when it is full and keeps five of them", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "logs", "lookback.log");
  const line = "x".repeat(999_999);
  {
    using log = openLogFile(path);
    for (let number = 0; number < 65; number += 1) log.write(line);
    log.write("last");
  }
  const files = (await Array.fromAsync(Deno.readDir(join(folder.path, "logs")))).map(({ name }) =>
    name
  );
  deepStrictEqual(files.sort(), [
    "lookback.log",
    "lookback.log.1",
    "lookback.log.2",
    "lookback.log.3",
    "lookback.log.4",
    "lookback.log.5",
  ]);
  ok((await Deno.readTextFile(path)).endsWith("x\nlast\n"));
  ok((await Deno.stat(`${path}.1`)).size <= 10_000_000);
});
