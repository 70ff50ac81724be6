import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { OperatorError } from "../../src/base/errors.ts";
import { holdFolders, tryHoldFolder } from "../../src/host/folder_lock.ts";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A clock whose sleeps are over at once. */
function impatientClock(onSleep: (durationMs: number) => void): Clock {
  return { ...systemClock, sleep: (durationMs) => Promise.resolve(onSleep(durationMs)) };
}

const MODULE = new URL("../../src/host/folder_lock.ts", import.meta.url).href;

Deno.test("holdFolders() keeps a folder from being taken alone until it lets go, not from other readers", async () => {
  await using folder = await tempFolder();
  {
    using _one = await holdFolders([folder.path]);
    using _other = await holdFolders([folder.path]);
    strictEqual(tryHoldFolder(folder.path), undefined);
  }
  using alone = tryHoldFolder(folder.path);
  deepStrictEqual(alone?.folders, [folder.path]);
  strictEqual(tryHoldFolder(folder.path), undefined);
});

Deno.test("holdFolders() opens each folder once and leaves out what is not there", async () => {
  await using folder = await tempFolder();
  using hold = await holdFolders([folder.path, folder.path, join(folder.path, "nowhere")]);
  deepStrictEqual(hold.folders, [folder.path]);
});

Deno.test("holdFolders() waits for a deletion that is under way", async () => {
  await using folder = await tempFolder();
  const alone = tryHoldFolder(folder.path)!;
  const clock = impatientClock(() => alone[Symbol.dispose]());
  using hold = await holdFolders([folder.path], clock);
  deepStrictEqual(hold.folders, [folder.path]);
});

Deno.test("holdFolders() gives up after 2 s, and then holds nothing", async () => {
  await using folder = await tempFolder();
  const free = join(folder.path, "free");
  const busy = join(folder.path, "busy");
  await Deno.mkdir(free);
  await Deno.mkdir(busy);
  using _alone = tryHoldFolder(busy);
  const slept: number[] = [];
  const clock = impatientClock((durationMs) => slept.push(durationMs));
  await rejects(holdFolders([free, busy], clock), (error: OperatorError) => {
    return error.code === "export-failed" && error.advice.found?.folder === busy;
  });
  strictEqual(slept.reduce((sum, pauseMs) => sum + pauseMs, 0), 2_000);
  using freed = tryHoldFolder(free);
  ok(freed !== undefined);
});

Deno.test("tryHoldFolder() takes a folder whose holder was killed", async () => {
  await using folder = await tempFolder();
  const script = `import { holdFolders } from ${JSON.stringify(MODULE)};
    using _hold = await holdFolders([Deno.args[0]]);
    await Deno.stdout.write(new TextEncoder().encode("held"));
    await Deno.stdin.read(new Uint8Array(1));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script, "--", folder.path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  strictEqual(tryHoldFolder(folder.path), undefined);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  await child.stdin.abort();
  using alone = tryHoldFolder(folder.path);
  ok(alone !== undefined);
});

Deno.test("tryHoldFolder() holds nothing where there is no folder", async () => {
  await using folder = await tempFolder();
  using hold = tryHoldFolder(join(folder.path, "nowhere"));
  deepStrictEqual(hold?.folders, []);
});
