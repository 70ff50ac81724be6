// deno-lint-ignore-file no-console
/**
 * Makes the guide: fills in the parts that come from the program, writes the Word
 * document, and opens it to see that it is right.
 *
 * Run as `./dev docs`, at the repository's top. `--pictures` makes the pictures anew
 * before that, which takes some minutes; `--text` does no more than fill in the parts.
 *
 * In:   docs/guide/*.md and its pictures.
 * Out:  docs/lookback-guide.docx.
 *
 * @module
 */

import { join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { canRender, faultsOf, renderDocx } from "./docs/check_docx.ts";
import { makeDocx } from "./docs/docx_document.ts";
import { DOCX_PATH, GUIDE_FOLDER, type GuidePage, readGuide } from "./docs/guide.ts";
import { writeParts } from "./docs/made_parts.ts";
import type { Picture } from "./docs/picture_size.ts";

function say(line: string): void {
  console.error(`docs: ${line}`);
}

/** Every picture of the guide, by its address in the pages. */
export async function readPictures(top: string): Promise<ReadonlyMap<string, Picture>> {
  const pictures = new Map<string, Picture>();
  const folder = join(top, GUIDE_FOLDER, "pictures");
  for await (const { name } of Deno.readDir(folder)) {
    const type = name.endsWith(".png") ? "png" : "jpg";
    pictures.set(`pictures/${name}`, { bytes: await Deno.readFile(join(folder, name)), type });
  }
  return pictures;
}

/** Titles of the chapters, as they stand in the contents. */
export function titlesOf(pages: readonly GuidePage[]): readonly string[] {
  return pages.map(({ markdown }) => /^# (.+)$/m.exec(markdown)![1]!);
}

/** Writes the document. Returns whether it is as it shall be, as far as that can be seen here. */
export async function makeGuide(top: string): Promise<boolean> {
  const pages = await readGuide(top);
  const pictures = await readPictures(top);
  const bytes = await makeDocx({ pages, pictures, version: project.version });
  const path = join(top, DOCX_PATH);
  await Deno.writeFile(path, bytes);
  say(`${DOCX_PATH}: ${pages.length} chapters, ${(bytes.length / 1e6).toFixed(1)} MB`);
  if (!await canRender()) {
    say("not opened: there is no LibreOffice here");
    say("  fix: apt-get install libreoffice-writer-nogui poppler-utils");
    return true;
  }
  const folder = await Deno.makeTempDir({ prefix: "lookback-docs-" });
  try {
    const rendered = await renderDocx(path, folder);
    const faults = faultsOf(rendered, titlesOf(pages));
    for (const fault of faults) say(`FAULT: ${fault}`);
    say(`opened in LibreOffice: ${rendered.pages} pages, ${rendered.pictures} pictures`);
    return faults.length === 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(flags: readonly string[]): Promise<number> {
  const unknown = flags.find((flag) => flag !== "--pictures" && flag !== "--text");
  if (unknown !== undefined) {
    say(`Unknown flag "${unknown}": --pictures or --text`);
    return 2;
  }
  const top = Deno.cwd();
  for (const file of await writeParts(top, await readGuide(top))) {
    say(`${file} was brought up to date`);
  }
  if (flags.includes("--text")) return 0;
  if (flags.includes("--pictures")) {
    const { makePictures } = await import("./docs/pictures.ts");
    await makePictures(top, say);
  }
  return await makeGuide(top) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
