/**
 * Keeps the documents from pointing at what is not there: links between pages,
 * pages and sections named in the code, and files named in the architecture page.
 *
 * @module
 */

import { deepStrictEqual, notStrictEqual } from "node:assert/strict";
import { posix } from "node:path";
import { readSourceFiles } from "../tools/source_files.ts";

/** The repository's top, with "/" at its end. */
const TOP = new URL("../", import.meta.url).pathname;

/** Text of each Markdown page, by its path from the top. */
type Pages = ReadonlyMap<string, string>;

/** A mention of a page in a source file. */
interface Mention {
  readonly page: string;
  /** What stands behind "#", as in an address. */
  readonly anchor: string | undefined;
  /** A quoted section name that follows the page. */
  readonly section: string | undefined;
}

// Reading Markdown

/** The page without what is shown as code, where nothing is a link or a heading. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1.*$/gm, "");
}

/** The page's headings as a person reads them. */
function headingsOf(markdown: string): string[] {
  const lines = withoutCode(markdown).matchAll(/^#{1,6} +(.+?) *$/gm);
  return [...lines].map((match) => match[1]!.replaceAll(/[`*]/g, ""));
}

/** What an address puts behind "#" for each heading, as code hosts make it. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headingsOf(markdown)) {
    const plain = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
    const anchor = plain.replaceAll(/\s/g, "-");
    let free = anchor;
    for (let number = 1; anchors.has(free); number += 1) free = `${anchor}-${number}`;
    anchors.add(free);
  }
  return anchors;
}

/** Where the page's links lead: inline ones, images, and definitions at a line's start. */
function targetsOf(markdown: string): string[] {
  const text = withoutCode(markdown).replaceAll(/`[^`\n]*`/g, "code");
  const forms = [/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g, /^\[[^\]]+\]:\s*<?([^\s>]+)/gm];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1]!));
}

// Checks

/** Links between the pages that lead nowhere, each as "page: link". */
function brokenLinks(pages: Pages, isFile: (path: string) => boolean): string[] {
  return [...pages].flatMap(([page, markdown]) =>
    targetsOf(markdown)
      .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
      .filter((target) => !leadsSomewhere(target, { page, pages, isFile }))
      .map((target) => `${page}: ${target}`)
  );
}

function leadsSomewhere(
  target: string,
  from: {
    readonly page: string;
    readonly pages: Pages;
    readonly isFile: (path: string) => boolean;
  },
): boolean {
  const [path = "", anchor] = target.split("#", 2);
  const file = path === "" ? from.page : posix.join(posix.dirname(from.page), path);
  if (anchor === undefined) return from.isFile(file);
  const markdown = from.pages.get(file);
  return markdown !== undefined && anchorsOf(markdown).has(anchor);
}

/** Pages below docs/ that a source file names. A section may stand on the comment's next line. */
function mentionsIn(source: string): Mention[] {
  const text = source.replaceAll(/\n\s*(?:\*|\/\/)\s?/g, " ");
  const form = /\bdocs\/[\w/-]+\.md(?:#([a-z0-9_-]+))?(?:,\s*"([^"]+)")?/g;
  return [...text.matchAll(form)].map((match) => ({
    page: match[0].replace(/[#,].*$/s, ""),
    anchor: match[1],
    section: match[2],
  }));
}

/** Pages and sections that the sources name and that are not there, each as "file: mention". */
function brokenMentions(
  files: readonly { readonly path: string; readonly text: string }[],
  pages: Pages,
): string[] {
  return files.flatMap(({ path, text }) =>
    mentionsIn(text).filter(({ page, anchor, section }) => {
      const markdown = pages.get(page);
      if (markdown === undefined) return true;
      if (anchor !== undefined && !anchorsOf(markdown).has(anchor)) return true;
      return section !== undefined && !headingsOf(markdown).includes(section);
    }).map(({ page, anchor, section }) => `${path}: ${page} ${anchor ?? section ?? ""}`.trimEnd())
  );
}

/** Names of source files and documents that a text mentions, as paths from the top. */
function fileNamesIn(markdown: string): string[] {
  const links = /\]\([^)]*\)/g;
  const names = /(?<![\w/.-])(?:[\w-]+\/)*[\w-]+\.(?:ts|json|md)\b/g;
  return [...new Set(markdown.replaceAll(links, "]").match(names) ?? [])];
}

// The project

function isFile(path: string): boolean {
  try {
    return Deno.statSync(TOP + path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** All pages that a reader of the repository comes across. */
async function readPages(): Promise<Pages> {
  const tops = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  const folders = ["data", "frames", "output"].map((folder) => `${folder}/README.md`);
  const paths = [...tops, ...folders, ...await pagesBelow("docs")];
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(TOP + path)));
  return new Map(paths.map((path, index) => [path, texts[index]!]));
}

async function pagesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(TOP + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await pagesBelow(path));
    else if (name.endsWith(".md")) paths.push(path);
  }
  return paths.toSorted();
}

