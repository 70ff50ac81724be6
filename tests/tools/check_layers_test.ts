import { deepStrictEqual } from "node:assert/strict";
import { findBreaches, importsOf } from "../../tools/check_layers.ts";

const PURE_RULE = "is pure: the outside world comes in as arguments";

const BREACHES = [
  {
    name: "refuses an import of a room on the same floor",
    path: "src/capture/worker.ts",
    text: 'import { write } from "../store/writer.ts";',
    breach: ['imports "../store/writer.ts"', "capture may import base, model, media, host"],
  },
  {
    name: "refuses an import of a room above",
    path: "src/base/log.ts",
    text: 'export * from "../model/camera.ts";',
    breach: ['imports "../model/camera.ts"', "base may import no other room"],
  },
  {
    name: "refuses src/app what belongs to the commands",
    path: "src/app/service.ts",
    text: 'const later = await import("../cli/run.ts");',
    breach: [
      'imports "../cli/run.ts"',
      "app may import base, model, media, host, store, capture, footage, live, vision, alert, mqtt, " +
      "web, upkeep",
    ],
  },
  {
    name: "sees through a Worker's URL",
    path: "src/footage/job.ts",
    text: 'new Worker(\n  new URL("../capture/worker.ts", import.meta.url),\n);',
    breach: ['imports "../capture/worker.ts"', "footage may import base, model, media, host"],
  },
  {
    name: "keeps config.ts out of the rooms below",
    path: "src/store/writer.ts",
    text: 'import type { Config } from "../../config.ts";',
    breach: ['imports "../../config.ts"', "only app, cli and main.ts may import config.ts"],
  },
  {
    name: "refuses src/ what lies in tests",
    path: "src/cli/demo.ts",
    text: 'import { makeClip } from "../../tests/support/clips.ts";',
    breach: [
      'imports "../../tests/support/clips.ts"',
      "src/ imports nothing outside src/ but config.ts and deno.json",
    ],
  },
  {
    name: "keeps SQLite in the store",
    path: "src/footage/plan.ts",
    text: 'import { DatabaseSync } from "node:sqlite";',
    breach: ['imports "node:sqlite"', "only store may import node:sqlite"],
  },
  {
    name: "keeps SQLite out of main.ts too",
    path: "main.ts",
    text: 'import { DatabaseSync } from "node:sqlite";',
    breach: ['imports "node:sqlite"', "only store may import node:sqlite"],
  },
  {
    name: "refuses a pure room every module of node",
    path: "src/model/path.ts",
    text: 'import { join } from "node:path";',
    breach: ['imports "node:path"', "model is pure: of node it may import nothing"],
  },
  {
    name: "refuses src/base other modules of node than paths",
    path: "src/base/queue.ts",
    text: 'import { join } from "node:path";\nimport { readFileSync } from "node:fs";',
    breach: ['imports "node:fs"', "base is pure: of node it may import node:path"],
  },
  {
    name: "refuses a pure room the runtime",
    path: "src/media/boxes.ts",
    text: "export const size = Deno.statSync(path).size;",
    breach: ['mentions "Deno."', `media ${PURE_RULE}`],
  },
  {
    name: "refuses a pure room the clock",
    path: "src/model/batch.ts",
    text: "const now = Date.now();",
    breach: ['mentions "Date.now"', `model ${PURE_RULE}`],
  },
  {
    name: "refuses a folder without a row",
    path: "src/helpers/misc.ts",
    text: "",
    breach: [
      'lies in "src/helpers"',
      "every folder under src/ has a row in tools/check_layers.ts",
    ],
  },
  {
    name: "refuses a file that lies in no room",
    path: "src/misc.ts",
    text: "",
    breach: ["lies in no room", "files under src/ lie in a room's folder"],
  },
] as const;

for (const { name, path, text, breach } of BREACHES) {
  Deno.test(`findBreaches() ${name}`, () => {
    const [found, rule] = breach;
    deepStrictEqual(findBreaches([{ path, text }]), [{ file: path, found, rule }]);
  });
}

const CLEAN = [
  {
    name: "lets a room import itself and the rooms below",
    path: "src/capture/worker.ts",
    text: 'import { a } from "./loop.ts";\nimport { b } from "../media/deep/boxes.ts";',
  },
  {
    name: "lets the store have SQLite",
    path: "src/store/writer.ts",
    text: 'import { DatabaseSync } from "node:sqlite";',
  },
  {
    name: "lets src/cli import the app, the settings and the version",
    path: "src/cli/run.ts",
    text: 'import "../app/service.ts";\nimport { readConfig } from "../../config.ts";\n' +
      'import deno from "../../deno.json" with { type: "json" };',
  },
  {
    name: "lets main.ts import src/cli",
    path: "main.ts",
    text: 'import { run } from "./src/cli/run.ts";',
  },
  {
    name: "takes no offence at comments and doc examples",
    path: "src/model/batch.ts",
    text: '/**\n * import { open } from "../store/writer.ts";\n * Deno.open is far away\n */\n' +
      "// Deno.open\nconst a = 1; // not Deno.open",
  },
  {
    name: "lets the system clock read the clock",
    path: "src/base/clock.ts",
    text: "const now = Date.now(), later = Deno.osUptime();",
  },
  {
    name: "takes a longer name for another word",
    path: "src/model/batch.ts",
    text: "const a = myDeno.x, b = resetTimeout();",
  },
] as const;

for (const { name, path, text } of CLEAN) {
  Deno.test(`findBreaches() ${name}`, () => {
    deepStrictEqual(findBreaches([{ path, text }]), []);
  });
}

Deno.test("importsOf() reads every form of import", () => {
  const code = [
    'import a, {\n  type B,\n} from "./a.ts";',
    'export type { C } from "./c.ts";',
    "import * as d from './d.ts';",
    'import "./e.ts";',
    'const f = await import("./f.ts");',
    'const g = import.meta.resolve("./g.ts");',
    'const h = new URL("./h.ts", import.meta.url);',
    'const text = "quoted from here";',
  ].join("\n");
  deepStrictEqual(
    importsOf(code).toSorted(),
    ["./a.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts", "./g.ts", "./h.ts"],
  );
});
