/**
 * Draws diagrams of boxes and arrows.
 *
 * In:   a diagram as data (diagrams.ts): boxes on a grid, arrows between them.
 * Out:  an SVG.
 *
 * Pure.
 *
 * @module
 */

export interface DiagramBox {
  readonly id: string;
  /** Lines of text; the first one is bold. */
  readonly text: readonly string[];
  /** Column and row of the grid, from 0; halves are allowed. */
  readonly at: readonly [column: number, row: number];
  /** Size in columns and rows. Default 1 x 1. */
  readonly size?: readonly [columns: number, rows: number];
  readonly look?: "plain" | "strong" | "store" | "person" | "group";
}

export interface DiagramArrow {
  readonly from: string;
  readonly to: string;
  readonly text?: string;
  /** What is only read, or asked. */
  readonly isDashed?: boolean;
}

export interface Diagram {
  readonly name: string;
  /** Width of a column and height of a row, in pixels. */
  readonly cell: readonly [width: number, height: number];
  readonly boxes: readonly DiagramBox[];
  readonly arrows: readonly DiagramArrow[];
}

const GAP = 46;
const MARGIN = 14;
const LINE_HEIGHT = 19;
const FONT = "Liberation Sans, Arial, Helvetica, sans-serif";

const LOOKS = {
  plain: { fill: "#ffffff", stroke: "#1c6e8c", text: "#1f2933", radius: 8 },
  strong: { fill: "#0b3c5d", stroke: "#0b3c5d", text: "#ffffff", radius: 8 },
  store: { fill: "#e4edf2", stroke: "#616e7c", text: "#1f2933", radius: 2 },
  person: { fill: "#fdf3e1", stroke: "#b7791f", text: "#1f2933", radius: 22 },
  group: { fill: "#f7f9fa", stroke: "#cbd2d9", text: "#616e7c", radius: 10 },
} as const;

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function drawDiagram(diagram: Diagram): string {
  const rects = new Map(diagram.boxes.map((box) => [box.id, rectOf(box, diagram.cell)]));
  const all = [...rects.values()];
  const width = Math.max(...all.map((rect) => rect.x + rect.width)) + MARGIN;
  const height = Math.max(...all.map((rect) => rect.y + rect.height)) + MARGIN;
  const isGroup = ({ look }: DiagramBox) => look === "group";
  const drawn = (boxes: readonly DiagramBox[]) =>
    boxes.map((box) => drawBox(box, rects.get(box.id)!));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="14">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" ` +
    `markerHeight="8" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#1c6e8c"/>` +
    `</marker></defs>`,
    ...drawn(diagram.boxes.filter(isGroup)),
    ...diagram.arrows.map((arrow) => drawArrow(arrow, rects)),
    ...drawn(diagram.boxes.filter((box) => !isGroup(box))),
    ...diagram.arrows.map((arrow) => drawLabel(arrow, rects)),
    "</svg>",
    "",
  ].join("\n");
}

function rectOf({ at, size = [1, 1] }: DiagramBox, [width, height]: Diagram["cell"]): Rect {
  return {
    x: MARGIN + at[0] * (width + GAP),
    y: MARGIN + at[1] * (height + GAP),
    width: size[0] * width + (size[0] - 1) * GAP,
    height: size[1] * height + (size[1] - 1) * GAP,
  };
}

function drawBox({ text, look = "plain" }: DiagramBox, rect: Rect): string {
  const { fill, stroke, text: colour, radius } = LOOKS[look];
  const middle = rect.x + rect.width / 2;
  const first = look === "group"
    ? rect.y + 20
    : rect.y + rect.height / 2 - (text.length - 1) * LINE_HEIGHT / 2 + 5;
  const lines = text.map((line, index) =>
    `<text x="${middle}" y="${first + index * LINE_HEIGHT}" text-anchor="middle" fill="${colour}"` +
    `${index === 0 ? ' font-weight="bold"' : ' font-size="12.5"'}>${escaped(line)}</text>`
  );
  return `<rect x="${rect.x}" y="${rect.y}" width="${rect.width}" height="${rect.height}" ` +
    `rx="${radius}" fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>${lines.join("")}`;
}

/** From edge to edge, straight. */
function endsOf({ from, to }: DiagramArrow, rects: ReadonlyMap<string, Rect>) {
  const [a, b] = [rects.get(from)!, rects.get(to)!];
  const overlap = (aFrom: number, aTo: number, bFrom: number, bTo: number) => {
    const [low, high] = [Math.max(aFrom, bFrom), Math.min(aTo, bTo)];
    return low < high ? (low + high) / 2 : undefined;
  };
  const x = overlap(a.x, a.x + a.width, b.x, b.x + b.width);
  const y = overlap(a.y, a.y + a.height, b.y, b.y + b.height);
  const [aX, bX] = a.x < b.x ? [a.x + a.width, b.x] : [a.x, b.x + b.width];
  const [aY, bY] = a.y < b.y ? [a.y + a.height, b.y] : [a.y, b.y + b.height];
  if (y !== undefined) return { x1: aX, y1: y, x2: bX, y2: y };
  if (x !== undefined) return { x1: x, y1: aY, x2: x, y2: bY };
  return { x1: aX, y1: a.y + a.height / 2, x2: bX, y2: b.y + b.height / 2 };
}

function drawArrow(arrow: DiagramArrow, rects: ReadonlyMap<string, Rect>): string {
  const { x1, y1, x2, y2 } = endsOf(arrow, rects);
  const dash = arrow.isDashed ? ' stroke-dasharray="5 4"' : "";
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#1c6e8c" ` +
    `stroke-width="1.8" marker-end="url(#tip)"${dash}/>`;
}

function drawLabel(arrow: DiagramArrow, rects: ReadonlyMap<string, Rect>): string {
  if (arrow.text === undefined) return "";
  const { x1, y1, x2, y2 } = endsOf(arrow, rects);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const isFlat = Math.abs(x2 - x1) > Math.abs(y2 - y1);
  const at = isFlat
    ? `x="${x}" y="${y - 7}" text-anchor="middle"`
    : `x="${x + 8}" y="${y + 4}" text-anchor="start"`;
  return `<text ${at} font-size="11.5" fill="#616e7c">${escaped(arrow.text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
