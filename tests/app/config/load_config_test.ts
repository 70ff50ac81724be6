/**
 * Where the configuration is looked for, and what is said when it is not there.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { loadConfig, type LoadOptions } from "../../../src/app/config/load_config.ts";
import { OperatorError } from "../../../src/base/errors.ts";
import { tempFolder } from "../../support/temp_folder.ts";

interface World extends AsyncDisposable {
  readonly options: LoadOptions;
  readonly path: string;
  write(name: string, text: string): Promise<void>;
}

/** A working folder "work" and a service's file that is not there. */
async function world(): Promise<World> {
  const folder = await tempFolder();
  const cwd = join(folder.path, "work");
  await Deno.mkdir(cwd);
  return {
    options: { cwd, systemPath: join(folder.path, "etc.yaml"), environment: {} },
    path: folder.path,
    write: async (name, text) => {
      await Deno.mkdir(join(folder.path, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder.path, name), text);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("loadConfig() takes --config, the working folder, --root and /etc in this order", async () => {
  await using here = await world();
  const order = ["own.yaml", "work/lookback.yaml", "data/lookback.yaml", "etc.yaml"];
  for (const name of order) await here.write(name, "cameras: []\n");
  const flags = { ...here.options, rootFlag: "../data" };

  const found = [(await loadConfig({ ...flags, configFlag: "../own.yaml" })).configPath];
  for (const name of order.slice(1)) {
    found.push((await loadConfig(flags)).configPath);
    await Deno.remove(join(here.path, name));
  }
  deepStrictEqual(found, order.map((name) => join(here.path, name)));
});

Deno.test("loadConfig() lists the places looked at and an example when there is no file", async () => {
  await using here = await world();
  await rejects(loadConfig({ ...here.options, rootFlag: "r" }), (thrown) => {
    ok(thrown instanceof OperatorError);
    strictEqual(thrown.code, "config-missing");
    strictEqual(
      thrown.toText().replaceAll(here.path, "/tmp"),
      `Cannot find a configuration file
  looked at: /tmp/work/lookback.yaml, /tmp/work/r/lookback.yaml, /tmp/etc.yaml
  fix: run "lookback init", which asks for the cameras and writes one
  fix: or write lookback.yaml, for example:
    cameras:
      - id: front
        source: rtsp://user:password@192.0.2.10/stream1
      - id: lab
        source: test://1280x720@25
  fix: or name one with --config FILE
  more: docs/troubleshooting.md#config-missing`,
    );
    return true;
  });
});

Deno.test("loadConfig() answers defaults without cameras when a missing file is allowed", async () => {
  await using here = await world();
  const options = { ...here.options, allowMissing: true };
  const { cwd } = here.options;
  const { root, cameras, configPath } = await loadConfig(options);
  deepStrictEqual({ root, cameras, configPath }, { root: cwd, cameras: [], configPath: null });
  strictEqual((await loadConfig({ ...options, rootFlag: "all" })).root, join(cwd, "all"));
});

Deno.test("loadConfig() prefers --root to storage.root", async () => {
  await using here = await world();
  await here.write("work/lookback.yaml", "storage: { root: a }\n");
  strictEqual((await loadConfig(here.options)).root, join(here.options.cwd, "a"));
  const settings = await loadConfig({ ...here.options, rootFlag: "b" });
  strictEqual(settings.root, join(here.options.cwd, "b"));
});

/** File systems take 255 bytes. */
const TOO_LONG_NAME = "x".repeat(256);

const UNUSABLE = [
  {
    name: "a --config that is not there, even where a missing file is allowed",
    flags: { configFlag: "gone.yaml", allowMissing: true },
    code: "config-missing",
    message: "Cannot find a configuration file",
  },
  {
    name: "a --config that is a folder",
    flags: { configFlag: "." },
    code: "config-missing",
    message: 'Cannot read configuration "/tmp/work": it is a folder',
  },
  {
    name: "a --config that the system turns down",
    flags: { configFlag: TOO_LONG_NAME },
    code: "config-missing",
    message: `Cannot read configuration "${TOO_LONG_NAME}": File name too long (os error 36): ` +
      `stat '/tmp/work/${TOO_LONG_NAME}'`,
  },
  {
    name: "a --config that is a large file of another kind",
    flags: { configFlag: "../film.mp4" },
    code: "config-missing",
    message: 'Cannot read configuration "/tmp/film.mp4": it has 1048577 bytes',
  },
  {
    name: "a --config below a file",
    flags: { configFlag: "../film.mp4/lookback.yaml" },
    code: "config-missing",
    message: "Cannot find a configuration file",
  },
  {
    name: "an empty --config",
    flags: { configFlag: "" },
    code: "usage",
    message: "Cannot use --config: found an empty text, need a path",
  },
  {
    name: "an empty --root",
    flags: { rootFlag: " " },
    code: "usage",
    message: "Cannot use --root: found an empty text, need a path",
  },
] as const;

for (const { name, flags, code, message } of UNUSABLE) {
  Deno.test(`loadConfig() refuses ${name}`, async () => {
    await using here = await world();
    await here.write("film.mp4", "x".repeat(1_048_577));
    await rejects(loadConfig({ ...here.options, ...flags }), (thrown) => {
      ok(thrown instanceof OperatorError);
      strictEqual(thrown.code, code);
      strictEqual(thrown.message.replaceAll(here.path, "/tmp"), message);
      return true;
    });
  });
}

Deno.test("loadConfig() says that this user may not read the file", {
  // Root may read everything.
  ignore: Deno.uid() === 0,
}, async () => {
  await using here = await world();
  await here.write("work/lookback.yaml", "cameras: []\n");
  await Deno.chmod(join(here.options.cwd, "lookback.yaml"), 0o000);
  await rejects(loadConfig(here.options), {
    name: "OperatorError",
    code: "config-missing",
    message: /^Cannot read configuration "lookback.yaml": Permission denied/,
  });
});

const CAMERAS = { LOOKBACK_CAMERAS: "[{ id: lab, source: 'test://640x360@25' }]" };

Deno.test("loadConfig() needs no file where the environment names the cameras", async () => {
  await using here = await world();
  const { root, cameras } = await loadConfig({ ...here.options, environment: CAMERAS });
  strictEqual(root, here.options.cwd);
  deepStrictEqual(cameras.map(({ id }) => id), ["lab"]);
});

Deno.test("loadConfig() speaks of the variable, not of the file, when the cameras' one is misspelt", async () => {
  await using here = await world();
  const environment = { LOOKBACK_CAMERS: CAMERAS.LOOKBACK_CAMERAS };
  await rejects(loadConfig({ ...here.options, environment }), {
    code: "config-invalid",
    message: /LOOKBACK_CAMERS: unknown variable, did you mean "LOOKBACK_CAMERAS"\?/,
  });
});
