import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { alertBodySchema, bodyText, readBody, toBody } from "../../src/alert/body.ts";
import { anAlert } from "./made_up.ts";

Deno.test("bodyText() has every field of the schema in its order, and readBody() reads it", () => {
  const text = bodyText(anAlert());
  deepStrictEqual(Object.keys(JSON.parse(text)), Object.keys(alertBodySchema.shape));
  deepStrictEqual(readBody(text), toBody(anAlert()));
});

for (const text of ["", "{", "[]", "{}", '{"format":"lookback-alert-2"}', "null"]) {
  Deno.test(`readBody() makes nothing of ${JSON.stringify(text)}`, () => {
    strictEqual(readBody(text), undefined);
  });
}

/** The page's part about the body. */
async function bodySection(): Promise<string> {
  const [, section = ""] = (await Deno.readTextFile(PAGE)).split(/^## The body$/m);
  return section;
}

const PAGE = new URL("../../docs/alerts.md", import.meta.url);

Deno.test("docs/alerts.md has each field of the body, with the meaning that the schema gives", async () => {
  const rows = [...(await bodySection()).matchAll(/^\| `(\w+)` \| [^|]+ \| (.+) \|$/gm)]
    .map(([, field, meaning]) => [field, meaning]);
  const fields = Object.entries(alertBodySchema.shape).map(([field, part]) => [
    field,
    part.description,
  ]);
  deepStrictEqual(rows, fields);
});

Deno.test("docs/alerts.md shows a body that readBody() reads", async () => {
  const [, example = ""] = /^```json\n(.*)\n```$/m.exec(await bodySection()) ?? [];
  strictEqual(readBody(example)?.rule, "night-watch");
});
