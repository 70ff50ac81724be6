import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { configJsonSchema, parseConfig, readConfig } from "../../../config.ts";
import { configVariables } from "../../../src/app/config/environment.ts";
import { configTemplate, problemWith, TEMPLATE_DRAFT } from "../../../src/app/config/template.ts";

const OPTIONS = { schemaFile: "lookback.schema.json" };
const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

Deno.test("configTemplate() begins with the schema for editors", () => {
  const [first] = configTemplate(TEMPLATE_DRAFT, OPTIONS).split("\n");
  strictEqual(first, "# yaml-language-server: $schema=lookback.schema.json");
});

Deno.test("configTemplate() writes what was chosen and leaves the rest to the defaults", () => {
  const draft = {
    storage: { root: "/mnt/foot age: 1" },
    batch: { duration_seconds: 2.5 },
    cameras: [
      { id: "front", name: 'Ann\'s "door" # 1', source: "rtsp://u:p#w@10.0.0.5/s?a=1&b=2" },
      { id: "7", source: "test://640x360@25" },
    ],
  };
  deepStrictEqual(
    parseConfig(configTemplate(draft, OPTIONS), PLACE),
    parseConfig(JSON.stringify(draft), PLACE),
  );
});

Deno.test("configTemplate() shows every setting, right as soon as its # is taken away", () => {
  const template = configTemplate(TEMPLATE_DRAFT, OPTIONS);
  const text = template.replaceAll(/^( *)#(?! |$)/gm, "$1");
  const reading = readConfig(text);
  ok(reading.ok, reading.ok ? "" : JSON.stringify(reading.mistakes));
  for (const { path } of configVariables()) match(text, new RegExp(`^ *${path.at(-1)}:`, "m"));
  const { items } = (configJsonSchema() as Schema).properties.cameras;
  const camera = Object.keys(reading.value.cameras[0]!);
  deepStrictEqual(camera.toSorted(), Object.keys(items.properties).toSorted());
});

interface Schema {
  readonly properties: { readonly cameras: { readonly items: { readonly properties: object } } };
}

Deno.test("configTemplate() keeps comments within 100 columns", () => {
  const long = configTemplate(TEMPLATE_DRAFT, OPTIONS).split("\n").filter((line) =>
    line.length > 100
  );
  deepStrictEqual(long, []);
});

Deno.test("problemWith() speaks of one key only", () => {
  const draft = { cameras: [{ id: "a", source: "a.mp4" }, { id: "a" }] };
  strictEqual(
    problemWith("cameras[1].id", draft),
    'found "a", need an id that cameras[0] does not have',
  );
  strictEqual(problemWith("cameras[0].id", draft), undefined);
  strictEqual(problemWith("storage.root", draft), undefined);
});
