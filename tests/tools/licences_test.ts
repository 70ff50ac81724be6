import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import { packageLicences } from "../../tools/build/licences.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("packageLicences() finds the texts of packages with and without a scope, and says what package.json does where there is none", async () => {
  await using folder = await tempFolder();
  const put = async (place: string, files: Readonly<Record<string, string>>) => {
    await Deno.mkdir(join(folder.path, place), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder.path, place, name), text);
    }
  };
  await put("yaml@2.9.1/node_modules/yaml", {
    "package.json": '{"license":"ISC"}',
    "LICENSE": "Permission to\n",
  });
  await put("@a+b@1.0.0_yaml@2.9.1/node_modules/@a/b", {
    "package.json": '{"license":"MIT"}',
    "licence.md": "Free",
  });
  await put("bare@1.0.0/node_modules/bare", {
    "package.json": '{"license":"MIT","author":{"name":"Somebody"}}',
  });
  deepStrictEqual(await packageLicences(["yaml@2.9.1", "@a/b@1.0.0", "bare@1.0.0"], folder.path), [
    { name: "@a/b 1.0.0", licence: "MIT", text: "Free" },
    { name: "bare 1.0.0", licence: "MIT", text: "MIT, by Somebody" },
    { name: "yaml 2.9.1", licence: "ISC", text: "Permission to" },
  ]);
});
