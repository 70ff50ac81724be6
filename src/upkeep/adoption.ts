/**
 * Looks at one recording that has no row, and prepares what its row says of its
 * bytes. Never removes a file, and cuts one only where no footage lies behind the
 * cut: what can't be read today may be readable for somebody else.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { BatchEntry } from "../model/ledger.ts";
import type { Frame } from "../model/frame.ts";
import { recordedFrames } from "./recorded_frames.ts";
import { scanRecording } from "./recording_scan.ts";
import { type Orphan, type RepairNotes, sealRecording } from "./repair.ts";

/** A recording without a row: one that can get a row, or why it can't. */
export type Examined =
  | { readonly type: "orphan"; readonly orphan: Orphan }
  | { readonly type: "unreadable"; readonly reason: string }
  /** Another part of Lookback, or a person, took it away meanwhile. */
  | { readonly type: "gone" };

/** @param path Relative to the root. */
export function examineRecording(root: string, path: string): Examined {
  try {
    const scan = scanRecording(join(root, path));
    const { label, init, fragments } = scan;
    const samples = fragments.flatMap(({ video }) => video);
    if (label === undefined) return { type: "unreadable", reason: "it has no label of Lookback" };
    if (init === undefined || samples.length === 0) {
      return { type: "unreadable", reason: scan.fault ?? "it has no whole fragment" };
    }
    const recorded = recordedFrames({ label, init }, samples);
    return { type: "orphan", orphan: { path, scan: { ...scan, label, init }, recorded } };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { type: "gone" };
    return { type: "unreadable", reason: messageOf(error) };
  }
}

/** Of a row: the recording's bytes. */
export type RecordingPart = Pick<BatchEntry, "recordingBytes" | "recordingSha256">;

/**
 * Cuts a torn end off and seals the file, as start-up does after a crash. A file
 * with footage behind what can't be read is left as it is: its row counts up to there.
 */
export async function finishRecording(
  root: string,
  { path, scan }: Orphan,
  notes: RepairNotes,
): Promise<RecordingPart> {
  if (scan.fault !== undefined && await hasFragmentBehind(join(root, path), scan.wholeBytes)) {
    return wholePart({ scan });
  }
  return await sealRecording(root, { path, scan, notes });
}

/** What a recording has, as it is: nothing is written. */
export function wholePart({ scan }: Pick<Orphan, "scan">): RecordingPart {
  return { recordingBytes: scan.wholeBytes, recordingSha256: scan.hash.hex() };
}

/** How much of a file is searched at once. */
const CHUNK_BYTES = 1_048_576;

/** Length of the size and the type with which a box begins. */
const BOX_HEAD_BYTES = 8;

/** True where another fragment begins behind the box that could not be read. */
async function hasFragmentBehind(path: string, offset: number): Promise<boolean> {
  using file = await Deno.open(path);
  await file.seek(offset + BOX_HEAD_BYTES, Deno.SeekMode.Start);
  const chunk = new Uint8Array(CHUNK_BYTES);
  const type = new TextEncoder().encode("moof");
  let kept = 0;
  for (;;) {
    const count = await file.read(chunk.subarray(kept));
    if (count === null) return false;
    const bytes = chunk.subarray(0, kept + count);
    if (indexOf(bytes, type) >= 0) return true;
    kept = Math.min(type.length - 1, bytes.length);
    chunk.copyWithin(0, bytes.length - kept, bytes.length);
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/**
 * Bytes of the stills that a batch's frames name.
 *
 * @param counted Stills of the camera's batch before; the one on the border is not counted twice.
 */
export async function stillsBytesOf(
  root: string,
  frames: readonly Frame[],
  counted: Set<string>,
): Promise<number> {
  const paths = new Set(frames.flatMap(({ imagePath }) => imagePath ?? []));
  let sizeBytes = 0;
  for (const path of paths) {
    if (!counted.has(path)) sizeBytes += await sizeOf(join(root, path));
  }
  counted.clear();
  for (const path of paths) counted.add(path);
  return sizeBytes;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
