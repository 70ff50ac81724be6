/**
 * How large a picture is, out of the first bytes of its file.
 *
 * Pure.
 *
 * @module
 */

export interface Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: "png" | "jpg";
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads width and height.
 *
 * @throws {SyntaxError} If it is neither a PNG nor a JPEG.
 */
export function pixelSize(bytes: Uint8Array): PixelSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x89504e47) {
    return { width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (view.getUint16(0) === 0xffd8) return jpegSize(view);
  throw new SyntaxError("Cannot read the size of a picture: it is neither a PNG nor a JPEG");
}

/** Walks over the segments to the head of the frame. */
function jpegSize(view: DataView): PixelSize {
  for (let at = 2; at + 9 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf &&
      ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  throw new SyntaxError("Cannot read the size of a JPEG: it has no frame");
}
