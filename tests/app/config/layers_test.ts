/**
 * Which source of settings has the last word, where each value comes from, and
 * what a wrong variable is answered with.
 *
 * @module
 */

import { deepStrictEqual, doesNotMatch, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { configVariables, OTHER_VARIABLES } from "../../../src/app/config/environment.ts";
import { type ConfigSources, layerConfig } from "../../../src/app/config/layers.ts";
import { OperatorError } from "../../../src/base/errors.ts";

const FILE = `storage:
  root: footage
batch: { duration_seconds: 5 }
ffmpeg:
  path: tools/ffmpeg
cameras:
  - id: front
    source: film/front.mp4
`;

/** Sources with a file in /srv/site and another working folder. */
function sources(parts: Partial<ConfigSources> = {}): ConfigSources {
  const file = { path: "/srv/site/lookback.yaml", text: FILE };
  return { file, environment: {}, cwd: "/home/ann", ...parts };
}

/** What layerConfig throws, or null where all is right. */
function refusal(parts: Partial<ConfigSources>): OperatorError | null {
  try {
    layerConfig(sources(parts));
    return null;
  } catch (thrown) {
    ok(thrown instanceof OperatorError, `Threw ${thrown}`);
    strictEqual(thrown.code, "config-invalid");
    return thrown;
  }
}

Deno.test("layerConfig() prefers the flag to the environment, that to the file, that to defaults", () => {
  const LOOKBACK_STORAGE_ROOT = "/mnt/env";
  const environment = { LOOKBACK_STORAGE_ROOT };
  const rootOf = (parts: Partial<ConfigSources>) => layerConfig(sources(parts)).settings.root;
  strictEqual(rootOf({ environment, rootFlag: "/mnt/flag" }), "/mnt/flag");
  strictEqual(rootOf({ environment }), "/mnt/env");
  strictEqual(rootOf({}), "/srv/site/footage");
  strictEqual(rootOf({ file: null }), "/home/ann");
});

Deno.test("layerConfig() starts paths of flags and variables at the working folder", () => {
  const { settings } = layerConfig(sources({
    rootFlag: "all",
    environment: {
      LOOKBACK_FFMPEG_PROBE_PATH: "./probe",
      LOOKBACK_CAMERAS: "[{ id: yard, source: yard.mp4 }]",
    },
  }));
  strictEqual(settings.root, "/home/ann/all");
  strictEqual(settings.ffmpegPath, "/srv/site/tools/ffmpeg");
  strictEqual(settings.ffprobePath, "/home/ann/probe");
  deepStrictEqual(settings.cameras.map(({ source }) => source), [
    { kind: "file", path: "/home/ann/yard.mp4", loop: false },
  ]);
});

Deno.test("layerConfig() finds ffprobe beside an ffmpeg that a variable names", () => {
  const { settings } = layerConfig(
    sources({ environment: { LOOKBACK_FFMPEG_PATH: "bin/ffmpeg" } }),
  );
  strictEqual(settings.ffprobePath, "/home/ann/bin/ffprobe");
});

Deno.test("layerConfig() reads every kind of variable", () => {
  const { config } = layerConfig(sources({
    environment: {
      LOOKBACK_BATCH_DURATION_SECONDS: " 2.5 ",
      LOOKBACK_STILLS_QUALITY: "70",
      LOOKBACK_STILLS_ENABLED: "FALSE",
      LOOKBACK_LOG_LEVEL: "debug",
      LOOKBACK_CAMERAS: '[{"id": "lab", "source": "test://640x360@25"}]',
      // Empty counts as unset.
      LOOKBACK_RECORDER_FRAGMENT_MS: "",
      LOOKBACK_STACK: "1",
      HOME: "/home/ann",
    },
  }));
  strictEqual(config.batch.duration_seconds, 2.5);
  deepStrictEqual(config.stills, { enabled: false, every_seconds: 1, quality: 70 });
  strictEqual(config.log.level, "debug");
  strictEqual(config.recorder.fragment_ms, 120);
  deepStrictEqual(config.cameras.map(({ id }) => id), ["lab"]);
});

Deno.test("layerConfig() tells where each value comes from", () => {
  const { originOf } = layerConfig(sources({
    rootFlag: "/mnt/flag",
    environment: { LOOKBACK_STORAGE_ROOT: "/mnt/env", LOOKBACK_STILLS_QUALITY: "70" },
  }));
  deepStrictEqual(originOf(["storage", "root"]), { kind: "assigned", label: "--root" });
  deepStrictEqual(originOf(["stills", "quality"]), {
    kind: "assigned",
    label: "LOOKBACK_STILLS_QUALITY",
  });
  deepStrictEqual(originOf(["batch", "duration_seconds"]), { kind: "file", line: 3 });
  deepStrictEqual(originOf(["cameras", 0, "source"]), { kind: "file", line: 8 });
  deepStrictEqual(originOf(["cameras", 0, "name"]), { kind: "default" });
  deepStrictEqual(originOf(["log", "level"]), { kind: "default" });
});

Deno.test("layerConfig() has no line of the file below a key that a variable replaces", () => {
  const { originOf } = layerConfig(sources({
    environment: { LOOKBACK_CAMERAS: "[{ id: yard, name: Yard, source: yard.mp4 }]" },
  }));
  const label = "LOOKBACK_CAMERAS";
  deepStrictEqual(originOf(["cameras", 0, "name"]), { kind: "assigned", label });
  deepStrictEqual(originOf(["cameras", 0, "loop"]), { kind: "default" });
});

Deno.test("layerConfig() gives what an alias stands for the alias's line", () => {
  const text = "cameras:\n  - &a { id: a, source: a.mp4, geo_location: &g { lat: 1, lon: 2 } }\n" +
    "  - { id: b, source: b.mp4,\n      geo_location: *g }\n";
  const { originOf } = layerConfig(sources({ file: { path: "/srv/a.yaml", text } }));
  deepStrictEqual(originOf(["cameras", 1, "geo_location", "lat"]), { kind: "file", line: 4 });
});

const MISTAKES: readonly { name: string; environment: Record<string, string>; lines: string[] }[] =
  [
    {
      name: "a number that is a text",
      environment: { LOOKBACK_BATCH_DURATION_SECONDS: "10s" },
      lines: [
        'LOOKBACK_BATCH_DURATION_SECONDS batch.duration_seconds: found "10s", need a number of ' +
        "seconds from 1 to 3600",
      ],
    },
    {
      name: "a number out of range",
      environment: { LOOKBACK_STILLS_QUALITY: "101" },
      lines: [
        "LOOKBACK_STILLS_QUALITY stills.quality: found 101, need a whole number from 1 to 100",
      ],
    },
    {
      name: "a word for yes",
      environment: { LOOKBACK_STILLS_ENABLED: "yes" },
      lines: ['LOOKBACK_STILLS_ENABLED stills.enabled: found "yes", need true or false'],
    },
    {
      name: "a level that does not exist",
      environment: { LOOKBACK_LOG_LEVEL: "warn" },
      lines: [
        'LOOKBACK_LOG_LEVEL log.level: found "warn", need one of trace, debug, info, warning, error',
      ],
    },
    {
      name: "a misspelt name",
      environment: { LOOKBACK_STORAGE_ROT: "/mnt" },
      lines: ['LOOKBACK_STORAGE_ROT: unknown variable, did you mean "LOOKBACK_STORAGE_ROOT"?'],
    },
    {
      name: "a misspelt variable of the program's own",
      environment: { LOOKBACK_STAK: "1" },
      lines: ['LOOKBACK_STAK: unknown variable, did you mean "LOOKBACK_STACK"?'],
    },
    {
      name: "a name that is near no other, with those of its section",
      environment: { LOOKBACK_STILLS_COLOURS: "8" },
      lines: [
        "LOOKBACK_STILLS_COLOURS: unknown variable, known here: LOOKBACK_STILLS_ENABLED, " +
        "LOOKBACK_STILLS_EVERY_SECONDS, LOOKBACK_STILLS_QUALITY",
      ],
    },
    {
      name: "cameras that are not closed",
      environment: { LOOKBACK_CAMERAS: "[{ id: a }" },
      lines: ["LOOKBACK_CAMERAS: not valid YAML: Flow sequence must end with a ]"],
    },
    {
      name: "cameras that are no list",
      environment: { LOOKBACK_CAMERAS: "front" },
      lines: [
        'LOOKBACK_CAMERAS cameras: found "front", need a list of cameras: each begins with "- id:"',
      ],
    },
    {
      name: "a camera with an unknown key and an id used twice",
      environment: {
        LOOKBACK_CAMERAS: "[{ id: a, source: a.mp4, sauce: 1 }, { id: a, source: b.mp4 }]",
      },
      lines: [
        'LOOKBACK_CAMERAS cameras[0].sauce: unknown key, did you mean "source"?',
        'LOOKBACK_CAMERAS cameras[1].id: found "a", need an id that cameras[0] does not have',
      ],
    },
  ];

for (const { name, environment, lines } of MISTAKES) {
  Deno.test(`layerConfig() refuses ${name} in the environment`, () => {
    const found = refusal({ environment })?.message.split("\n").slice(1) ?? [];
    deepStrictEqual(found.map((line) => line.trim()), lines);
  });
}

Deno.test("layerConfig() reports the mistakes of all sources at once", () => {
  const error = refusal({
    file: { path: "/home/ann/lookback.yaml", text: "cameras: []\nstills: { quality: 0 }\n" },
    environment: { LOOKBACK_STILLS_QUALITY: "high" },
    rootFlag: "~/footage",
  });
  strictEqual(
    error?.toText(),
    `Cannot use configuration "lookback.yaml" and settings of the environment and flags: found 3 mistakes
  lookback.yaml:2:11 stills.quality: found 0, need a whole number from 1 to 100
  LOOKBACK_STILLS_QUALITY stills.quality: found "high", need a whole number from 1 to 100
  --root storage.root: found "~/footage", need a path without control characters and without "~", which only shells know
  fix: correct the file at the lines and columns named, then try again
  fix: correct the variables named, or unset them
  fix: correct the flags named
  more: docs/troubleshooting.md#config-invalid`,
  );
});

Deno.test("layerConfig() refuses a wrong file also where a variable has the last word", () => {
  throws(() =>
    layerConfig(sources({
      file: { path: "/srv/a.yaml", text: "stills: { quality: 0 }\n" },
      environment: { LOOKBACK_STILLS_QUALITY: "70" },
    })), { message: /^Cannot use configuration "\/srv\/a.yaml": found 1 mistake\n/ });
});

Deno.test("layerConfig() keeps a password in a variable to itself", () => {
  const LOOKBACK_CAMERAS =
    "[{ id: a, sauce: 'rtsp://u:hunter2@10.0.0.5/', source: 'x://u:hunter2@h' }]";
  for (const text of [LOOKBACK_CAMERAS, `${LOOKBACK_CAMERAS}]`, LOOKBACK_CAMERAS.slice(0, -2)]) {
    const error = refusal({ environment: { LOOKBACK_CAMERAS: text } });
    ok(error !== null);
    doesNotMatch(error.toText(), /hunter2/);
  }
});

Deno.test("layerConfig() answers settings or an OperatorError whatever the environment", () => {
  const names = configVariables().map(({ name }) => name);
  const environment = fc.dictionary(
    fc.oneof(fc.constantFrom(...names), fc.string().map((text) => `LOOKBACK_${text}`)),
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom("1", "true", "[{}]", "*a"),
    ),
  );
  const files = fc.constantFrom(
    FILE,
    "cameras: []",
    "storage: 1",
    "- a",
    "a: &a [*a, *b]",
    "",
    "\t",
  );
  fc.assert(fc.property(environment, files, (variables, text) => {
    refusal({ environment: variables, file: { path: "/srv/a.yaml", text } });
  }));
});

Deno.test("configVariables() gives each setting a name of its own, and none of the program's", () => {
  const names = configVariables().map(({ name }) => name);
  strictEqual(new Set([...names, ...Object.keys(OTHER_VARIABLES)]).size, names.length + 6);
  for (const name of ["LOOKBACK_STORAGE_ROOT", "LOOKBACK_FFMPEG_PATH", "LOOKBACK_CAMERAS"]) {
    ok(names.includes(name), name);
  }
});
