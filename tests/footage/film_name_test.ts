import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { partPath, takeName } from "../../src/footage/film_name.ts";
import { filesBelow } from "../support/archive.ts";
import { tempFolder } from "../support/temp_folder.ts";

const MODULE = new URL("../../src/footage/film_name.ts", import.meta.url).href;

/** Another process that has taken a name and writes its film. Answers once it has. */
async function startExporter(path: string): Promise<Deno.ChildProcess> {
  const script = `import { takeName } from ${JSON.stringify(MODULE)};
    using _name = await takeName(Deno.args[0]);
    await Deno.writeTextFile(Deno.args[0] + ".part", "half a film");
    await Deno.stdout.write(new TextEncoder().encode("taken"));
    await Deno.stdin.read(new Uint8Array(1));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script, "--", path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  strictEqual(new TextDecoder().decode((await reader.read()).value), "taken");
  reader.releaseLock();
  return child;
}

async function killed(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
  await child.stdin.abort();
}

Deno.test("takeName() gives a name once, and again when it was let go", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "new", "film.mp4");
  {
    using name = await takeName(path);
    strictEqual(name?.path, path);
    strictEqual(await takeName(path), undefined);
  }
  deepStrictEqual(await filesBelow(folder.path), []);
  using again = await takeName(path);
  ok(again !== undefined);
});

for (const used of ["film.mp4", "film.mp4.json"]) {
  Deno.test(`takeName() refuses a name when "${used}" is there, and leaves nothing`, async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(join(folder.path, used), "mine");
    strictEqual(await takeName(join(folder.path, "film.mp4")), undefined);
    deepStrictEqual(await filesBelow(folder.path), [join(folder.path, used)]);
  });
}

Deno.test("takeName() keeps off a living export of another process, and takes over a killed one", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "film.mp4");
  const exporter = await startExporter(path);
  strictEqual(await takeName(path), undefined);
  strictEqual(await Deno.readTextFile(partPath(path)), "half a film");
  await killed(exporter);
  using name = await takeName(path);
  ok(name !== undefined);
  strictEqual((await Deno.stat(partPath(path))).size, 0);
});

Deno.test("takeName() gives the name of a killed export to one of many that want it", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "film.mp4");
  await Deno.writeTextFile(partPath(path), "half a film");
  const names = await Promise.all(Array.from({ length: 20 }, () => takeName(path)));
  const taken = names.filter((name) => name !== undefined);
  strictEqual(taken.length, 1);
  taken[0]![Symbol.dispose]();
});

Deno.test("takeName() does not follow a link", async () => {
  await using folder = await tempFolder();
  const precious = join(folder.path, "precious");
  await Deno.writeTextFile(precious, "mine");
  await Deno.symlink(precious, join(folder.path, "film.mp4.part"));
  strictEqual(await takeName(join(folder.path, "film.mp4")), undefined);
  strictEqual(await Deno.readTextFile(precious), "mine");
});
