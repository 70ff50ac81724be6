/**
 * Blocks of a page: headings, paragraphs, lists, code, pictures, tables.
 *
 * In:   tokens of a page of Markdown.
 * Out:  the blocks of the document.
 *
 * @module
 */

import {
  AlignmentType,
  Bookmark,
  BorderStyle,
  type FileChild,
  HeadingLevel,
  ImageRun,
  Paragraph,
  ShadingType,
  TextRun,
} from "docx";
import type { Token, Tokens } from "marked";
import { inlineRuns, type LinkPlaces, plain } from "./docx_inline.ts";
import { BULLETS, COLOURS, HEADINGS, linesOf, NUMBERS, TEXT_WIDTH } from "./docx_style.ts";
import { tableOf } from "./docx_table.ts";
import { readCodeKind } from "./guide.ts";
import { type Picture, pixelSize } from "./picture_size.ts";

/** What the blocks of a page need of the document. */
export interface PageContext extends LinkPlaces {
  /** The bookmark of a heading of this page. */
  headingBookmark(heading: string): string;
  /** A picture of the guide, by its address in the page. */
  picture(address: string): Picture;
  /** The number of the next picture. */
  nextFigure(): number;
  /** The instance of the next list with numbers: each begins at 1. */
  nextList(): number;
}

/** Pictures are at most so large, in pixels of 1/96 inch. */
const MOST_WIDE = TEXT_WIDTH / 15;
const MOST_HIGH = 430;

export function blocksOf(
  tokens: readonly Token[],
  page: PageContext,
  indent = 0,
): FileChild[] {
  const blocks = tokens.filter(({ type }) => type !== "space" && type !== "html");
  return blocks.flatMap((token, index) => {
    const next = blocks[index + 1];
    return blockOf(token, page, { indent, keepNext: next !== undefined && belongs(token, next) });
  });
}

interface Place {
  readonly indent: number;
  /** Whether it belongs to what follows, and on the same page. */
  readonly keepNext: boolean;
}

/**
 * Whether a block belongs to the next one: words to what they speak of, a table to its
 * example, a command to what it prints. Longer chains would leave half a page empty.
 */
function belongs(token: Token, next: Token): boolean {
  if (token.type !== "code") return isShown(next);
  const isCommand = (token as Tokens.Code).lang?.startsWith("sh") === true;
  return isCommand && next.type === "code" && (next as Tokens.Code).lang === "text output";
}

/** Whether the words before it speak of it. */
function isShown(token: Token): boolean {
  const isPicture = token.type === "paragraph" && token.tokens?.[0]?.type === "image";
  return token.type === "table" || token.type === "code" || isPicture;
}

function blockOf(token: Token, page: PageContext, { indent, keepNext }: Place): FileChild[] {
  switch (token.type) {
    case "heading":
      return [headingOf(token as Tokens.Heading, page)];
    case "paragraph":
    case "text":
      return paragraphOf(token as Tokens.Paragraph, page, { indent, keepNext });
    case "list":
      return listOf(token as Tokens.List, page, indent);
    case "code":
      return codeOf(token as Tokens.Code, { indent, keepNext });
    case "table":
      return [
        tableOf(token as Tokens.Table, page, { indent, keepNext }),
        new Paragraph({ keepNext, spacing: { after: 60 }, children: [] }),
      ];
    default:
      throw new SyntaxError(`Cannot put "${token.type}" into the document: ${token.raw}`);
  }
}

function headingOf(token: Tokens.Heading, page: PageContext): Paragraph {
  const level = [HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3];
  const id = page.headingBookmark(token.text);
  // A heading has one look: code in it is not set apart.
  const text = plain(token.text).replaceAll("`", "");
  return new Paragraph({
    heading: level[token.depth - 1] ?? HeadingLevel.HEADING_3,
    ...(token.depth === 1 ? { pageBreakBefore: true } : {}),
    ...(token.depth <= 2 ? { numbering: { reference: HEADINGS, level: token.depth - 1 } } : {}),
    children: [new Bookmark({ id, children: [new TextRun(text)] })],
  });
}

function paragraphOf(
  token: Tokens.Paragraph,
  page: PageContext,
  { indent, keepNext }: Place,
): FileChild[] {
  const [first] = token.tokens ?? [];
  if (first?.type === "image") return pictureOf(first as Tokens.Image, page);
  return [
    new Paragraph({ indent: { left: indent }, keepNext, children: inlineRuns(token.tokens, page) }),
  ];
}

function pictureOf(token: Tokens.Image, page: PageContext): FileChild[] {
  const { bytes, type } = page.picture(token.href);
  const { width, height } = pixelSize(bytes);
  const scale = Math.min(MOST_WIDE / width, MOST_HIGH / height, 1);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const image = new ImageRun({
    type,
    data: bytes,
    transformation: size,
    altText: { name: token.text, title: token.text, description: token.text },
  });
  return [
    new Paragraph({
      alignment: AlignmentType.CENTER,
      keepNext: true,
      spacing: { before: 160, after: 0 },
      children: [image],
    }),
    new Paragraph({
      style: "Caption",
      children: [new TextRun(`Figure ${page.nextFigure()}: ${plain(token.text)}`)],
    }),
  ];
}

function listOf(list: Tokens.List, page: PageContext, indent: number): FileChild[] {
  const depth = indent === 0 ? 0 : 1;
  const instance = list.ordered ? page.nextList() : 0;
  const numbering = list.ordered
    ? { reference: NUMBERS, level: 0, instance }
    : { reference: BULLETS, level: depth };
  return list.items.flatMap((item) => {
    const [first, ...rest] = item.tokens.filter(({ type }) => type !== "space");
    const head = new Paragraph({
      numbering,
      spacing: { after: 70 },
      children: inlineRuns(first !== undefined && "tokens" in first ? first.tokens : [], page),
    });
    return [head, ...blocksOf(rest, page, 400)];
  });
}

/** One paragraph for each line, which look like one box. */
function codeOf(token: Tokens.Code, { indent, keepNext }: Place): FileChild[] {
  const { use } = readCodeKind(token.lang ?? "");
  const lines = token.text.split("\n");
  const bar = use === "answers" ? COLOURS.quiet : COLOURS.accent;
  const isTyped = token.lang?.startsWith("sh") === true || use === "answers";
  const label = use === "answers" ? ["Type these answers, one a line:"] : [];
  return [
    ...label.map((text) => new Paragraph({ keepNext: true, children: [new TextRun(text)] })),
    ...lines.map((line, index) =>
      new Paragraph({
        style: "Code",
        keepNext: lines.length < 30 && (index < lines.length - 1 || keepNext),
        ...(index === 0 ? { spacing: { before: 40, after: 0 } } : {}),
        indent: { left: indent + 120, right: 60 },
        shading: { type: ShadingType.CLEAR, fill: COLOURS.codeBack, color: "auto" },
        border: {
          left: {
            style: BorderStyle.SINGLE,
            size: isTyped ? 18 : 6,
            space: 6,
            color: isTyped ? bar : COLOURS.line,
          },
        },
        children: [new TextRun({ text: shownLine(line, use), ...(isTyped ? { bold: true } : {}) })],
      })
    ),
    new Paragraph({ keepNext, spacing: { before: 0, after: 60, ...linesOf(200) }, children: [] }),
  ];
}

/** An answer that is empty is the Enter key alone. */
function shownLine(line: string, use: string): string {
  return use === "answers" && line === "" ? "(Enter)" : line;
}
