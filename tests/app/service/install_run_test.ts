import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { SYSTEM_ROOT } from "../../../config.ts";
import type { Step } from "../../../src/app/service/install.ts";
import { findAccount, settingsWhenMoved } from "../../../src/app/service/install_facts.ts";
import { carryOut } from "../../../src/app/service/install_run.ts";
import { OperatorError } from "../../../src/base/errors.ts";
import { tempFolder } from "../../support/temp_folder.ts";

/** Modes of what is in a folder, by name. */
async function modesIn(path: string): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for await (const { name } of Deno.readDir(path)) {
    const { mode } = await Deno.stat(`${path}/${name}`);
    modes[name] = (mode! & 0o7777).toString(8);
  }
  return modes;
}

Deno.test("carryOut() replaces a program as a whole, so that one that runs goes on", async () => {
  await using folder = await tempFolder();
  const [from, path] = [`${folder.path}/new`, `${folder.path}/lookback`];
  await Deno.writeTextFile(from, "new", { mode: 0o700 });
  await Deno.writeTextFile(path, "old");
  using running = await Deno.open(path);
  await carryOut([{ type: "copy", from, path }], () => {});
  strictEqual(await Deno.readTextFile(path), "new");
  strictEqual(await new Response(running.readable).text(), "old");
  deepStrictEqual(await modesIn(folder.path), { new: "700", lookback: "755" });
});

Deno.test("carryOut() says each step before it does it, and may do all of them again", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/note`;
  const steps: readonly Step[] = [
    { type: "note", text: "all is well" },
    { type: "run", says: "write", command: ["sh", "-c", `echo here > ${path}`] },
    { type: "remove", path },
    { type: "remove", path },
    { type: "run", says: "try", command: ["sh", "-c", "exit 3"], mayFail: true },
  ];
  const said: string[] = [];
  await carryOut([...steps, ...steps], (line) => said.push(line));
  deepStrictEqual(said.slice(0, 5), [
    "all is well",
    `write: sh -c echo here > ${path}`,
    ...[`remove ${path}`, `remove ${path}`, "try: sh -c exit 3"],
  ]);
  deepStrictEqual(await modesIn(folder.path), {});
});

Deno.test("carryOut() ends at the first command that fails and says what it said", async () => {
  const said: string[] = [];
  const steps: readonly Step[] = [
    { type: "run", says: "try", command: ["sh", "-c", "echo the disk is full >&2; exit 3"] },
    { type: "note", text: "never said" },
  ];
  await rejects(carryOut(steps, (line) => said.push(line)), (error: OperatorError) => {
    deepStrictEqual(error.advice.found, { reason: "the disk is full" });
    return error.message.startsWith("Cannot try: sh -c");
  });
  strictEqual(said.length, 1);
});

Deno.test({
  name: "carryOut() makes folders and files with owner and mode, the group's bit too",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using folder = await tempFolder();
    const owner = { user: "root", group: "root" };
    const steps: readonly Step[] = [
      { type: "folder", path: `${folder.path}/output`, mode: 0o2770, owner },
      { type: "file", path: `${folder.path}/settings`, text: "cameras: []\n", mode: 0o640, owner },
    ];
    await carryOut([...steps, ...steps], () => {});
    deepStrictEqual(await modesIn(folder.path), { output: "2770", settings: "640" });
    strictEqual(await Deno.readTextFile(`${folder.path}/settings`), "cameras: []\n");
  },
});

Deno.test("carryOut() names a group that is not there", async () => {
  await using folder = await tempFolder();
  const owner = { user: "root", group: "no-such-group" };
  const step: Step = { type: "file", path: `${folder.path}/a`, text: "", mode: 0o640, owner };
  await rejects(carryOut([step], () => {}), (error: OperatorError) => {
    return error.advice.found?.reason === '"no-such-group" is not in /etc/group';
  });
});

Deno.test("findAccount() finds a whole name and its number", () => {
  const text = "root:x:0:0:root:/root:/bin/bash\nlookback2:x:7:7::/:\nlookback:x:998:997::/:\n";
  deepStrictEqual(findAccount(text, "lookback"), { name: "lookback", id: 998 });
  strictEqual(findAccount(text, "look"), undefined);
});

const FROM = { path: "/home/ann/lookback.yaml", cwd: "/home/ann" };

const MOVABLE = [
  { name: "the default storage root", text: "cameras: []\n", root: SYSTEM_ROOT },
  { name: "a full path", text: "storage: { root: /mnt/nvr }\n", root: "/mnt/nvr" },
] as const;

for (const { name, text, root } of MOVABLE) {
  Deno.test(`settingsWhenMoved() takes ${name}`, () => {
    strictEqual(settingsWhenMoved(text, FROM).root, root);
  });
}

const IMMOVABLE = [
  { name: "storage root", text: "storage: { root: nvr }\n", there: "/etc/lookback/nvr" },
  {
    name: "video file",
    text: "cameras: [{ id: yard, source: yard.mp4 }]\n",
    there: "/etc/lookback/yard.mp4",
  },
  {
    name: "ffmpeg",
    text: "ffmpeg: { path: ./ffmpeg, probe_path: /bin/ffprobe }\n",
    there: "/etc/lookback/ffmpeg",
  },
] as const;

for (const { name, text, there } of IMMOVABLE) {
  Deno.test(`settingsWhenMoved() refuses a relative ${name}, which would be another one`, () => {
    throws(() => settingsWhenMoved(text, FROM), (error: OperatorError) => {
      ok(error instanceof OperatorError);
      deepStrictEqual(error.advice.found, { "which would be": there });
      return error.code === "usage";
    });
  });
}
