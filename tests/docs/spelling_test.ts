/**
 * Words of the documents are spelt right, by English dictionaries (cspell) and the
 * project's own list, docs/words.txt.
 *
 * Code is left out: it is held by other tests.
 *
 * @module
 */

import { spellCheckDocument } from "cspell-lib";
import { deepStrictEqual } from "node:assert/strict";

const TOP = new URL("../../", import.meta.url).pathname;

const OWN_WORDS = "docs/words.txt";

/** Settings of the checker, but for the words. */
const SETTINGS = { noConfigSearch: true, generateSuggestions: false } as const;

/** Of all faults that are found; fewer would hide some. */
const MOST_FAULTS = 100_000;

async function markdownBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(TOP + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await markdownBelow(path));
    else if (name.endsWith(".md")) paths.push(path);
  }
  return paths.toSorted();
}

/** What is meant for people: no code, no addresses, no comments. */
function proseOf(markdown: string): string {
  return markdown
    .replaceAll(/^( *)(`{3,}|~{3,})[\s\S]*?^\1\2.*$/gm, "")
    .replaceAll(/`[^`]*`/g, "")
    .replaceAll(/\]\([^)]*\)/g, "]")
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .replaceAll(/https?:\S+/g, "");
}

Deno.test("Every word of the documents is spelt right or is in docs/words.txt", async () => {
  const own = (await Deno.readTextFile(TOP + OWN_WORDS)).split("\n");
  const words = own.filter((line) => line !== "" && !line.startsWith("#"));
  const paths = [
    ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
    ...await markdownBelow("docs"),
  ];
  const text = (await Promise.all(
    paths.map(async (path) => proseOf(await Deno.readTextFile(TOP + path))),
  )).join("\n\n");
  const { issues } = await spellCheckDocument(
    { uri: "file:///documents.md", text, languageId: "markdown", locale: "en,en-GB" },
    SETTINGS,
    { language: "en,en-GB", words, maxNumberOfProblems: MOST_FAULTS },
  );
  deepStrictEqual([...new Set(issues.map(({ text }) => text))].toSorted(), []);
});
