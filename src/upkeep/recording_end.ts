/**
 * Brings the end of a recording in order that a crash left without a row. A file
 * is cut only where no footage lies behind the cut: what can't be read today may
 * be readable for somebody else.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { syncFile, syncFolder, writeAll } from "../host/durable.ts";
import { buildSeal } from "../media/recording_seal.ts";
import type { BatchEntry } from "../model/ledger.ts";
import type { Orphan } from "./orphan.ts";
import type { RecordingScan } from "./recording_scan.ts";
import type { RepairNotes } from "./repair_notes.ts";

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
export async function hasFragmentBehind(path: string, offset: number): Promise<boolean> {
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

/** Cuts a torn end off, seals the file and makes it durable. */
async function sealRecording(
  root: string,
  what: { readonly path: string; readonly scan: RecordingScan; readonly notes: RepairNotes },
): Promise<Pick<BatchEntry, "recordingBytes" | "recordingSha256">> {
  const { path, scan, notes } = what;
  const full = join(root, path);
  let recordingBytes = scan.wholeBytes;
  {
    using file = await Deno.open(full, { read: true, write: true });
    if (scan.wholeBytes < scan.sizeBytes) {
      await file.truncate(scan.wholeBytes);
      const cut = scan.sizeBytes - scan.wholeBytes;
      notes.add("tail-cut", path, `${cut} bytes behind the last whole fragment`);
    }
    if (scan.seal === undefined) {
      const seal = buildSeal([scan.headSum, ...scan.fragments.map(({ sum }) => sum)]);
      await file.seek(scan.wholeBytes, Deno.SeekMode.Start);
      await writeAll(file, seal);
      scan.hash.add(seal);
      recordingBytes += seal.length;
    }
    await syncFile(file, full);
  }
  await syncFolder(dirname(full));
  return { recordingBytes, recordingSha256: scan.hash.hex() };
}
