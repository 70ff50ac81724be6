/**
 * The guide's pages: which there are, in which order, and what is in them.
 *
 * In:   docs/guide/*.md, whose names begin with their number.
 * Out:  pages as text.
 * Not here: what becomes of them (docx_document.ts, site.ts).
 *
 * @module
 */

import { join } from "node:path";

/** From the repository's top. */
export const GUIDE_FOLDER = "docs/guide";

/** Where the document is put, from the repository's top. */
export const DOCX_PATH = "docs/lookback-guide.docx";

export interface GuidePage {
  /** As in "02-install.md". */
  readonly file: string;
  readonly markdown: string;
}

/** Reads the pages in their order. */
export async function readGuide(top: string): Promise<readonly GuidePage[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(join(top, GUIDE_FOLDER))) {
    if (/^\d\d-.*\.md$/.test(name)) files.push(name);
  }
  return await Promise.all(
    files.toSorted().map(async (file) => ({
      file,
      markdown: await Deno.readTextFile(join(top, GUIDE_FOLDER, file)),
    })),
  );
}

/** What a block of code is for, as its first line says behind the language. */
export interface CodeKind {
  /** Such as "sh" or "yaml"; empty where none is given. */
  readonly language: string;
  /**
   * For "sh": "any" runs everywhere, "demo" only where there is older footage, "box" only on a
   * machine of its own, "norun" not at all. For "text": "answers" are typed into the block
   * before, "output" is what that block prints, "any" is just shown.
   */
  readonly use: "any" | "demo" | "box" | "norun" | "answers" | "output";
  /** Why it is not run; how long to wait before it. */
  readonly remark: string;
}

const USES: ReadonlySet<string> = new Set(["demo", "box", "norun", "answers", "output"]);

/**
 * Reads what stands behind the fence of a block.
 *
 * @throws {SyntaxError} If it says something unknown, or leaves out why a block is not run.
 */
export function readCodeKind(info: string): CodeKind {
  const [language = "", ...rest] = info.trim().split(/\s+/);
  const [use = "any"] = rest.map((word) => word.replace(/:$/, ""));
  const remark = rest.slice(1).join(" ");
  if (use !== "any" && !USES.has(use)) throw new SyntaxError(`Unknown use of a block: "${info}"`);
  if (use === "norun" && remark === "") {
    throw new SyntaxError(`A block that is not run needs a reason: "${info}"`);
  }
  return { language, use: use as CodeKind["use"], remark };
}

/** The address of a heading within its page, as code hosts make it. */
export function slugOf(heading: string): string {
  const plain = heading.toLowerCase().replaceAll(/[`*]/g, "").replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
  return plain.trim().replaceAll(/\s/g, "-");
}
