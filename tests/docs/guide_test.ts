/**
 * The guide says what is: its made parts are those of this program, its settings can be
 * read, its pictures are there, and the document that is made of it is whole.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { strFromU8, unzipSync } from "fflate";
import { lexer, type Tokens, walkTokens } from "marked";
import { configJsonSchema, readConfig } from "../../config.ts";
import { OPERATOR_ERROR_CODES } from "../../src/base/errors.ts";
import { program } from "../../src/cli/main.ts";
import { readPictures, titlesOf } from "../../tools/docs.ts";
import { LEAST_PICTURES } from "../../tools/docs/check_docx.ts";
import { below } from "../../tools/docs/commands_text.ts";
import { makeDocx } from "../../tools/docs/docx_document.ts";
import { fitColumns } from "../../tools/docs/docx_table.ts";
import { readCodeKind, readGuide } from "../../tools/docs/guide.ts";
import { makeParts, partsIn, withParts } from "../../tools/docs/made_parts.ts";
import { type Schema, settingRows } from "../../tools/docs/settings_text.ts";

const TOP = new URL("../../", import.meta.url).pathname;

const pages = await readGuide(TOP);
const all = pages.map(({ markdown }) => markdown).join("\n");

/** All blocks of code, with the page that they are on. */
const blocks = pages.flatMap(({ file, markdown }) => {
  const found: { file: string; code: Tokens.Code }[] = [];
  walkTokens(lexer(markdown), (token) => {
    if (token.type === "code") found.push({ file, code: token as Tokens.Code });
  });
  return found;
});

Deno.test("The guide's made parts are those of this program; if not, run ./dev docs --text", async () => {
  const parts = await makeParts(TOP);
  deepStrictEqual(pages.flatMap(({ markdown }) => partsIn(markdown)).toSorted(), [
    ...["codes", "commands", "glossary", "settings"],
  ]);
  const old = pages.filter(({ markdown }) => withParts(markdown, parts) !== markdown);
  deepStrictEqual(old.map(({ file }) => file), []);
});

Deno.test("The guide has every setting, every command and every error code", async () => {
  const settings = settingRows(configJsonSchema() as Schema).map(({ key }) => `| \`${key}\` |`);
  const commands = below(await program(), "lookback").map(({ name }) => `### \`${name}\`\n`);
  const codes = OPERATOR_ERROR_CODES.map((code) => `### ${code}\n`);
  ok(settings.length > 80 && commands.length > 25 && codes.length > 25);
  const missing = [...settings, ...commands, ...codes].filter((text) => !all.includes(text));
  deepStrictEqual(missing, []);
});

Deno.test("docs/configuration.md has every setting", async () => {
  const text = await Deno.readTextFile(`${TOP}docs/configuration.md`);
  const rows = settingRows(configJsonSchema() as Schema);
  // A table for each kind of list leaves out what stands before "[]".
  const missing = rows.map(({ key }) => key).filter((key) => {
    const last = key.split("[].").at(-1)!;
    const name = last.split(".").at(-1)!;
    // What is small stands in the example of what it is a part of: `{ cert: cert.pem }`.
    return ![`\`${last}\``, `\`${name}\``, `{ ${name}: `, `, ${name}: `].some((form) =>
      text.includes(form)
    );
  });
  deepStrictEqual(missing, []);
});

Deno.test("The guide's examples of settings can be read", () => {
  const yaml = blocks.filter(({ code }) => code.lang === "yaml");
  ok(yaml.length >= 10);
  const wrong = yaml.flatMap(({ file, code }) => {
    const reading = readConfig(code.text);
    return reading.ok ? [] : [`${file}: ${JSON.stringify(reading.mistakes)}`];
  });
  deepStrictEqual(wrong, []);
});

Deno.test("Every block of code of the guide says what it is for", () => {
  const kinds = blocks.map(({ code }) => readCodeKind(code.lang ?? ""));
  const languages = new Set(kinds.map(({ language }) => language));
  deepStrictEqual([...languages].toSorted(), ["sh", "text", "yaml"]);
});

Deno.test("The guide shows every picture that there is, and no other", async () => {
  const shown = [...all.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map((match) => match[1]!);
  const pictures = await readPictures(TOP);
  deepStrictEqual([...pictures.keys()].toSorted(), [...new Set(shown)].toSorted());
  ok(pictures.size >= LEAST_PICTURES, `${pictures.size} pictures`);
  const sizeBytes = [...pictures.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  ok(sizeBytes < 3_000_000, `${sizeBytes} bytes of pictures`);
});

Deno.test("makeDocx() gives a whole document: contents with pages, chapters, pictures, links", async () => {
  const pictures = await readPictures(TOP);
  // Laying out all pages takes some seconds, and is looked at by ./dev docs.
  const bytes = await makeDocx({ pages, pictures, version: "1.2.3" }, { hasPageNumbers: false });
  const files = unzipSync(bytes);
  const document = strFromU8(files["word/document.xml"]!);
  for (const title of titlesOf(pages)) ok(document.includes(`>${title}<`), title);
  match(document, /TOC \\h/);
  const media = Object.keys(files).filter((name) => name.startsWith("word/media/"));
  ok(media.length >= LEAST_PICTURES);
  match(strFromU8(files["word/header1.xml"]!), /Version 1\.2\.3/);
  const anchors = [...document.matchAll(/w:anchor="([^"]+)"/g)].map((match) => match[1]!);
  const names = new Set(
    [...document.matchAll(/<w:bookmarkStart[^>]*w:name="([^"]+)"/g)].map((m) => m[1]!),
  );
  deepStrictEqual(anchors.filter((anchor) => !names.has(anchor)), []);
});

Deno.test("fitColumns() shares the width, and gives each column at least its longest word", () => {
  const widths = fitColumns([["a", "b"], ["some words ".repeat(40)], ["middle words here"]], 9_000);
  strictEqual(widths.reduce((sum, one) => sum + one, 0), 9_000);
  ok(widths[1]! > widths[2]! && widths[2]! > widths[0]!);
});

const KINDS = [
  { info: "sh", kind: { language: "sh", use: "any", remark: "" } },
  { info: "sh demo", kind: { language: "sh", use: "demo", remark: "" } },
  {
    info: "sh norun: needs a camera",
    kind: { language: "sh", use: "norun", remark: "needs a camera" },
  },
] as const;

for (const { info, kind } of KINDS) {
  Deno.test(`readCodeKind() reads "${info}"`, () => deepStrictEqual(readCodeKind(info), kind));
}

Deno.test("readCodeKind() refuses a block that is not run without a reason, and unknown uses", () => {
  for (const info of ["sh norun", "sh never"]) {
    try {
      readCodeKind(info);
    } catch (error) {
      ok(error instanceof SyntaxError);
      continue;
    }
    throw new Error(`"${info}" was taken`);
  }
});
