/**
 * The demo as a new user runs it.
 *
 * @module
 */

import { match, strictEqual } from "node:assert/strict";
import { filesBelow } from "../support/archive.ts";
import { lookback } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("demo records two cameras and leaves a film and a receipt of each", async () => {
  await using folder = await tempFolder();
  const { code, stdout, stderr } = await lookback(["demo", "--for", "14s"], { cwd: folder.path });
  strictEqual(code, 0, stderr);
  const made = (await filesBelow(`${folder.path}/output`)).map((path) => path.split(".").at(-1));
  strictEqual(made.join(" "), "mp4 json mp4 json");
  match(stdout, /150 frames from 2 batches, all decoded and counted/);
  match(stdout, /database +data\/lookback.db/);
});
