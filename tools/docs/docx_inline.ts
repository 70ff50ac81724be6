/**
 * Words within a line: emphasis, code, links.
 *
 * In:   tokens of a line of Markdown.
 * Out:  runs of the document. Links to pages of the guide become links inside of it; what
 *       lies outside of the guide is named with its path, because paper has no links.
 *
 * @module
 */

import { ExternalHyperlink, InternalHyperlink, type ParagraphChild, TextRun } from "docx";
import type { Token, Tokens } from "marked";
import { CODE_FONT, COLOURS } from "./docx_style.ts";

/** How the words around look. */
export interface Look {
  readonly bold?: boolean;
  readonly italics?: boolean;
  /** In half points. */
  readonly size?: number;
  readonly color?: string;
}

/** Where the links of a page lead. */
export interface LinkPlaces {
  /** The bookmark of a link's target; undefined where it lies outside of the document. */
  bookmarkOf(target: string): string | undefined;
}

export function inlineRuns(
  tokens: readonly Token[] | undefined,
  places: LinkPlaces,
  look: Look = {},
): ParagraphChild[] {
  return (tokens ?? []).flatMap((token) => runsOf(token, places, look));
}

function runsOf(token: Token, places: LinkPlaces, look: Look): ParagraphChild[] {
  switch (token.type) {
    case "strong":
      return inlineRuns(token.tokens, places, { ...look, bold: true });
    case "em":
      return inlineRuns(token.tokens, places, { ...look, italics: true });
    case "codespan":
      return [codeRun(plain(token.text), look)];
    case "br":
      return [new TextRun({ text: "", break: 1 })];
    case "link":
      return [linkOf(token as Tokens.Link, places, look)].flat();
    case "text":
    case "escape":
    case "html":
      if ("tokens" in token && token.tokens !== undefined) {
        return inlineRuns(token.tokens, places, look);
      }
      return [new TextRun({ text: plain(token.text), ...look })];
    default:
      throw new SyntaxError(`Cannot put "${token.type}" into a line: ${token.raw}`);
  }
}

function codeRun(text: string, look: Look): TextRun {
  const size = (look.size ?? 20) - 1;
  return new TextRun({ text, ...look, font: CODE_FONT, size });
}

function linkOf(
  link: Tokens.Link,
  places: LinkPlaces,
  look: Look,
): ParagraphChild | ParagraphChild[] {
  const linked = { ...look, color: COLOURS.accent };
  if (/^https?:/.test(link.href)) {
    return new ExternalHyperlink({
      link: link.href,
      children: inlineRuns(link.tokens, places, linked),
    });
  }
  const anchor = places.bookmarkOf(link.href);
  if (anchor !== undefined) {
    return new InternalHyperlink({ anchor, children: inlineRuns(link.tokens, places, linked) });
  }
  const path = link.href.replace(/#.*$/, "").replace(
    /^(?:\.\.\/)+/,
    (up) => up === "../" ? "docs/" : "",
  );
  const words = inlineRuns(link.tokens, places, look);
  return path === "" ? words : [
    ...words,
    new TextRun({ text: " (", ...look }),
    codeRun(path, look),
    new TextRun({ text: ")", ...look }),
  ];
}

/** Undoes what the reader of Markdown did for HTML. */
export function plain(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&").replaceAll("\n", " ");
}
