/**
 * Tables that fit the page: columns as wide as their words ask for, the head on every
 * page, no row torn apart.
 *
 * @module
 */

import {
  BorderStyle,
  type ITableCellBorders,
  Paragraph,
  type ParagraphChild,
  ShadingType,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  WidthType,
} from "docx";
import type { Tokens } from "marked";
import { COLOURS, linesOf, SIZE, TEXT_WIDTH } from "./docx_style.ts";
import { inlineRuns, type LinkPlaces, plain } from "./docx_inline.ts";

/** Width of a letter of a table, and room at a cell's sides, in twentieths of a point. */
const LETTER = 92;
const CODE_LETTER = 98;
const CELL_SIDE = 90;

/**
 * Letters that a column asks for at most: a longer text takes more lines anyway, and would
 * take its neighbours' room.
 */
const MOST_ASKED = 70;

/** Rows with more letters may be torn apart: they would leave half a page empty. */
const MOST_WHOLE = 900;

const LINE = { style: BorderStyle.SINGLE, size: 4, color: COLOURS.line } as const;
const NONE = { style: BorderStyle.NONE, size: 0, color: "auto" } as const;
const BORDERS: ITableCellBorders = { top: LINE, bottom: LINE, left: NONE, right: NONE };

/** Tables of so many rows are on one page: the rest of a longer one may go on to the next. */
const MOST_TOGETHER = 8;

/** How a table stands among other things. */
export interface TablePlace {
  /** Of what the table stands in, such as a list. */
  readonly indent: number;
  /** Whether its end belongs to what follows, and on the same page. */
  readonly keepNext: boolean;
}

export function tableOf(
  token: Tokens.Table,
  places: LinkPlaces,
  { indent, keepNext }: TablePlace,
): Table {
  const cells = [token.header, ...token.rows];
  const columnWidths = fitColumns(
    token.header.map((_, column) => cells.map((row) => plain(row[column]?.text ?? ""))),
    TEXT_WIDTH - indent,
  );
  // The paragraphs of a row hold it to the next one. The head never stands alone.
  const holds = (index: number) =>
    index === token.rows.length ? keepNext : index === 0 || token.rows.length <= MOST_TOGETHER;
  const row = (texts: readonly Tokens.TableCell[], index: number) => {
    const isHead = index === 0;
    return new TableRow({
      tableHeader: isHead,
      cantSplit: texts.every(({ text }) => text.length < MOST_WHOLE),
      children: texts.map((cell, column) =>
        cellOf(
          inlineRuns(cell.tokens, places, { size: SIZE.table, ...(isHead ? { bold: true } : {}) }),
          { width: columnWidths[column]!, isHead, keepNext: holds(index) },
        )
      ),
    });
  };
  return new Table({
    rows: cells.map(row),
    layout: TableLayoutType.FIXED,
    columnWidths,
    width: { size: TEXT_WIDTH - indent, type: WidthType.DXA },
    ...(indent === 0 ? {} : { indent: { size: indent, type: WidthType.DXA } }),
  });
}

function cellOf(
  children: ParagraphChild[],
  { width, isHead, keepNext }: {
    readonly width: number;
    readonly isHead: boolean;
    readonly keepNext: boolean;
  },
): TableCell {
  return new TableCell({
    width: { size: width, type: WidthType.DXA },
    borders: BORDERS,
    margins: { top: 50, bottom: 50, left: CELL_SIDE, right: CELL_SIDE },
    ...(isHead
      ? { shading: { type: ShadingType.CLEAR, fill: COLOURS.headBack, color: "auto" } }
      : {}),
    children: [
      new Paragraph({ children, keepNext, spacing: { before: 0, after: 0, ...linesOf(252) } }),
    ],
  });
}

/**
 * Shares the width among columns: each gets at least its longest word, then all by how
 * much is in them.
 *
 * @param columns The texts of each column.
 * @returns Widths that add up to the width.
 */
export function fitColumns(
  columns: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const least = columns.map((texts) => Math.max(...texts.map(longestWord)) + 2 * CELL_SIDE + 40);
  const wanted = columns.map((texts, index) =>
    Math.max(least[index]!, lettersOf(texts) * LETTER + 2 * CELL_SIDE)
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  if (sum(wanted) <= width) return spread(wanted, width);
  const capped = least.map((one) => Math.min(one, Math.floor(width / columns.length * 1.5)));
  const room = Math.max(0, width - sum(capped));
  const more = wanted.map((one, index) => Math.sqrt(Math.max(0, one - capped[index]!)));
  return spread(
    capped.map((one, index) => one + Math.floor(room * more[index]! / Math.max(1, sum(more)))),
    width,
  );
}

/** Letters of the longest text, or as many as count. */
function lettersOf(texts: readonly string[]): number {
  return Math.min(MOST_ASKED, Math.max(...texts.map((text) => text.length)));
}

/** Scales widths to a sum. */
function spread(widths: readonly number[], width: number): readonly number[] {
  const total = widths.reduce((sum, one) => sum + one, 0);
  const scaled = widths.map((one) => Math.floor(one * width / total));
  const rest = width - scaled.reduce((sum, one) => sum + one, 0);
  return scaled.map((one, index) => index === scaled.length - 1 ? one + rest : one);
}

function longestWord(text: string): number {
  // Code stands in a wider font. Lines are broken behind a hyphen too.
  const words = text.replaceAll("`", "").split(/\s+|(?<=-)/);
  return Math.max(...words.map((word) => word.length)) * CODE_LETTER;
}
