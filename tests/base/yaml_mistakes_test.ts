import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import { describeFound, readYaml, yamlMistakeLine } from "../../src/base/yaml_mistakes.ts";

const SHELF = z.strictObject({
  label: z.string().optional(),
  width_cm: z.number({ error: "a width in centimetres" }).optional(),
  floors: z.int().min(1).max(9).optional(),
  colour: z.enum(["red", "green"]).optional(),
  open: z.boolean().default(true),
  books: z.array(z.strictObject({ title: z.string(), pages: z.int().optional() })).default([]),
});

function mistakeLines(text: string): readonly string[] {
  const reading = readYaml(text, { schema: SHELF });
  return reading.ok
    ? []
    : reading.mistakes.map((mistake) => yamlMistakeLine("shelf.yaml", mistake));
}

const CASES: readonly { name: string; text: string; lines: readonly string[] }[] = [
  {
    name: "names a key by its place in lists and maps",
    text: "books:\n  - title: Emma\n    pages: many\n",
    lines: ['shelf.yaml:3:5 books[0].pages: found "many", need a number'],
  },
  {
    name: "says what would be right in the words of the schema",
    text: "width_cm: wide",
    lines: ['shelf.yaml:1:1 width_cm: found "wide", need a width in centimetres'],
  },
  {
    name: "says what would be right where the schema has no words",
    text: "label: 7\nfloors: 10\ncolour: blue\nopen: 1\nbooks: {}\n",
    lines: [
      "shelf.yaml:1:1 label: found 7, need text",
      "shelf.yaml:2:1 floors: found 10, need at most 9",
      'shelf.yaml:3:1 colour: found "blue", need one of red, green',
      "shelf.yaml:4:1 open: found 1, need true or false",
      'shelf.yaml:5:1 books: found keys and values, need a list: lines that start with "- "',
    ],
  },
  {
    name: "points at the list item that lacks a key",
    text: "books:\n  - pages: 3\n",
    lines: ["shelf.yaml:2:5 books[0].title: found nothing, need text"],
  },
  {
    name: "says which key an unknown one may be",
    text: "books:\n  - titel: Emma\n    title: Emma\n",
    lines: ['shelf.yaml:2:5 books[0].titel: unknown key, did you mean "title"?'],
  },
  {
    name: "lists the keys known where none is near an unknown one",
    text: "books: [{ title: Emma, isbn: 1 }]\n",
    lines: ["shelf.yaml:1:24 books[0].isbn: unknown key, known here: title, pages"],
  },
  {
    name: "treats names that every object inherits as unknown keys",
    text: "__proto__: 1\n",
    lines: [
      "shelf.yaml:1:1 __proto__: unknown key, known here: label, width_cm, floors, colour, open, books",
    ],
  },
  {
    name: "reports a key written twice and the mistake in its last value",
    text: "floors: 2\nlabel: x\nfloors: none\n",
    lines: [
      "shelf.yaml:3:1 floors: found a second time, need it once (first on line 1)",
      'shelf.yaml:3:1 floors: found "none", need a number',
    ],
  },
  {
    name: "accepts equal keys in different maps",
    text: "books: [{ title: Emma }, { title: Ulysses }]\n",
    lines: [],
  },
  {
    name: "points at the alias when the mistake lies in what it stands for",
    text: "books:\n  - &emma\n    title: Emma\n    pages: 1.5\n  - *emma\n",
    lines: [
      "shelf.yaml:4:5 books[0].pages: found 1.5, need a whole number",
      "shelf.yaml:5:5 books[1].pages: found 1.5, need a whole number",
    ],
  },
  {
    name: "reports an alias that stands before its anchor",
    text: "label: *later\ncolour: &later red\n",
    lines: ['shelf.yaml:1:8 label: found the alias "*later", need its anchor before it'],
  },
  {
    name: "refuses aliases that unfold into far more than the file holds",
    text: "a: &a [x, x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n" +
      "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n",
    lines: ["shelf.yaml:1:1: found too many aliases, need the values written out"],
  },
  {
    name: "reports nothing but syntax where there is a syntax mistake, one a line",
    text: "colour: blue\nlabel: a: b: c\nfloors: @2\n",
    lines: [
      'shelf.yaml:2:8: found ": " inside a value, need the value in quotes, or each key on a ' +
      "line of its own with the same indentation as its neighbours",
      "shelf.yaml:3:9: found a value that starts with a reserved character, need it in quotes",
    ],
  },
  {
    name: "reports a quote that is not closed",
    text: 'label: "open\n',
    lines: ['shelf.yaml:2:1: not valid YAML: Missing closing "quote'],
  },
  {
    name: "refuses tags that it would have to ignore",
    text: "label: !secret shelf\n",
    lines: ["shelf.yaml:1:8: not valid YAML: Unresolved tag: !secret"],
  },
  {
    name: "does not quote a tag of a megabyte",
    text: `label: !${"x".repeat(1_000_000)}\n`,
    lines: ["shelf.yaml:1:8: not valid YAML: TAG_RESOLVE_FAILED"],
  },
  {
    name: "refuses a list as a key",
    text: "? [label]\n: x\n",
    lines: ["shelf.yaml:1:3: found a list, keys and values or an alias as a key, need a name"],
  },
  {
    name: "refuses nesting that no parser survives",
    text: "[".repeat(50_000),
    lines: ["shelf.yaml:1:N: found too many levels of nesting, need at most a few"],
  },
  {
    name: "counts columns without the byte order mark and lines by either ending",
    text: "\ufefflabel: x\r\nfloors: 10\r\n",
    lines: ["shelf.yaml:2:1 floors: found 10, need at most 9"],
  },
  {
    name: "quotes odd keys on one line",
    text: '"two\\nlines": 1\n',
    lines: [
      'shelf.yaml:1:1 "two\\nlines": unknown key, known here: label, width_cm, floors, colour, ' +
      "open, books",
    ],
  },
];

