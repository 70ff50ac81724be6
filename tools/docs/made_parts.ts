/**
 * The parts of the guide that are made from what the program itself is made of: every
 * setting, every command, every error code, every word.
 *
 * They stand in the pages between two comments, so that a page can be read without
 * tools, and a test compares them.
 *
 * @module
 */

import { join } from "node:path";
import { configJsonSchema } from "../../config.ts";
import { program } from "../../src/cli/main.ts";
import { commandsText } from "./commands_text.ts";
import { GUIDE_FOLDER, type GuidePage } from "./guide.ts";
import { type Schema, settingsText } from "./settings_text.ts";

const PART = /^<!-- made by \.\/dev docs: (\w+) -->\n[\s\S]*?^<!-- end -->$/gm;

/** What goes into a page, by the name of the part. */
export type MadeParts = Readonly<Record<string, string>>;

/** Makes all parts. */
export async function makeParts(top: string): Promise<MadeParts> {
  const troubleshooting = await Deno.readTextFile(join(top, "docs/troubleshooting.md"));
  const glossary = await Deno.readTextFile(join(top, "docs/glossary.md"));
  return {
    settings: settingsText(configJsonSchema() as Schema),
    commands: commandsText(await program()),
    codes: codesOf(troubleshooting),
    glossary: moved(glossary.replace(/^# .*\n+/, "")),
  };
}

/**
 * Puts the parts into a page.
 *
 * @throws {SyntaxError} If the page names a part that there is not.
 */
export function withParts(markdown: string, parts: MadeParts): string {
  return markdown.replaceAll(PART, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new SyntaxError(`There is no part "${name}"`);
    return `<!-- made by ./dev docs: ${name} -->\n\n${part.trim()}\n\n<!-- end -->`;
  });
}

/** Names of the parts that a page holds. */
export function partsIn(markdown: string): string[] {
  return [...markdown.matchAll(PART)].map((match) => match[1]!);
}

/** Writes the pages whose parts have changed. Returns their names. */
export async function writeParts(top: string, pages: readonly GuidePage[]): Promise<string[]> {
  const parts = await makeParts(top);
  const changed: string[] = [];
  for (const { file, markdown } of pages) {
    const fresh = withParts(markdown, parts);
    if (fresh === markdown) continue;
    await Deno.writeTextFile(join(top, GUIDE_FOLDER, file), fresh);
    changed.push(file);
  }
  return changed;
}

/** The sections of the page about errors, each a level lower: they stand in a chapter. */
function codesOf(markdown: string): string {
  return moved(markdown.slice(markdown.indexOf("\n## ") + 1)).replaceAll(/^## /gm, "### ");
}

/** Links as they are seen from the guide's folder instead of from docs/. */
function moved(markdown: string): string {
  return markdown.replaceAll(
    /\]\((?!#|[a-z]+:)([^)]+)\)/g,
    (_, target: string) => `](../${target})`,
  );
}
