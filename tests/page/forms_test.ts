import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { configJsonSchema } from "../../config.ts";
import { type Field, fieldsOf, type JsonSchema } from "../../page/forms/schema.ts";
import {
  countAt,
  readYaml,
  valueAt,
  withItem,
  withoutItem,
  withValue,
} from "../../page/forms/yaml_edit.ts";

const YAML = `# My box
cameras:
  - id: front # the door
    source: rtsp://192.0.2.10/stream1
`;

Deno.test("fieldsOf() finds a field of the right kind for every setting that there is", () => {
  const fields = fieldsOf(configJsonSchema() as JsonSchema);
  const byKey = new Map(fields.map((field) => [field.key, field]));
  strictEqual(byKey.get("cameras")?.kind, "list");
  const cameras = byKey.get("cameras") as Extract<Field, { kind: "list" }>;
  deepStrictEqual(cameras.item.filter(({ isRequired }) => isRequired).map(({ key }) => key), [
    ...["id", "source"],
  ]);
  const stills = byKey.get("stills") as Extract<Field, { kind: "group" }>;
  deepStrictEqual(stills.fields.map(({ kind }) => kind), ["switch", "number", "number"]);
  ok(fields.every(({ help }) => help !== ""), "every setting says what it is");
});

Deno.test("fieldsOf() leaves to the text what can be written in several ways", () => {
  const schema = {
    properties: { tls: { anyOf: [{ type: "string" }, { type: "object", properties: {} }] } },
  };
  deepStrictEqual(fieldsOf(schema).map(({ kind, label }) => [kind, label]), [["yaml", "TLS"]]);
});

Deno.test("withValue() changes one value and leaves comments and order alone", () => {
  const text = withValue(YAML, ["cameras", 0, "source"], "test://640x360@10");
  strictEqual(text, YAML.replace("rtsp://192.0.2.10/stream1", "test://640x360@10"));
});

Deno.test("withValue() makes the groups that are missing", () => {
  const text = withValue(YAML, ["retention", "max_age"], "7d");
  strictEqual(text, `${YAML}retention:\n  max_age: 7d\n`);
  strictEqual(
    withValue("retention:\n", ["retention", "max_age"], "7d"),
    "retention:\n  max_age: 7d\n",
  );
  strictEqual(withValue("", ["log", "level"], "debug"), "log:\n  level: debug\n");
});

Deno.test("withValue() takes away what is not set any more, with the groups that get empty", () => {
  const text = withValue(YAML, ["web", "live", "max_viewers"], 4);
  strictEqual(withValue(text, ["web", "live", "max_viewers"], undefined), YAML);
  strictEqual(withValue("log:\n  level: debug\n", ["log", "level"], undefined), "");
  strictEqual(withValue(YAML, ["web", "live", "max_viewers"], undefined), YAML);
});

Deno.test("withItem() and withoutItem() make a list longer and shorter", () => {
  const path = ["cameras"];
  const longer = withItem(YAML, path, { id: "yard", source: "yard.mp4" });
  strictEqual(countAt(readYaml(longer), path), 2);
  strictEqual(valueAt(readYaml(longer), ["cameras", 1, "id"]), "yard");
  strictEqual(withoutItem(longer, ["cameras", 1]), YAML);
  strictEqual(withItem("", path, { id: "a" }), "cameras:\n  - id: a\n");
});

Deno.test("readYaml() says where a text can't be edited by fields", () => {
  strictEqual(readYaml("cameras: [").isSound, false);
  strictEqual(readYaml(YAML).isSound, true);
});
