import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { accessFile } from "../../src/web/access/access.ts";
import { isPassword } from "../../src/web/access/passwords.ts";
import { lookback } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("lookback users adds, lists and refuses, and prints a password once", async () => {
  await using folder = await tempFolder();
  const users = (...args: string[]) =>
    lookback(["users", ...args, "--root", folder.path], { cwd: folder.path });
  const added = await users("add", "Anna", "--role", "operator", "--camera", "front", "yard");
  const password = added.stdout.trim();
  match(password, /^(?:\w{4}-){3}\w{4}$/);
  ok(added.stderr.includes("front, yard"), "says which cameras the settings don't have");
  const file = accessFile(folder.path);
  await file.refresh();
  const [anna] = file.value.users;
  deepStrictEqual([anna?.name, anna?.cameras, anna?.mustChangePassword], [
    ...["anna", ["front", "yard"], true],
  ]);
  strictEqual(await isPassword(password, anna!.password), true);
  strictEqual((await users("list")).stdout, "anna: operator, front, yard, has to set a password\n");
  const unknown = await users("remove", "nobody");
  strictEqual(unknown.code, 2);
  ok(unknown.stderr.includes("user-invalid"));
  const trail = await Deno.readTextFile(`${folder.path}/data/audit.jsonl`);
  ok(trail.includes('"actor":"console","action":"user-added","subject":"user:anna"'));
  ok(!trail.includes(password));
});
