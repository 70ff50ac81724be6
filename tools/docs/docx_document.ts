/**
 * The guide as one document for an office program: title page, contents, chapters with
 * numbers, the version in head and foot.
 *
 * In:   the guide's pages and pictures.
 * Out:  the bytes of a .docx: the same ones for the same guide.
 *
 * @module
 */

import {
  AlignmentType,
  BorderStyle,
  Document,
  type FileChild,
  Footer,
  Header,
  ImageRun,
  Packer,
  PageNumber,
  Paragraph,
  TableOfContents,
  TabStopType,
  TextRun,
} from "docx";
import { estimatePageNumbers } from "docx/layout";
import { lexer } from "marked";
import { posix } from "node:path";
import { blocksOf, type PageContext } from "./docx_blocks.ts";
import { COLOURS, FONT, linesOf, NUMBERING, PAGE, SIZE, STYLES, TEXT_WIDTH } from "./docx_style.ts";
import { type GuidePage, slugOf } from "./guide.ts";
import { type Picture, pixelSize } from "./picture_size.ts";

/** What the document is made of. */
export interface GuideSource {
  readonly pages: readonly GuidePage[];
  /** By their address in the pages: "pictures/page-cameras.png". */
  readonly pictures: ReadonlyMap<string, Picture>;
  readonly version: string;
}

const TITLE = "Lookback";
const SUBTITLE = "The guide: install it, use it, look after it";

/** The picture of the title page. */
const TITLE_PICTURE = "pictures/page-camera.jpg";

/** Office programs show when a document was made; ours is as old as its sources. */
const MADE = new Date(0);

