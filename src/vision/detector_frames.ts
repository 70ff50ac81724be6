/**
 * How messages cross the pipes of a detector process: the length of the message and
 * of the bytes that belong to it, both as 32 bits, little end first; then the
 * message as JSON, then the bytes.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { ChunkReader } from "../host/chunks.ts";

/** Longest of each that is believed, in bytes: three pieces for a model of 2048 x 2048 points. */
const MAX_BYTES = 64 * 1024 * 1024;

const HEAD_BYTES = 8;

/** A message as it came, and what belongs to it. */
export interface Frame {
  readonly message: unknown;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A message and its bytes, as they are written. */
export function frameOf(
  message: object,
  parts: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(message));
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  head.setUint32(0, json.length, true);
  head.setUint32(4, parts.reduce((sum, { length }) => sum + length, 0), true);
  return joined([new Uint8Array(head.buffer), json, ...parts]);
}

/**
 * The messages of a stream, until it ends.
 *
 * @throws {RangeError} If a length can't be: something else was written between them.
 */
export async function* framesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Frame> {
  const reader = new ChunkReader(stream);
  const head = new Uint8Array(HEAD_BYTES);
  try {
    while (await reader.fill(head)) {
      const view = new DataView(head.buffer);
      const json = memoryFor(view.getUint32(0, true));
      const bytes = memoryFor(view.getUint32(4, true));
      if (!await reader.fill(json) || !await reader.fill(bytes)) return;
      yield { message: JSON.parse(new TextDecoder().decode(json)), bytes };
    }
  } finally {
    await reader.cancel();
  }
}

function memoryFor(sizeBytes: number): Uint8Array<ArrayBuffer> {
  if (sizeBytes <= MAX_BYTES) return new Uint8Array(sizeBytes);
  throw new RangeError(
    `Cannot read a message: found ${sizeBytes} bytes, need ${MAX_BYTES} at most`,
  );
}
