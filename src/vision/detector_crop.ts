/**
 * Cuts a piece out of a picture and makes it what a model takes: bytes of red,
 * green and blue at the model's size. About 1 ms for 300 x 300 pixels, in the
 * thread that has the picture, so that only the piece crosses to the detector.
 *
 * In:   a picture in yuv420p, as ffmpeg gives it (BT.601, 16 to 235), and a piece.
 * Out:  rgb24, and which part of the picture it covers.
 *
 * @module
 */

import type { Box } from "../model/vision.ts";
import type { Fit } from "./model_description.ts";

/** A picture in memory. */
export interface YuvPicture {
  /** In pixels, both even. */
  readonly width: number;
  readonly height: number;
  /** All brightness, then the two colours at half the size. */
  readonly yuv: Uint8Array;
}

export interface CropTarget {
  readonly width: number;
  readonly height: number;
  readonly fit: Fit;
}

/** A piece of a picture at the model's size. */
export interface Crop {
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** What it covers, in fractions of the picture; with bars it reaches beyond what was asked for. */
  readonly area: Box;
}

/** Colour of bars: what models with bars were trained with. */
const BAR = 114;

/** Brightness and colours of BT.601 in fixed point with 16 bits behind the point. */
const LUMA = Int32Array.from({ length: 256 }, (_, y) => Math.round((y - 16) * 1.164383 * 65_536));
const V_TO_RED = colourTable(1.596027);
const U_TO_GREEN = colourTable(-0.391762);
const V_TO_GREEN = colourTable(-0.812968);
const U_TO_BLUE = colourTable(2.017232);

function colourTable(factor: number): Int32Array {
  return Int32Array.from(
    { length: 256 },
    (_, value) => Math.round((value - 128) * factor * 65_536),
  );
}

/** Cuts a piece out, brings it to the size and turns its colours into red, green and blue. */
export function cropToRgb(picture: YuvPicture, piece: Box, target: CropTarget): Crop {
  const { width, height, fit } = target;
  const rgb = new Uint8ClampedArray(width * height * 3);
  const place = fit === "stretch"
    ? { x: 0, y: 0, width, height }
    : placeInside(picture, piece, target);
  if (fit === "letterbox") rgb.fill(BAR);
  fill(rgb, width, { place, picture, piece });
  const area = {
    x: piece.x - piece.width * place.x / place.width,
    y: piece.y - piece.height * place.y / place.height,
    width: piece.width * width / place.width,
    height: piece.height * height / place.height,
  };
  return { rgb: new Uint8Array(rgb.buffer), area };
}

/** Where the piece goes when its shape is kept: as large as it fits, in the middle. In whole pixels. */
function placeInside(picture: YuvPicture, piece: Box, { width, height }: CropTarget): Box {
  const pieceWidth = piece.width * picture.width;
  const pieceHeight = piece.height * picture.height;
  const scale = Math.min(width / pieceWidth, height / pieceHeight);
  const placed = {
    width: Math.max(1, Math.min(width, Math.round(pieceWidth * scale))),
    height: Math.max(1, Math.min(height, Math.round(pieceHeight * scale))),
  };
  return {
    ...placed,
    x: (width - placed.width) >> 1,
    y: (height - placed.height) >> 1,
  };
}

/** Positions of the picture's pixels for a row or column: two neighbours, and how much the second counts. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Of 256. */
  readonly weight: Int32Array;
}

function tapsFor(count: number, from: number, length: number, limit: number): Taps {
  const taps = {
    first: new Int32Array(count),
    second: new Int32Array(count),
    weight: new Int32Array(count),
  };
  for (let index = 0; index < count; index++) {
    const at = Math.max(0, Math.min(limit - 1, from + (index + 0.5) * length / count - 0.5));
    const first = Math.floor(at);
    taps.first[index] = first;
    taps.second[index] = Math.min(limit - 1, first + 1);
    taps.weight[index] = Math.round((at - first) * 256);
  }
  return taps;
}

/** Brightness between its four neighbours; colours, of which there are fewer, of the nearest. */
function fill(
  rgb: Uint8ClampedArray,
  stride: number,
  { place, picture, piece }: {
    readonly place: Box;
    readonly picture: YuvPicture;
    readonly piece: Box;
  },
): void {
  const { width, height, yuv } = picture;
  const columns = tapsFor(place.width, piece.x * width, piece.width * width, width);
  const rows = tapsFor(place.height, piece.y * height, piece.height * height, height);
  const colourWidth = width >> 1;
  const uStart = width * height;
  const vStart = uStart + colourWidth * (height >> 1);
  for (let row = 0; row < place.height; row++) {
    const upper = rows.first[row]! * width;
    const lower = rows.second[row]! * width;
    const down = rows.weight[row]!;
    const colourRow = (rows.first[row]! >> 1) * colourWidth;
    let at = ((place.y + row) * stride + place.x) * 3;
    for (let column = 0; column < place.width; column++) {
      const left = columns.first[column]!;
      const right = columns.second[column]!;
      const across = columns.weight[column]!;
      const above = yuv[upper + left]! * (256 - across) + yuv[upper + right]! * across;
      const below = yuv[lower + left]! * (256 - across) + yuv[lower + right]! * across;
      const luma = LUMA[(above * (256 - down) + below * down + 32_768) >> 16]!;
      const u = yuv[uStart + colourRow + (left >> 1)]!;
      const v = yuv[vStart + colourRow + (left >> 1)]!;
      rgb[at] = (luma + V_TO_RED[v]! + 32_768) >> 16;
      rgb[at + 1] = (luma + U_TO_GREEN[u]! + V_TO_GREEN[v]! + 32_768) >> 16;
      rgb[at + 2] = (luma + U_TO_BLUE[u]! + 32_768) >> 16;
      at += 3;
    }
  }
}
