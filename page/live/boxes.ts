/**
 * Draws boxes around what is seen, over the picture that an element shows.
 *
 * @module
 */

import type { Box } from "../api/types.ts";
import { classColour } from "../base/class_colour.ts";

/** One box to draw. `name` null: it moves, and nobody knows what it is. */
export interface DrawnBox {
  readonly box: Box;
  readonly name: string | null;
  readonly score: number | null;
}

/** Where the picture lies in an element that shows it whole ("object-fit: contain"). */
export interface PictureArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pure: also for pictures that are higher than wide. */
export function pictureArea(
  element: { readonly width: number; readonly height: number },
  picture: { readonly width: number; readonly height: number },
): PictureArea {
  const scale = Math.min(element.width / picture.width, element.height / picture.height);
  if (!Number.isFinite(scale)) return { left: 0, top: 0, ...element };
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (element.width - width) / 2, top: (element.height - height) / 2, width, height };
}

/** Clears the canvas and draws; its size follows its place on the page. */
export function drawBoxes(
  canvas: HTMLCanvasElement,
  boxes: readonly DrawnBox[],
  picture: { readonly width: number; readonly height: number },
): void {
  const context = canvas.getContext("2d")!;
  const [width, height] = fitted(canvas);
  context.clearRect(0, 0, width, height);
  if (boxes.length === 0) return;
  const area = pictureArea({ width, height }, picture);
  const unit = devicePixelRatio;
  context.font = `600 ${12 * unit}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const drawn of boxes) drawBox(context, drawn, { area, unit });
}

function fitted(canvas: HTMLCanvasElement): [width: number, height: number] {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return [width, height];
}

function drawBox(
  context: CanvasRenderingContext2D,
  { box, name, score }: DrawnBox,
  { area, unit }: { readonly area: PictureArea; readonly unit: number },
): void {
  const left = area.left + box.x * area.width;
  const top = area.top + box.y * area.height;
  // What moves is not known for a class: white shows in the darkest scene.
  const colour = name === null ? "#fff" : classColour(name);
  const thickness = (name === null ? 1.5 : 2) * unit;
  context.setLineDash(name === null ? [5 * unit, 4 * unit] : []);
  // Dark below and coloured above: it shows on every picture.
  for (const [style, width] of [["#000a", thickness + 2 * unit], [colour, thickness]] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.strokeRect(left, top, box.width * area.width, box.height * area.height);
  }
  if (name === null) return;
  const text = score === null ? name : `${name} ${Math.round(score * 100)}`;
  const height = 16 * unit;
  const width = context.measureText(text).width + 8 * unit;
  // Inside, where there is no room above.
  const labelTop = top - height < area.top ? top : top - height;
  context.fillStyle = colour;
  context.fillRect(left - unit, labelTop, width, height);
  context.fillStyle = "#fff";
  context.fillText(text, left + 3 * unit, labelTop + height / 2 + unit / 2);
}
