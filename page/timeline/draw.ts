/**
 * Draws one row of a timeline: footage, movement, gaps, events by class, marks and
 * the time on show.
 *
 * @module
 */

import { classColour } from "../base/class_colour.ts";
import type { Colours } from "./colours.ts";
import { type Facts, isFault, isInMaking } from "./facts.ts";
import { ticksOf } from "./ticks.ts";
import { type TimeView, xOf } from "./view.ts";

export interface RowPicture {
  readonly view: TimeView;
  readonly pieces: readonly Facts[];
  readonly nowMs: number;
  /** Where the picture on show stands. */
  readonly playheadMs: number | undefined;
  /** Under the pointer. */
  readonly hoverMs: number | undefined;
  readonly marks: { readonly inMs: number | undefined; readonly outMs: number | undefined };
  /** A stretch to point at: what another row shows. */
  readonly framed: TimeView | undefined;
  /** The large row has a scale and lanes; those of single days are thin. */
  readonly isLarge: boolean;
  readonly colours: Colours;
}

interface Area {
  readonly context: CanvasRenderingContext2D;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Pixels of CSS. */
const SCALE_PX = 18;
const EVENTS_PX = 14;

export function drawRow(canvas: HTMLCanvasElement, picture: RowPicture): void {
  const area = prepared(canvas);
  const { isLarge, colours } = picture;
  const top = isLarge ? SCALE_PX : 0;
  const eventsPx = isLarge ? EVENTS_PX : 4;
  const track = { top, height: area.heightPx - top - eventsPx };
  fill(area, colours.track, [0, top, area.widthPx, track.height]);
  drawFootage(area, picture, track);
  drawGaps(area, picture, track);
  drawEvents(area, picture, { top: top + track.height + 1, height: eventsPx - 2 });
  drawFuture(area, picture, top);
  if (isLarge) drawScale(area, picture);
  drawMarks(area, picture, top);
  if (picture.framed !== undefined) drawFrame(area, picture, picture.framed);
  drawLine(area, picture, picture.hoverMs, colours.quiet);
  drawLine(area, picture, picture.playheadMs, colours.accent);
}

function prepared(canvas: HTMLCanvasElement): Area {
  const context = canvas.getContext("2d")!;
  const [widthPx, heightPx] = [canvas.clientWidth, canvas.clientHeight];
  const [width, height] = [widthPx, heightPx].map((size) => Math.round(size * devicePixelRatio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width!;
    canvas.height = height!;
  }
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, widthPx, heightPx);
  return { context, widthPx, heightPx };
}

type Rectangle = readonly [left: number, top: number, width: number, height: number];

function fill({ context }: Area, colour: string, rectangle: Rectangle): void {
  context.fillStyle = colour;
  context.fillRect(...rectangle);
}

/** Left edge and width of a stretch within the row; at least a pixel, so that nothing hides. */
function placeOf(stretch: TimeView, { widthPx }: Area, view: TimeView): [number, number] {
  // Whole pixels: neighbours meet without a seam.
  const left = Math.max(0, Math.round(xOf(stretch.fromMs, view, widthPx)));
  const right = Math.min(widthPx, Math.round(xOf(stretch.toMs, view, widthPx)));
  return [left, right < 0 || left > widthPx ? 0 : Math.max(right - left, 1)];
}

interface Band {
  readonly top: number;
  readonly height: number;
}

function drawFootage(area: Area, { pieces, view, colours }: RowPicture, band: Band): void {
  for (const { spans } of pieces) {
    for (const span of spans) {
      const [left, width] = placeOf(span, area, view);
      fill(area, colours.footage, [left, band.top, width, band.height]);
    }
  }
  for (const piece of pieces) drawMotion(area, { piece, view, colours }, band);
}

function drawMotion(
  area: Area,
  { piece, view, colours }: { piece: Facts; view: TimeView; colours: Colours },
  band: Band,
): void {
  const bucketMs = (piece.toMs - piece.fromMs) / Math.max(piece.motion.length, 1);
  for (const [index, share] of piece.motion.entries()) {
    if (share <= 0) continue;
    const fromMs = piece.fromMs + index * bucketMs;
    if (fromMs > view.toMs || fromMs + bucketMs < view.fromMs) continue;
    const [left, width] = placeOf({ fromMs, toMs: fromMs + bucketMs }, area, view);
    // Little movement shows too: the root lifts it.
    const height = Math.max(2, Math.sqrt(Math.min(share, 1)) * (band.height - 2));
    fill(area, colours.motion, [left, band.top + band.height - height, width, height]);
  }
}

function drawGaps(area: Area, { pieces, view, colours }: RowPicture, band: Band): void {
  for (const { gaps } of pieces) {
    for (const gap of gaps) {
      const [left, width] = placeOf(gap, area, view);
      if (width === 0) continue;
      if (isFault(gap)) hatch(area, colours.gap, [left, band.top, width, band.height]);
      else if (isInMaking(gap)) {
        area.context.globalAlpha = 0.45;
        fill(area, colours.footage, [left, band.top, width, band.height]);
        area.context.globalAlpha = 1;
      }
    }
  }
}

function hatch(area: Area, colour: string, [left, top, width, height]: Rectangle): void {
  const { context } = area;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  // Hatched from the row's own corner, so that neighbours fit together.
  const first = Math.floor((left - height) / 7) * 7;
  for (let x = first; x < left + width; x += 7) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
  context.restore();
  fill(area, colour, [left, top, Math.min(width, 1), height]);
}

function drawEvents(area: Area, { pieces, view, nowMs }: RowPicture, band: Band): void {
  for (const { events } of pieces) {
    for (const event of events) {
      const stretch = { fromMs: event.fromMs, toMs: event.toMs ?? nowMs };
      const [left, width] = placeOf(stretch, area, view);
      if (width === 0) continue;
      // What is known counts more than that something moved.
      const isMotion = event.class === null;
      const [top, height] = isMotion
        ? [band.top + band.height * 0.7, band.height * 0.3]
        : [band.top, band.height * 0.62];
      fill(area, classColour(event.class), [left, top, Math.max(width, 2), Math.max(height, 2)]);
    }
  }
}

function drawFuture(area: Area, { view, nowMs, colours }: RowPicture, top: number): void {
  if (view.toMs <= nowMs) return;
  const left = Math.max(0, xOf(nowMs, view, area.widthPx));
  fill(area, colours.future, [left, top, area.widthPx - left, area.heightPx - top]);
}

function drawScale(area: Area, { view, colours }: RowPicture): void {
  const { context, widthPx, heightPx } = area;
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  for (const { atMs, text, isDay } of ticksOf(view, widthPx)) {
    const x = Math.round(xOf(atMs, view, widthPx)) + 0.5;
    fill(area, colours.line, [x, isDay ? 0 : SCALE_PX - 4, 1, isDay ? heightPx : 4]);
    context.fillStyle = isDay ? colours.text : colours.quiet;
    context.fillText(text, x + 3, 2);
  }
}

function drawMarks(area: Area, { marks, view, colours }: RowPicture, top: number): void {
  const { inMs, outMs } = marks;
  if (inMs !== undefined && outMs !== undefined) {
    const [left, width] = placeOf({ fromMs: inMs, toMs: outMs }, area, view);
    area.context.globalAlpha = 0.25;
    fill(area, colours.mark, [left, top, width, area.heightPx - top]);
    area.context.globalAlpha = 1;
  }
  drawEdge(area, { atMs: inMs, view, colour: colours.mark, side: 1 });
  drawEdge(area, { atMs: outMs, view, colour: colours.mark, side: -1 });
}

/** A bracket that opens towards what is marked. */
function drawEdge(
  area: Area,
  { atMs, view, colour, side }: {
    readonly atMs: number | undefined;
    readonly view: TimeView;
    readonly colour: string;
    readonly side: 1 | -1;
  },
): void {
  if (atMs === undefined) return;
  const x = Math.round(xOf(atMs, view, area.widthPx));
  fill(area, colour, [x - 1, 0, 2, area.heightPx]);
  fill(area, colour, [side === 1 ? x : x - 6, 0, 6, 3]);
  fill(area, colour, [side === 1 ? x : x - 6, area.heightPx - 3, 6, 3]);
}

function drawFrame(area: Area, { view, colours }: RowPicture, framed: TimeView): void {
  const [left, width] = placeOf(framed, area, view);
  if (width === 0) return;
  area.context.strokeStyle = colours.accent;
  area.context.lineWidth = 1.5;
  area.context.strokeRect(left + 0.75, 0.75, Math.max(width - 1.5, 2), area.heightPx - 1.5);
}

function drawLine(
  area: Area,
  { view }: RowPicture,
  atMs: number | undefined,
  colour: string,
): void {
  if (atMs === undefined || atMs < view.fromMs || atMs > view.toMs) return;
  fill(area, colour, [Math.round(xOf(atMs, view, area.widthPx)) - 1, 0, 2, area.heightPx]);
}
