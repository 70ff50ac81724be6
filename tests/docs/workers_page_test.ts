/**
 * docs/design/workers.md speaks of everything that runs at the same time: it names only
 * files that are there, and the file of each Worker. (That the tests which it names are
 * there is looked at by tests/docs_test.ts.)
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { readSourceFiles } from "../../tools/source_files.ts";

const TOP = new URL("../../", import.meta.url).pathname;

const page = await Deno.readTextFile(`${TOP}docs/design/workers.md`);
const named = new Set(
  [...page.matchAll(/`((?:src|tests)\/[\w/]+\.ts)`/g)].map(([, path]) => path!),
);
const sources = (await readSourceFiles(`${TOP}src`))
  .map(({ path, text }) => ({ path: path.replace(TOP, ""), text }));

Deno.test("docs/design/workers.md names only files that are there", async () => {
  ok(named.size > 30);
  const missing: string[] = [];
  for (const path of named) {
    await Deno.stat(TOP + path).catch(() => missing.push(path));
  }
  deepStrictEqual(missing, []);
});

Deno.test("docs/design/workers.md names every file that starts a Worker", () => {
  // The bench starts parts of the program one by one, to measure them.
  const starters = sources.filter(({ path, text }) =>
    text.includes("new Worker(") && !path.startsWith("src/bench/")
  );
  ok(starters.length >= 6);
  deepStrictEqual(starters.map(({ path }) => path).filter((path) => !named.has(path)), []);
});
