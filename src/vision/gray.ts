/**
 * The gray picture in which movement is looked for: every n-th point of the luma
 * plane of a decoded picture, so it costs one pass and no scaling.
 *
 * Pure.
 *
 * @module
 */

/** Points that are looked at, at most: 320x180 of a wide picture, 320x240 of a 4:3 one, and no more. */
const MOST_POINTS = 80_000;

/** A decoded picture; of `yuv` only the luma plane at its start is read. */
export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  /** yuv420p without padding: `width` × `height` bytes of luma, then the two planes of colour. */
  readonly yuv: Uint8Array;
}

/** Which points of a picture are looked at. */
export interface GrayGrid {
  /** Size of the picture. */
  readonly pictureWidth: number;
  readonly pictureHeight: number;
  /** From one point to the next, in pixels of the picture. */
  readonly step: number;
  /** Points in a row, and rows. */
  readonly width: number;
  readonly height: number;
}

/**
 * The grid for pictures of a size: whole steps, equal in both directions, so that
 * any size and shape of picture will do.
 *
 * @throws {RangeError} If the size is not of whole numbers above 0.
 */
export function grayGrid(
  { width, height }: { readonly width: number; readonly height: number },
): GrayGrid {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`Cannot look at a picture of ${width} x ${height} points`);
  }
  const step = Math.ceil(Math.sqrt(width * height / MOST_POINTS));
  return {
    pictureWidth: width,
    pictureHeight: height,
    step,
    width: Math.ceil(width / step),
    height: Math.ceil(height / step),
  };
}

/**
 * Copies the grid's points into `out`, row by row.
 *
 * @throws {RangeError} If the picture has fewer bytes than its size promises.
 */
export function readGray(picture: LumaPicture, grid: GrayGrid, out: Uint8Array): void {
  const { yuv, width: stride, height: rows } = picture;
  if (yuv.length < stride * rows) {
    throw new RangeError(`Cannot look at ${yuv.length} bytes as ${stride} x ${rows} points`);
  }
  const { step, width, height } = grid;
  if (step === 1) out.set(yuv.subarray(0, width * height));
  else if (step === 2 && stride % 4 === 0 && yuv.byteOffset % 4 === 0) readSecond(yuv, grid, out);
  else readPoints(yuv, grid, out);
}

/**
 * {@linkcode readPoints} for every second point, by far the most usual: two of four bytes
 * at once, which takes half of the time. The lowest byte is the first one in memory on all
 * processors that Lookback runs on.
 */
function readSecond(yuv: Uint8Array, { width, height }: GrayGrid, out: Uint8Array): void {
  const fours = new Uint32Array(yuv.buffer, yuv.byteOffset, Math.floor(yuv.length / 4));
  const twos = new Uint16Array(out.buffer, out.byteOffset, out.length / 2);
  // A row of the grid is half of a row of the picture, and every second row is left out.
  const across = width / 2;
  for (let row = 0; row < height; row += 1) {
    const from = row * across;
    for (let at = from; at < from + across; at += 1) {
      const four = fours[from + at]!;
      twos[at] = (four & 0xff) | ((four >>> 8) & 0xff00);
    }
  }
}

function readPoints(yuv: Uint8Array, grid: GrayGrid, out: Uint8Array): void {
  const { step, width, height, pictureWidth } = grid;
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    let from = row * step * pictureWidth;
    for (let column = 0; column < width; column += 1) {
      out[at] = yuv[from]!;
      at += 1;
      from += step;
    }
  }
}
