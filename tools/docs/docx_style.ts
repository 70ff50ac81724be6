/**
 * How the document looks: fonts, sizes, colours, margins, numbers of headings.
 *
 * Fonts are those that every office program has, or has a twin of the same width for.
 *
 * @module
 */

import {
  AlignmentType,
  type INumberingOptions,
  type IStylesOptions,
  LevelFormat,
  LevelSuffix,
  LineRuleType,
} from "docx";

export const COLOURS = {
  text: "1F2933",
  heading: "0B3C5D",
  accent: "1C6E8C",
  quiet: "616E7C",
  line: "CBD2D9",
  codeBack: "F3F5F7",
  headBack: "E4EDF2",
} as const;

export const FONT = "Arial";
export const CODE_FONT = "Courier New";

/** In twentieths of a point: A4 and its margins. */
export const PAGE = {
  width: 11_906,
  height: 16_838,
  side: 1_247,
  top: 1_417,
  bottom: 1_247,
} as const;

/** Width of the text, in the same. */
export const TEXT_WIDTH = PAGE.width - 2 * PAGE.side;

/** In half points. */
export const SIZE = { text: 20, code: 16, table: 17, small: 16 } as const;

/** Names of what docx_blocks.ts refers to. */
export const HEADINGS = "headings";
export const BULLETS = "bullets";
export const NUMBERS = "numbers";

/** Height of a line, in 240ths of its own: pictures in it make it higher. */
export function linesOf(
  line: number,
): { readonly line: number; readonly lineRule: typeof LineRuleType.AUTO } {
  return { line, lineRule: LineRuleType.AUTO };
}

export const STYLES: IStylesOptions = {
  default: {
    document: {
      run: { font: FONT, size: SIZE.text, color: COLOURS.text },
      paragraph: { spacing: { after: 130, ...linesOf(288) } },
    },
    title: {
      run: { font: FONT, size: 72, bold: true, color: COLOURS.heading },
      paragraph: { spacing: { after: 120 } },
    },
    heading1: heading(36, { before: 0, after: 220 }),
    heading2: heading(26, { before: 320, after: 110 }),
    heading3: heading(22, { before: 240, after: 90 }),
  },
  paragraphStyles: [
    {
      id: "Code",
      name: "Code",
      basedOn: "Normal",
      run: { font: CODE_FONT, size: SIZE.code },
      paragraph: { spacing: { before: 0, after: 0, ...linesOf(252) } },
    },
    {
      id: "Caption",
      name: "Caption",
      basedOn: "Normal",
      run: { size: SIZE.small, italics: true, color: COLOURS.quiet },
      paragraph: { alignment: AlignmentType.CENTER, spacing: { before: 60, after: 220 } },
    },
    contents("TOC1", { before: 80, left: 0, bold: true }),
    contents("TOC2", { before: 0, left: 340, bold: false }),
  ],
};

function heading(size: number, spacing: { readonly before: number; readonly after: number }) {
  return {
    run: { font: FONT, size, bold: true, color: COLOURS.heading },
    paragraph: { spacing: { ...spacing, ...linesOf(264) }, keepNext: true },
  };
}

function contents(
  id: string,
  look: { readonly before: number; readonly left: number; readonly bold: boolean },
) {
  return {
    id,
    name: id.replace("TOC", "toc "),
    basedOn: "Normal",
    run: { bold: look.bold, size: look.bold ? SIZE.text - 1 : SIZE.text - 2 },
    paragraph: {
      spacing: { before: look.before, after: 0, ...linesOf(245) },
      indent: { left: look.left },
    },
  };
}

export const NUMBERING: INumberingOptions = {
  config: [
    {
      reference: HEADINGS,
      levels: [
        level(0, { text: "%1", format: LevelFormat.DECIMAL, left: 0, hanging: 0 }),
        level(1, { text: "%1.%2", format: LevelFormat.DECIMAL, left: 0, hanging: 0 }),
      ],
    },
    {
      reference: BULLETS,
      levels: [0, 1].map((depth) =>
        level(depth, {
          text: depth === 0 ? "•" : "–",
          format: LevelFormat.BULLET,
          left: 360 * (depth + 1),
          hanging: 240,
        })
      ),
    },
    {
      reference: NUMBERS,
      levels: [level(0, { text: "%1.", format: LevelFormat.DECIMAL, left: 400, hanging: 400 })],
    },
  ],
};

function level(
  depth: number,
  look: {
    readonly text: string;
    readonly format: (typeof LevelFormat)[keyof typeof LevelFormat];
    readonly left: number;
    readonly hanging: number;
  },
) {
  const isHeading = look.hanging === 0;
  return {
    level: depth,
    format: look.format,
    text: isHeading ? `${look.text}\u2002` : look.text,
    alignment: AlignmentType.LEFT,
    ...(isHeading ? { suffix: LevelSuffix.NOTHING } : {}),
    style: { paragraph: { indent: { left: look.left, hanging: look.hanging } } },
  };
}