for (const { name, text, lines } of CASES) {
  Deno.test(`readYaml() ${name}`, () => {
    // How deep the parser gets depends on the size of the stack.
    const found = mistakeLines(text).map((line) => line.replace(/:1:\d{3,}:/, ":1:N:"));
    deepStrictEqual(found, lines);
  });
}

Deno.test("readYaml() answers the value of the schema when there is no mistake", () => {
  deepStrictEqual(readYaml("floors: 2 # enough\n", { schema: SHELF }), {
    ok: true,
    value: { floors: 2, open: true, books: [] },
  });
});

Deno.test("readYaml() puts the mistakes of rules among the others by place", () => {
  const reading = readYaml("label: x\nfloors: 99\n", {
    schema: SHELF,
    rules: () => [{ path: ["label"], text: "found a dull label" }],
  });
  ok(!reading.ok);
  deepStrictEqual(reading.mistakes.map(({ line, key }) => ({ line, key })), [
    { line: 1, key: "label" },
    { line: 2, key: "floors" },
  ]);
});

Deno.test("readYaml() never throws and places every mistake inside the text", () => {
  fc.assert(fc.property(yamlish(), (text) => {
    const reading = readYaml(text, { schema: SHELF });
    if (reading.ok) return;
    ok(reading.mistakes.length > 0);
    const lineCount = text.split("\n").length;
    for (const mistake of reading.mistakes) {
      ok(mistake.line >= 1 && mistake.line <= lineCount && mistake.column >= 1);
      ok(!/\p{Cc}/u.test(yamlMistakeLine("shelf.yaml", mistake)));
    }
  }));
});

/** Texts made of what YAML is made of, right and wrong. */
function yamlish(): fc.Arbitrary<string> {
  const pieces = [
    ..."[]{}:,-?&*!|>'\"%@`#~ \t\n\r\0",
    ": ",
    "- ",
    "\n  ",
    "label",
    "books",
    "title",
  ];
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 3 }));
  return fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));
}

const FOUND = [
  { value: undefined, text: "nothing" },
  { value: null, text: "nothing" },
  { value: 2.5, text: "2.5" },
  { value: Number.NaN, text: "NaN" },
  { value: false, text: "false" },
  { value: [1], text: "a list" },
  { value: { a: 1 }, text: "keys and values" },
  { value: "", text: '""' },
  { value: "\x1b[2J", text: '"\\u001b[2J"' },
  { value: "x".repeat(61), text: `"${"x".repeat(59)}…"` },
  { value: "x".repeat(301), text: "a text of 301 characters" },
  { value: "test://1281x720@25", text: '"test://1281x720@25"' },
  { value: "rtps://me:secret@10.0.0.5/a", text: '"rtps://me:***@10.0.0.5/a"' },
  { value: "rtsp://me:sec ret@10.0.0.5/a", text: '"rtsp://me:***@10.0.0.5/a"' },
  { value: "rtsp://me:sec/r#t@10.0.0.5/a b", text: '"rtsp://me:***@10.0.0.5/a b"' },
  { value: "rtsp://sec ret@10.0.0.5/a", text: '"rtsp://***@10.0.0.5/a"' },
  { value: "ftp://10.0.0.5/a?token=secret", text: '"ftp://10.0.0.5/a?token=***"' },
] as const;

for (const { value, text } of FOUND) {
  const given = typeof value === "string" && value.length > 60 ? "long text" : `${String(value)}`;
  Deno.test(`describeFound() says ${text.slice(0, 60)} for ${JSON.stringify(given)}`, () => {
    strictEqual(describeFound(value), text);
  });
}
