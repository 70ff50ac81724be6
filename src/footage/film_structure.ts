/**
 * Finds where the box structure of an MP4 breaks. Reads headers, and whole only
 * the box that holds the sample tables; no media.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { readRange } from "../host/durable.ts";
import { childBoxes, MalformedMedia, peekBox } from "../media/boxes.ts";

/** Boxes that hold boxes, from the film down to its sample tables (ISO/IEC 14496-12, table 1). */
const CONTAINERS = ["moov", "trak", "edts", "mdia", "minf", "dinf", "stbl"];

/** What a film has. */
const REQUIRED = ["ftyp", "moov", "mdat"];

/** Header with a 64-bit size. */
const LONGEST_HEADER_BYTES = 16;

/** A `moov` larger than this is none: a million frames have 30 MB. */
const MAX_MOOV_BYTES = 512 * 1024 * 1024;

/**
 * Walks through a film.
 *
 * @returns In words where the structure breaks; undefined when it is whole.
 */
export async function findBreak(file: Deno.FsFile): Promise<string | undefined> {
  const { size } = await file.stat();
  const found: string[] = [];
  for (let offset = 0; offset < size;) {
    const box = await boxAt(file, { offset, leftBytes: size - offset });
    if (typeof box === "string") return `the box structure breaks at byte ${offset}: ${box}`;
    if (box.type === "moov") {
      const problem = await problemInside(file, { ...box, offset });
      if (problem !== undefined) return `inside box "moov" at byte ${offset}: ${problem}`;
    }
    found.push(box.type);
    offset += box.sizeBytes;
  }
  const missing = REQUIRED.filter((type) => !found.includes(type));
  return missing.length === 0 ? undefined : `no box "${missing.join('" and no box "')}" is there`;
}

interface FoundBox {
  readonly type: string;
  readonly headerBytes: number;
  readonly sizeBytes: number;
}

/** A box, or what is wrong with its header. */
async function boxAt(
  file: Deno.FsFile,
  { offset, leftBytes }: { readonly offset: number; readonly leftBytes: number },
): Promise<FoundBox | string> {
  const sizeBytes = Math.min(LONGEST_HEADER_BYTES, leftBytes);
  const header = await readRange(file, { offset, sizeBytes });
  try {
    const box = header === undefined ? undefined : peekBox(header);
    if (box === undefined) return `${leftBytes} bytes are no box`;
    if (box.sizeBytes <= leftBytes) return box;
    return `box "${box.type}" needs ${box.sizeBytes} bytes and ${leftBytes} are left`;
  } catch (error) {
    if (error instanceof MalformedMedia) return messageOf(error);
    throw error;
  }
}

async function problemInside(
  file: Deno.FsFile,
  { offset, headerBytes, sizeBytes }: FoundBox & { readonly offset: number },
): Promise<string | undefined> {
  if (sizeBytes > MAX_MOOV_BYTES) return `it claims ${sizeBytes} bytes`;
  const payload = { offset: offset + headerBytes, sizeBytes: sizeBytes - headerBytes };
  const bytes = await readRange(file, payload);
  try {
    walk(bytes ?? new Uint8Array());
    return undefined;
  } catch (error) {
    if (error instanceof MalformedMedia) return messageOf(error);
    throw error;
  }
}

function walk(bytes: Uint8Array): void {
  for (const { type, payload } of childBoxes(bytes)) {
    if (CONTAINERS.includes(type)) walk(payload);
  }
}
