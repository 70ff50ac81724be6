import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { OperatorError } from "../../src/base/errors.ts";
import { holdRoot } from "../../src/host/root_lock.ts";
import { tempFolder } from "../support/temp_folder.ts";

const MODULE = new URL("../../src/host/root_lock.ts", import.meta.url).href;

/** Another Deno that holds the root until its standard input is closed, or it is killed. */
async function startHolder(root: string): Promise<Deno.ChildProcess> {
  const script = `import { holdRoot } from ${JSON.stringify(MODULE)};
    using _lock = await holdRoot(Deno.args[0]);
    await Deno.stdout.write(new TextEncoder().encode("held"));
    await Deno.stdin.read(new Uint8Array(1));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script, "--", root],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  strictEqual(new TextDecoder().decode(value), "held");
  return child;
}

async function ended(child: Deno.ChildProcess): Promise<void> {
  await child.status;
  await child.stdout.cancel();
}

Deno.test("holdRoot() refuses a second holder in the same process and names the lock", async () => {
  await using folder = await tempFolder();
  using held = await holdRoot(folder.path);
  await rejects(holdRoot(folder.path), (error: OperatorError) => {
    strictEqual(error.code, "root-in-use");
    deepStrictEqual(error.advice.found, { pid: `${Deno.pid}`, lock: held.path });
    return true;
  });
});

Deno.test("holdRoot() names the pid of another process that holds the root", async () => {
  await using folder = await tempFolder();
  const holder = await startHolder(folder.path);
  await rejects(holdRoot(folder.path), (error: OperatorError) => {
    strictEqual(error.code, "root-in-use");
    strictEqual(error.exitCode, 1);
    strictEqual(error.advice.found?.pid, `${holder.pid}`);
    ok(error.toText().includes(`kill ${holder.pid}`));
    return true;
  });
  await holder.stdin.close();
  await ended(holder);
});

Deno.test("holdRoot() takes the root when its holder was killed", async () => {
  await using folder = await tempFolder();
  const holder = await startHolder(folder.path);
  holder.kill("SIGKILL");
  await holder.stdin.abort();
  await ended(holder);
  using lock = await holdRoot(folder.path);
  strictEqual(await Deno.readTextFile(lock.path), `${Deno.pid}\n`);
});

Deno.test("holdRoot() takes the root again when the lock was let go", async () => {
  await using folder = await tempFolder();
  (await holdRoot(folder.path))[Symbol.dispose]();
  using lock = await holdRoot(folder.path);
  strictEqual(await Deno.readTextFile(lock.path), `${Deno.pid}\n`);
});

Deno.test("holdRoot() leaves nothing of the pid of a holder before", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  await Deno.writeTextFile(`${folder.path}/data/lookback.lock`, "99999999999999\n");
  using lock = await holdRoot(folder.path);
  strictEqual(await Deno.readTextFile(lock.path), `${Deno.pid}\n`);
});

Deno.test("holdRoot() lets two roots be held at once", async () => {
  await using folder = await tempFolder();
  using one = await holdRoot(`${folder.path}/one`);
  using two = await holdRoot(`${folder.path}/deep/er/two`);
  ok(one.path !== two.path);
});

Deno.test("holdRoot() throws root-unusable when the root is a file", async () => {
  await using folder = await tempFolder();
  const root = `${folder.path}/file`;
  await Deno.writeTextFile(root, "");
  await rejects(holdRoot(root), (error: OperatorError) => {
    strictEqual(error.code, "root-unusable");
    return error.message === `Cannot write under "${root}"`;
  });
});