/** `hasPageNumbers`: whether the contents have them, for which all pages are laid out. */
export async function makeDocx(
  source: GuideSource,
  { hasPageNumbers = true }: { readonly hasPageNumbers?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const document = new Document({
    creator: TITLE,
    lastModifiedBy: TITLE,
    title: `${TITLE} guide ${source.version}`,
    description: SUBTITLE,
    styles: STYLES,
    numbering: NUMBERING,
    ...(hasPageNumbers ? { pageNumbers: estimatePageNumbers } : {}),
    sections: [
      { properties: pageProperties(), children: titlePage(source) },
      {
        properties: pageProperties(),
        headers: { default: head(source.version) },
        footers: { default: foot(source.version) },
        children: [...contents(), ...chapters(source)],
      },
    ],
  });
  return await withoutTimes(new Uint8Array(await Packer.toArrayBuffer(document)));
}

function pageProperties() {
  const { width, height, side, top, bottom } = PAGE;
  return {
    page: {
      size: { width, height },
      margin: { top, bottom, left: side, right: side, header: 600, footer: 560 },
    },
  };
}

function titlePage({ version, pictures }: GuideSource): FileChild[] {
  const picture = pictures.get(TITLE_PICTURE);
  return [
    new Paragraph({ spacing: { before: 900 }, children: [] }),
    new Paragraph({
      spacing: { after: 120, ...linesOf(240) },
      children: [new TextRun({ text: TITLE, size: 84, bold: true, color: COLOURS.heading })],
    }),
    new Paragraph({
      spacing: { after: 160 },
      children: [
        new TextRun({ text: "A flight recorder for cameras", size: 34, color: COLOURS.accent }),
      ],
    }),
    new Paragraph({
      spacing: { after: 500 },
      border: { bottom: { style: BorderStyle.SINGLE, size: 12, space: 14, color: COLOURS.accent } },
      children: [new TextRun({ text: SUBTITLE, size: 24, color: COLOURS.quiet })],
    }),
    ...(picture === undefined ? [] : [titlePicture(picture)]),
    new Paragraph({
      spacing: { before: 500, after: 40 },
      children: [new TextRun({ text: `Version ${version}`, size: 22, bold: true })],
    }),
    new Paragraph({
      children: [
        new TextRun({
          text: "Made from the sources of the program, and checked against them.",
          size: SIZE.text,
          color: COLOURS.quiet,
        }),
      ],
    }),
  ];
}

function titlePicture({ bytes, type }: Picture): Paragraph {
  const { width, height } = pixelSize(bytes);
  const wide = Math.round(TEXT_WIDTH / 15);
  return new Paragraph({
    alignment: AlignmentType.CENTER,
    children: [
      new ImageRun({
        type,
        data: bytes,
        transformation: { width: wide, height: Math.round(wide * height / width) },
      }),
    ],
  });
}

function contents(): FileChild[] {
  return [
    new Paragraph({
      spacing: { after: 260 },
      children: [
        new TextRun({ text: "Contents", size: 36, bold: true, color: COLOURS.heading, font: FONT }),
      ],
    }),
    new TableOfContents("Contents", { hyperlink: true, headingStyleRange: "1-2" }),
  ];
}

function chapters({ pages, pictures }: GuideSource): FileChild[] {
  const bookmarks = allBookmarks(pages);
  const counts = { figure: 0, list: 0 };
  return pages.flatMap(({ file, markdown }) => {
    const page: PageContext = {
      headingBookmark: (heading) => bookmarks.get(`${file}#${slugOf(heading)}`)!,
      bookmarkOf: (target) => bookmarks.get(placeOf(target, file)),
      picture: (address) => pictures.get(address)!,
      nextFigure: () => counts.figure += 1,
      nextList: () => counts.list += 1,
    };
    return blocksOf(lexer(markdown), page);
  });
}

/** A name for every heading, by file and anchor, and by the file alone for its first one. */
function allBookmarks(pages: readonly GuidePage[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { file, markdown } of pages) {
    const headings = lexer(markdown).filter(({ type }) => type === "heading");
    for (const heading of headings) {
      const name = `place${names.size}`;
      const text = (heading as { readonly text: string }).text;
      if (!names.has(file)) names.set(file, name);
      names.set(`${file}#${slugOf(text)}`, name);
    }
  }
  return names;
}

/** A link's target as the keys of the bookmarks have it. Errors and words lie in the guide too. */
function placeOf(target: string, file: string): string {
  const [path = "", anchor] = target.split("#", 2);
  const own = path === "" ? file : posix.normalize(path);
  const at = INSIDE[own] ?? own;
  return anchor === undefined ? at : `${at}#${anchor}`;
}

const INSIDE: Readonly<Record<string, string>> = {
  "../troubleshooting.md": "09-trouble.md",
  "../glossary.md": "17-glossary.md",
};

function head(version: string): Header {
  return new Header({
    children: [
      new Paragraph({
        tabStops: [{ type: TabStopType.RIGHT, position: TEXT_WIDTH }],
        border: { bottom: { style: BorderStyle.SINGLE, size: 4, space: 4, color: COLOURS.line } },
        children: [
          quiet(`${TITLE}: the guide`),
          quiet(`\tVersion ${version}`),
        ],
      }),
    ],
  });
}

function foot(version: string): Footer {
  return new Footer({
    children: [
      new Paragraph({
        tabStops: [{ type: TabStopType.RIGHT, position: TEXT_WIDTH }],
        children: [
          quiet(`${TITLE} ${version}`),
          new TextRun({
            children: ["\tPage ", PageNumber.CURRENT, " of ", PageNumber.TOTAL_PAGES],
            size: SIZE.small,
            color: COLOURS.quiet,
          }),
        ],
      }),
    ],
  });
}

function quiet(text: string): TextRun {
  return new TextRun({ text, size: SIZE.small, color: COLOURS.quiet });
}

/**
 * Takes the times out of the archive that a .docx is, so that the same guide gives the
 * same bytes.
 */
async function withoutTimes(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { unzipSync, zipSync } = await import("fflate");
  const files = unzipSync(bytes);
  const core = new TextDecoder().decode(files["docProps/core.xml"]);
  files["docProps/core.xml"] = new TextEncoder().encode(
    core.replaceAll(/(<dcterms:\w+[^>]*>)[^<]*/g, `$1${MADE.toISOString()}`),
  );
  return new Uint8Array(zipSync(files, { mtime: "1980-01-01T00:00:00", level: 9 }));
}
