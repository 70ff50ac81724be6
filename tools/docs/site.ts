/**
 * The guide, and the pages that it points to, as a small site of HTML: served by
 * Lookback itself at `/docs`.
 *
 * In:   docs/guide and docs.
 * Out:  files with their paths below the page's folder, all links between them whole.
 * Needs no script, and asks nobody but its own server.
 *
 * @module
 */

import { Marked, type Tokens } from "marked";
import { join, posix } from "node:path";
import { GUIDE_FOLDER, type GuidePage, readCodeKind, readGuide, slugOf } from "./guide.ts";

/** Where it is served. */
export const SITE_PATH = "/docs";

export interface SiteFile {
  /** Such as "docs/install.html". */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Source {
  /** From the repository's top: "docs/guide/02-install.md". */
  readonly file: string;
  readonly markdown: string;
}

/** Every file of the site. */
export async function makeSite(top: string): Promise<readonly SiteFile[]> {
  const guide = await readGuide(top);
  const sources: readonly Source[] = [
    ...guide.map(({ file, markdown }) => ({ file: `${GUIDE_FOLDER}/${file}`, markdown })),
    ...await readFolder(top, "docs"),
    ...await readFolder(top, "docs/design"),
  ];
  const known = new Map(sources.map(({ file }) => [file, addressOf(file)]));
  const pages = sources.map((source) => ({
    path: known.get(source.file)!.slice(1),
    bytes: encoded(pageHtml(source, { guide, known })),
  }));
  const first = pages[0]!;
  return [
    { path: `${SITE_PATH.slice(1)}/index.html`, bytes: first.bytes },
    ...pages,
    { path: `${SITE_PATH.slice(1)}/style.css`, bytes: encoded(STYLE) },
    ...await readPictures(top),
  ];
}

async function readFolder(top: string, folder: string): Promise<Source[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(join(top, folder))) {
    if (name.endsWith(".md")) names.push(`${folder}/${name}`);
  }
  return await Promise.all(
    names.toSorted().map(async (file) => ({
      file,
      markdown: await Deno.readTextFile(join(top, file)),
    })),
  );
}

async function readPictures(top: string): Promise<SiteFile[]> {
  const folder = join(top, GUIDE_FOLDER, "pictures");
  const files: SiteFile[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const bytes = await Deno.readFile(join(folder, name));
    files.push({ path: `${SITE_PATH.slice(1)}/pictures/${name}`, bytes });
  }
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}

/** Chapters lose their number; other pages keep their place, so that no two have one address. */
function addressOf(file: string): string {
  const chapter = /^docs\/guide\/\d\d-(.+)\.md$/.exec(file)?.[1];
  if (chapter !== undefined) return `${SITE_PATH}/guide/${chapter}.html`;
  return `/${file.replace(/\.md$/, ".html")}`;
}

interface SiteContext {
  readonly guide: readonly GuidePage[];
  /** Addresses of all pages, by their files. */
  readonly known: ReadonlyMap<string, string>;
}

function pageHtml({ file, markdown }: Source, site: SiteContext): string {
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? "Lookback";
  const body = markedFor(file, site).parse(markdown) as string;
  const here = addressOf(file);
  const chapters = site.guide.map(({ file: chapter, markdown: text }) => {
    const address = addressOf(`${GUIDE_FOLDER}/${chapter}`);
    const name = escaped(/^# (.+)$/m.exec(text)![1]!);
    return `<li><a href="${address}"${address === here ? ' aria-current="page"' : ""}>${name}</a>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title.replaceAll("`", ""))} – Lookback</title>
<link rel="stylesheet" href="${SITE_PATH}/style.css">
<body>
<nav aria-label="Chapters"><p><a href="/">Lookback</a></p><ol>
${chapters.join("\n")}
</ol></nav>
<main>
${body}</main>
</html>
`;
}

/** How a page's Markdown becomes HTML. */
function markedFor(file: string, { known }: SiteContext): Marked {
  const targetOf = (href: string): string | undefined => {
    if (/^(?:[a-z]+:|#)/.test(href)) return href;
    const [path = "", anchor] = href.split("#", 2);
    const place = posix.join(posix.dirname(file), path);
    if (place.startsWith(`${GUIDE_FOLDER}/pictures/`)) {
      return `${SITE_PATH}/pictures/${posix.basename(place)}`;
    }
    const address = known.get(place);
    return address === undefined || anchor === undefined ? address : `${address}#${anchor}`;
  };
  return new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${slugOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        const target = targetOf(href);
        // What lies outside of the site is only named.
        return target === undefined ? words : `<a href="${escaped(target)}">${words}</a>`;
      },
      image({ href, text }) {
        return `<img src="${escaped(targetOf(href) ?? href)}" alt="${
          escaped(text)
        }" loading="lazy">`;
      },
      code(token) {
        return codeHtml(token);
      },
      // Comments are for tools.
      html: () => "",
    },
  });
}

function codeHtml({ text, lang = "" }: Tokens.Code): string {
  const { language, use } = codeKindOf(lang);
  const label = use === "answers" ? "<p>Type these answers, one a line:</p>\n" : "";
  return `${label}<pre class="${escaped(language)}"><code>${escaped(text)}</code></pre>\n`;
}

/** Pages outside the guide have languages of their own, and no uses. */
function codeKindOf(info: string): { readonly language: string; readonly use: string } {
  try {
    return readCodeKind(info);
  } catch {
    return { language: info.split(" ", 1)[0]!, use: "any" };
  }
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const STYLE = `:root { color-scheme: light dark; --text: #1f2933; --quiet: #616e7c; --line: #cbd2d9;
  --back: #fff; --soft: #f3f5f7; --accent: #1c6e8c; --head: #0b3c5d; }
@media (prefers-color-scheme: dark) { :root { --text: #dfe5ec; --quiet: #9aa5b1; --line: #3a4552;
  --back: #161c24; --soft: #202833; --accent: #6db7d3; --head: #a9d3e6; } }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 16rem minmax(0, 1fr); color: var(--text);
  background: var(--back); font: 1rem/1.6 system-ui, "Liberation Sans", Arial, sans-serif; }
nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow: auto; padding: 1rem 1.2rem;
  background: var(--soft); border-right: 1px solid var(--line); }
nav p { font-weight: bold; font-size: 1.2rem; margin: 0 0 .6rem; }
nav ol { margin: 0; padding-left: 1.6rem; color: var(--quiet); }
nav li { margin: .25rem 0; }
nav a { text-decoration: none; }
nav a[aria-current] { font-weight: bold; }
main { max-width: 54rem; padding: 1rem 2rem 5rem; }
a { color: var(--accent); }
h1, h2, h3 { color: var(--head); line-height: 1.25; margin: 1.8em 0 .5em; }
h1 { margin-top: .4em; }
img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
pre { background: var(--soft); border-left: 3px solid var(--line); padding: .7rem 1rem; overflow: auto; }
pre.sh { border-left-color: var(--accent); }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em; }
table { border-collapse: collapse; width: 100%; display: block; overflow: auto; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem; border-bottom: 1px solid var(--line); }
th { background: var(--soft); }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } main { padding: 1rem; } }
`;
