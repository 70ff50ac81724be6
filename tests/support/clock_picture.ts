/**
 * A picture that says when it was made: wall time as black and white blocks along
 * its top edge, with a checksum, so that it can be read back wherever it is shown.
 *
 * In:   an instant. Out: a grey picture; and a script that reads one in a browser.
 * Not here: the camera that sends such pictures (clock_camera.ts).
 *
 * @module
 */

/** Blocks in a row; two rows hold 48 bits of time and 16 of checksum. */
const COLUMNS = 32;
const ROWS = 2;

const BLACK = 16;
const WHITE = 235;

/** Width and height of a picture, in pixels; the width is a multiple of 32. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Height of the blocks, in pixels; they are square. */
export function clockHeight({ width }: PictureSize): number {
  return width / COLUMNS * ROWS;
}

/** A scene without the time: brighter from left to right, so that it takes some bits. */
export function grayScene({ width, height }: PictureSize): Uint8Array<ArrayBuffer> {
  const scene = new Uint8Array(width * height);
  for (let at = 0; at < scene.length; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    scene[at] = 40 + Math.floor(x / width * 120) +
      (Math.floor(x / 16) + Math.floor(y / 16)) % 2 * 30;
  }
  return scene;
}

/** Writes an instant, in whole milliseconds, over the top of a grey picture. */
export function stampClock(picture: Uint8Array, size: PictureSize, atMs: number): void {
  const block = size.width / COLUMNS;
  for (const [index, isWhite] of bitsOf(atMs).entries()) {
    const left = index % COLUMNS * block;
    const top = Math.floor(index / COLUMNS) * block;
    for (let y = top; y < top + block; y += 1) {
      const from = y * size.width + left;
      picture.fill(isWhite ? WHITE : BLACK, from, from + block);
    }
  }
}

function bitsOf(atMs: number): boolean[] {
  const words = [Math.floor(atMs / 2 ** 32), Math.floor(atMs / 2 ** 16) % 2 ** 16, atMs % 2 ** 16];
  const [high, middle, low] = words as [number, number, number];
  return [...words, (high * 31 + middle * 17 + low * 7 + 12_345) % 2 ** 16].flatMap((word) =>
    Array.from({ length: 16 }, (_, bit) => (word >> (15 - bit) & 1) === 1)
  );
}

/**
 * Gives a page `readClock(element)`: the instant in the picture that a video or an
 * image shows, or null where there is none that passes its checksum.
 *
 * A text, because it runs in the browser, where there are other types.
 */
export const READ_CLOCK = `
globalThis.readClock = (() => {
  // Four pixels for each block: its middle is clear of what scaling does at its edges.
  const canvas = new OffscreenCanvas(${COLUMNS * 4}, ${ROWS * 4});
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (element) => {
    const width = element.videoWidth ?? element.naturalWidth;
    if (!(width > 0)) return null;
    const height = width / ${COLUMNS} * ${ROWS};
    context.drawImage(element, 0, 0, width, height, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const words = [0, 0, 0, 0];
    for (let bit = 0; bit < 64; bit += 1) {
      const x = bit % ${COLUMNS} * 4 + 2;
      const y = Math.floor(bit / ${COLUMNS}) * 4 + 2;
      const isWhite = data[(y * canvas.width + x) * 4] > 125;
      words[bit >> 4] = words[bit >> 4] * 2 + (isWhite ? 1 : 0);
    }
    const [high, middle, low, sum] = words;
    if ((high * 31 + middle * 17 + low * 7 + 12345) % 65536 !== sum) return null;
    return high * 2 ** 32 + middle * 2 ** 16 + low;
  };
})();
`;
