import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import {
  configJsonSchema,
  EXAMPLE_CONFIG,
  loadConfig,
  type LoadOptions,
  parseConfig,
  type Settings,
  SYSTEM_CONFIG_PATH,
} from "../config.ts";
import { OperatorError } from "../src/base/errors.ts";
import { tempFolder } from "./support/temp_folder.ts";

const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

const DEFAULTS: Settings = {
  root: "/srv/site",
  batchDurationMs: 10_000,
  stills: { enabled: true, everyMs: 1_000, quality: 85 },
  fragmentMs: 200,
  ffmpegPath: "ffmpeg",
  ffprobePath: "ffprobe",
  logLevel: "info",
  cameras: [],
  configPath: "/srv/site/lookback.yaml",
};

Deno.test("parseConfig() fills in every default when only the cameras are named", () => {
  deepStrictEqual(parseConfig("cameras: []\n", PLACE), DEFAULTS);
  deepStrictEqual(parseConfig("cameras: [{ id: lab, source: test://640x360@25 }]", PLACE).cameras, [
    {
      id: "lab",
      name: "lab",
      source: { kind: "test", width: 640, height: 360, fps: 25 },
      geoLocation: null,
      enabled: true,
      stillsEnabled: true,
    },
  ]);
});

Deno.test("parseConfig() reads every key", () => {
  const text = `
storage:
  root: footage
batch:
  duration_seconds: 2.5
stills:
  enabled: false
  every_seconds: 0.29
  quality: 100
recorder:
  fragment_ms: 40
ffmpeg:
  path: ffmpeg7
  probe_path: /opt/probe
log:
  level: warning
cameras:
  - id: front
    name: Front door
    source: rtsp://user:secret@10.0.0.5/stream1
    geo_location: { lat: 12.9716, lon: 77.5946 }
    stills: { enabled: true }
  - id: yard-2
    source: film/yard.mp4
    loop: true
    enabled: false
`;
  deepStrictEqual(parseConfig(text, PLACE), {
    root: "/srv/site/footage",
    batchDurationMs: 2_500,
    stills: { enabled: false, everyMs: 290, quality: 100 },
    fragmentMs: 40,
    ffmpegPath: "ffmpeg7",
    ffprobePath: "/opt/probe",
    logLevel: "warning",
    cameras: [
      {
        id: "front",
        name: "Front door",
        source: { kind: "rtsp", url: "rtsp://user:secret@10.0.0.5/stream1" },
        geoLocation: { lat: 12.9716, lon: 77.5946 },
        enabled: true,
        stillsEnabled: true,
      },
      {
        id: "yard-2",
        name: "yard-2",
        source: { kind: "file", path: "/srv/site/film/yard.mp4", loop: true },
        geoLocation: null,
        enabled: false,
        stillsEnabled: false,
      },
    ],
    configPath: "/srv/site/lookback.yaml",
  });
});

Deno.test("EXAMPLE_CONFIG has five lines that parseConfig() accepts", () => {
  strictEqual(EXAMPLE_CONFIG.trimEnd().split("\n").length, 5);
  strictEqual(parseConfig(EXAMPLE_CONFIG, PLACE).cameras.length, 2);
});

const ROOTS = [
  { name: "at the file's folder by default", path: "conf/a.yaml", text: "", root: "/srv/conf" },
  {
    name: "relative to the file's folder",
    path: "conf/a.yaml",
    text: "storage: { root: ../all }",
    root: "/srv/all",
  },
  {
    name: "where it is absolute",
    path: "conf/a.yaml",
    text: "storage: { root: /mnt/x/ }",
    root: "/mnt/x",
  },
  {
    name: "relative to the working folder when it comes from a flag",
    path: "conf/a.yaml",
    text: "storage: { root: /mnt/x }",
    rootOverride: "here",
    root: "/srv/here",
  },
  {
    name: "in /var/lib for the file of an installed service",
    path: SYSTEM_CONFIG_PATH,
    text: "",
    root: "/var/lib/lookback",
  },
] as const;

for (const { name, path, text, root, ...rest } of ROOTS) {
  Deno.test(`parseConfig() puts the storage root ${name}`, () => {
    const settings = parseConfig(`cameras: []\n${text}`, { path, cwd: "/srv", ...rest });
    strictEqual(settings.root, root);
  });
}

const PROGRAMS = [
  { name: "finds a bare name on PATH", text: "path: ff", programs: ["ff", "ffprobe"] },
  {
    name: "finds ffprobe beside an ffmpeg that is a path",
    text: "path: tools/ffmpeg",
    programs: ["/srv/site/tools/ffmpeg", "/srv/site/tools/ffprobe"],
  },
  {
    name: "keeps an ffprobe that is named",
    text: "path: /opt/ffmpeg, probe_path: probe",
    programs: ["/opt/ffmpeg", "probe"],
  },
] as const;

for (const { name, text, programs } of PROGRAMS) {
  Deno.test(`parseConfig() ${name}`, () => {
    const { ffmpegPath, ffprobePath } = parseConfig(`ffmpeg: { ${text} }`, PLACE);
    deepStrictEqual([ffmpegPath, ffprobePath], programs);
  });
}

Deno.test("configJsonSchema() describes every key", () => {
  const undescribed: string[] = [];
  const visit = (schema: JsonSchema, path: string) => {
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      if (part.description === undefined) undescribed.push(`${path}${key}`);
      visit(part, `${path}${key}.`);
    }
    if (schema.items !== undefined) visit(schema.items, path);
  };
  const schema = configJsonSchema() as JsonSchema;
  visit(schema, "");
  deepStrictEqual(undescribed, []);
  deepStrictEqual(schema.properties?.batch?.properties?.duration_seconds, {
    type: "number",
    minimum: 1,
    maximum: 3600,
    default: 10,
    description: "Length of one recording; it ends at the first key frame from there on",
  });
});

interface JsonSchema {
  readonly description?: string;
  readonly properties?: { readonly [key: string]: JsonSchema };
  readonly items?: JsonSchema;
}

// Finding the file

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
    options: { cwd, systemPath: join(folder.path, "etc.yaml") },
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
  fix: write lookback.yaml, for example:
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
  deepStrictEqual(await loadConfig(options), { ...DEFAULTS, root: cwd, configPath: null });
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
