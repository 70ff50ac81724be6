/**
 * Which settings the service gets, where there are some in the working folder, in its own
 * place, in both or in neither.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { SERVICE_CONFIG_TEMPLATE } from "../../../src/app/service/install.ts";
import { settingsToInstall, settingsWhenMoved } from "../../../src/app/service/install_facts.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const ONE = "cameras: [{ id: a, source: test://64x36@25 }]\n";
const TWO = "cameras: [{ id: a, source: test://64x36@25 }, { id: b, source: test://64x36@25 }]\n";

interface Case {
  readonly name: string;
  /** What is in the service's own file, and in the working folder. */
  readonly installed?: string;
  readonly here?: string;
  /** Where the settings come from, and how many cameras they have. */
  readonly from: string;
  readonly cameras?: number;
  readonly isPassedOver?: boolean;
}

const CASES: readonly Case[] = [
  { name: "takes none where there are none", from: "template" },
  {
    name: "takes those of the working folder for a new service",
    here: TWO,
    from: "file",
    cameras: 2,
  },
  { name: "keeps those in place", installed: ONE, from: "installed", cameras: 1 },
  {
    name: "keeps those in place where others lie in the working folder, and says so",
    ...{ installed: ONE, here: TWO, from: "installed", cameras: 1, isPassedOver: true },
  },
  {
    name: "says nothing of a file that is the same as those in place",
    ...{ installed: ONE, here: ONE, from: "installed", cameras: 1 },
  },
  {
    name: "takes those of the working folder in place of a template that nobody filled in",
    ...{ installed: SERVICE_CONFIG_TEMPLATE, here: TWO, from: "file", cameras: 2 },
  },
  {
    name: "keeps a template where there is nothing else",
    ...{ installed: SERVICE_CONFIG_TEMPLATE, from: "installed", cameras: 0 },
  },
];

for (const { name, installed, here, from, cameras, isPassedOver = false } of CASES) {
  Deno.test(`settingsToInstall() ${name}`, async () => {
    await using folder = await tempFolder();
    const cwd = folder.path;
    const installedPath = join(cwd, "service.yaml");
    if (installed !== undefined) await Deno.writeTextFile(installedPath, installed);
    if (here !== undefined) await Deno.writeTextFile(join(cwd, "lookback.yaml"), here);
    const { config } = await settingsToInstall({ cwd, installedPath });
    deepStrictEqual([config.from, config.from === "template" ? undefined : config.cameras], [
      ...[from, cameras],
    ]);
    const passedOver = config.from === "installed" ? config.passedOver : undefined;
    strictEqual(passedOver, isPassedOver ? join(cwd, "lookback.yaml") : undefined);
  });
}

Deno.test("settingsToInstall() refuses --config where settings are in place, and a file that is not there", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  const installedPath = join(cwd, "service.yaml");
  await rejects(settingsToInstall({ cwd, installedPath, configFlag: "none.yaml" }), {
    code: "config-missing",
  });
  await Deno.writeTextFile(installedPath, ONE);
  await Deno.writeTextFile(join(cwd, "mine.yaml"), TWO);
  await rejects(settingsToInstall({ cwd, installedPath, configFlag: "mine.yaml" }), {
    code: "usage",
  });
});

const RELATIVE = [
  { name: "a video", yaml: "cameras: [{ id: a, source: yard.mp4 }]", place: "yard.mp4" },
  {
    name: "a certificate",
    yaml: "web: { listen: 127.0.0.1:1, tls: { cert: a.pem, key: /k.pem } }",
    place: "a.pem",
  },
  {
    name: "a password",
    yaml: "mqtt: { enabled: true, url: mqtt://h, user: u, password_file: keys/mqtt }",
    place: "keys/mqtt",
  },
] as const;

for (const { name, yaml, place } of RELATIVE) {
  Deno.test(`settingsWhenMoved() refuses ${name} whose path is relative to the file`, () => {
    throws(() => settingsWhenMoved(`${yaml}\n`, { path: "/home/ann/lookback.yaml", cwd: "/" }), {
      code: "usage",
      message: /relative to its folder/,
    });
    const inFull = yaml.replace(place, `/srv/${place}`);
    settingsWhenMoved(`${inFull}\n`, { path: "/home/ann/lookback.yaml", cwd: "/" });
  });
}
