/**
 * Reads the box structure that MP4 files are made of (ISO/IEC 14496-12, 4.2):
 * a 32-bit size, a four-letter type, then the payload.
 *
 * In:  whole boxes as bytes. Out: views of the same bytes, nothing is copied.
 * Not here: what the boxes mean (init_segment.ts, fragment.ts).
 *
 * @module
 */

/** Bytes that are not the media they should be. Says what was expected and what was there. */
export class MalformedMedia extends Error {
  override readonly name = "MalformedMedia";
}

/** One box. `payload` is a view behind the header, not a copy. */
export interface Box {
  readonly type: string;
  readonly payload: Uint8Array;
  /** Header and payload. */
  readonly bytes: Uint8Array;
}

/** Size and type at the start of `bytes`; undefined while the header is not whole. */
export function peekBox(
  bytes: Uint8Array,
): { readonly type: string; readonly headerBytes: number; readonly sizeBytes: number } | undefined {
  if (bytes.length < 8) return undefined;
  // Without a view, which takes longer to make than a header to read.
  const type = String.fromCharCode(bytes[4]!, bytes[5]!, bytes[6]!, bytes[7]!);
  const size = (bytes[0]! << 24 | bytes[1]! << 16 | bytes[2]! << 8 | bytes[3]!) >>> 0;
  if (size !== 1) {
    if (size < 8) throw new MalformedMedia(`Cannot read box "${type}" of ${size} bytes`);
    return { type, headerBytes: 8, sizeBytes: size };
  }
  if (bytes.length < 16) return undefined;
  const large = Number(viewOf(bytes).getBigUint64(8));
  if (large < 16) throw new MalformedMedia(`Cannot read box "${type}" of ${large} bytes`);
  return { type, headerBytes: 16, sizeBytes: large };
}

/**
 * The boxes that lie one behind the other in `bytes`.
 *
 * @throws {MalformedMedia} If a box reaches past the end.
 */
export function* childBoxes(bytes: Uint8Array): Generator<Box> {
  let offset = 0;
  while (offset < bytes.length) {
    const rest = bytes.subarray(offset);
    const head = peekBox(rest);
    if (head === undefined || head.sizeBytes > rest.length) {
      throw new MalformedMedia(
        `Cannot read box "${head?.type ?? "?"}": it needs ${
          head?.sizeBytes ?? 8
        } bytes and ${rest.length} are left`,
      );
    }
    yield {
      type: head.type,
      payload: rest.subarray(head.headerBytes, head.sizeBytes),
      bytes: rest.subarray(0, head.sizeBytes),
    };
    offset += head.sizeBytes;
  }
}

/** The first box at a path such as `["trak", "mdia", "mdhd"]` below `bytes`. */
export function findBox(bytes: Uint8Array, path: readonly string[]): Box | undefined {
  const [type, ...rest] = path;
  for (const box of childBoxes(bytes)) {
    if (box.type !== type) continue;
    if (rest.length === 0) return box;
    const inner = findBox(box.payload, rest);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/**
 * Like {@linkcode findBox}, for boxes that must be there.
 *
 * @throws {MalformedMedia} If there is none.
 */
export function requireBox(bytes: Uint8Array, path: readonly string[]): Box {
  const box = findBox(bytes, path);
  if (box === undefined) throw new MalformedMedia(`Cannot find box "${path.join("/")}"`);
  return box;
}

/** A DataView of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The four-letter code at `offset`, as text (Latin-1, as the standard's codes are). */
export function fourLetters(view: DataView, offset: number): string {
  return String.fromCharCode(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  );
}

/**
 * A time that fits a number to the tick.
 *
 * @throws {MalformedMedia} If it does not: no stream is that long, its bytes are damaged.
 */
export function wholeTicks(ticks: number): number {
  if (!Number.isSafeInteger(ticks)) throw new MalformedMedia(`Cannot use ${ticks} as a time`);
  return ticks;
}

/** Runs a parser and turns a read past the end (RangeError) into {@linkcode MalformedMedia}. */
export function parseBytes<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) {
      throw new MalformedMedia(`Cannot read ${what}: it ends too early`);
    }
    throw error;
  }
}