Deno.test("brokenLinks() finds none in the project's pages", async () => {
  deepStrictEqual(brokenLinks(await readPages(), isFile), []);
});

Deno.test("brokenMentions() finds none in the sources", async () => {
  const files = [
    ...await readSourceFiles(`${TOP}src`),
    ...await readSourceFiles(`${TOP}tools`),
    { path: "config.ts", text: await Deno.readTextFile(`${TOP}config.ts`) },
  ];
  notStrictEqual(files.flatMap(({ text }) => mentionsIn(text)).length, 0);
  deepStrictEqual(brokenMentions(files, await readPages()), []);
});

Deno.test("docs/architecture.md names only files that are there", async () => {
  const names = fileNamesIn(await Deno.readTextFile(`${TOP}docs/architecture.md`));
  notStrictEqual(names.length, 0);
  deepStrictEqual(names.filter((name) => !isFile(name)), []);
});

Deno.test("docs/design/workers.md names only tests that are there", async () => {
  const text = await Deno.readTextFile(`${TOP}docs/design/workers.md`);
  const named = [...text.matchAll(/`(tests\/[\w/]+\.ts)`: "([^"]+)"/g)];
  notStrictEqual(named.length, 0);
  const missing: string[] = [];
  for (const [, path, name] of named) {
    const source = await Deno.readTextFile(TOP + path!);
    if (!source.includes(`"${name!}"`)) missing.push(`${path}: ${name}`);
  }
  deepStrictEqual(missing, []);
});

// The checks themselves

const PAGES: Pages = new Map([
  ["README.md", "# Top\n\n## What `it` does\n\n```sh\n# no heading\n```\n"],
  ["docs/design/export.md", "# Export\n\n## The cut\n\n## The cut\n"],
]);

const LINKS = [
  { name: "takes a link to a page in another folder", link: "../../README.md", broken: [] },
  { name: "takes a link to a heading of the same page", link: "#export", broken: [] },
  { name: "takes a heading with code in it", link: "../../README.md#what-it-does", broken: [] },
  { name: "takes the second heading of one name", link: "export.md#the-cut-1", broken: [] },
  { name: "leaves addresses on the network alone", link: "https://example.org/x.md", broken: [] },
  { name: "names a page that is not there", link: "time.md", broken: ["time.md"] },
  { name: "names a heading that is not there", link: "export.md#a", broken: ["export.md#a"] },
  {
    name: "takes no comment in code for a heading",
    link: "../../README.md#no-heading",
    broken: ["../../README.md#no-heading"],
  },
] as const;

for (const { name, link, broken } of LINKS) {
  Deno.test(`brokenLinks() ${name}`, () => {
    const page = "docs/design/export.md";
    const pages = new Map([...PAGES, [page, `${PAGES.get(page)}\n[text](${link})\n`]]);
    deepStrictEqual(
      brokenLinks(pages, (path) => pages.has(path)),
      broken.map((target) => `${page}: ${target}`),
    );
  });
}

const MENTIONS = [
  { name: "takes a page", text: " * Design: docs/design/export.md\n", broken: [] },
  { name: "takes a section", text: ' * See docs/design/export.md, "The cut"', broken: [] },
  {
    name: "takes a section on the next line",
    text: ' * See docs/design/export.md,\n * "The cut"',
    broken: [],
  },
  {
    name: "names a page that is not there",
    text: "// docs/design/live.md has more",
    broken: ["a.ts: docs/design/live.md"],
  },
  {
    name: "names a section that is not there",
    text: ' * docs/design/export.md,\n * "The\n * end"',
    broken: ["a.ts: docs/design/export.md The end"],
  },
  {
    name: "names an anchor that is not there",
    text: '"docs/design/export.md#the-end"',
    broken: ["a.ts: docs/design/export.md the-end"],
  },
] as const;

for (const { name, text, broken } of MENTIONS) {
  Deno.test(`brokenMentions() ${name}`, () => {
    deepStrictEqual(brokenMentions([{ path: "a.ts", text }], PAGES), broken);
  });
}

Deno.test("fileNamesIn() gives each file once and leaves links and folders out", () => {
  const text = "`src/cli/run.ts`, `main.ts` and `src/cli/run.ts` in `src/cli`, [time](time.md)";
  deepStrictEqual(fileNamesIn(text), ["src/cli/run.ts", "main.ts"]);
});
