/**
 * Finds where in a recording bytes are not those that were written: by the seal
 * at its end, which has a CRC-32 of the head and of each fragment
 * (media/recording_seal.ts).
 *
 * In:   a file whose SHA-256 is wrong, and its row.
 * Out:  ranges of bytes with the time of footage in them.
 * Not here: finding out that something is wrong (verify_recording.ts).
 *
 * A damaged size or type of a box hides everything behind it, so boxes are not
 * trusted: what follows a damaged place is found by looking for the next fragment
 * whose sum the seal knows.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { Sha256 } from "../host/hash.ts";
import { MalformedMedia, requireBox } from "../media/boxes.ts";
import { parseFragment } from "../media/fragment.ts";
import { buildSeal } from "../media/recording_seal.ts";
import type { Batch } from "../model/batch.ts";
import type { TimeWindow } from "../model/window.ts";
import { type ByteRange, type Finding, withinBatch } from "./fault.ts";
import { footageOf, readHead } from "./recording_head.ts";
import { type DamagedPart, findSeal, RecordingBytes, walkParts } from "./recording_parts.ts";
import { type RecordingScan, scanRecording } from "./recording_scan.ts";

interface Known {
  readonly batch: Batch;
  readonly bytes: RecordingBytes;
  readonly wholeParts: ReadonlyMap<number, ByteRange>;
}

/** @returns At least one finding. */
export function findDamage(path: string, batch: Batch): Finding[] {
  const sealed = damagedSeal(path, batch);
  if (sealed !== undefined) return [sealed];
  using bytes = new RecordingBytes(path, batch.recordingBytes);
  const seal = findSeal(bytes);
  const whole = { fromByte: 0, toByte: batch.recordingBytes };
  if (seal === undefined) {
    const detail = "its bytes have changed; it has no seal that would say where";
    return [{ kind: "recording-damaged", bytes: whole, detail }];
  }
  const { damaged, wholeParts } = walkParts(bytes, seal);
  if (damaged.length === 0) {
    const detail = "its bytes have changed, and its sums have been made to fit";
    return [{ kind: "recording-damaged", bytes: whole, detail }];
  }
  return damaged.map((part) => toFinding(part, { batch, bytes, wholeParts }));
}

function toFinding(
  part: DamagedPart,
  known: Known,
): Finding {
  const { fromPart, toPart, ...range } = part;
  const kind = "recording-damaged";
  if (fromPart === 0) {
    const detail = "the head of the file has changed (codec, label)";
    return { kind, bytes: range, detail };
  }
  const count = toPart - fromPart;
  const detail = count === 1
    ? `fragment ${fromPart} has changed`
    : `fragments ${fromPart} to ${toPart - 1} have changed`;
  const window = windowOf(part, known);
  return { kind, bytes: range, detail, ...(window === undefined ? {} : { window }) };
}

/** The time between the whole parts on both sides; undefined without a head to tell it by. */
function windowOf({ fromPart, toPart }: DamagedPart, known: Known): TimeWindow | undefined {
  const { batch, bytes, wholeParts } = known;
  const headRange = wholeParts.get(0);
  const head = headRange === undefined ? undefined : readHead(bytes.read(headRange));
  if (head === undefined) return undefined;
  const timeOf = (part: number) => {
    const range = part === 0 ? undefined : wholeParts.get(part);
    if (range === undefined) return undefined;
    const moof = requireBox(bytes.read(range), ["moof"]);
    return footageOf(parseFragment(moof, head.init).video, head);
  };
  const fromMs = timeOf(fromPart - 1)?.toMs ?? -Infinity;
  const toMs = timeOf(toPart)?.fromMs ?? Infinity;
  return withinBatch(batch, { fromMs: fromMs + batch.shiftMs, toMs: toMs + batch.shiftMs });
}

/**
 * Whether the seal alone has changed: then the file is what its row says once the
 * seal is made again.
 */
function damagedSeal(path: string, batch: Batch): Finding | undefined {
  const scan = scanned(path);
  const last = scan?.fragments.at(-1);
  if (scan === undefined || last === undefined) return undefined;
  const seal = buildSeal([scan.headSum, ...scan.fragments.map(({ sum }) => sum)]);
  const fromByte = last.offset + last.sizeBytes;
  if (fromByte + seal.length !== batch.recordingBytes) return undefined;
  using bytes = new RecordingBytes(path, batch.recordingBytes);
  const hash = new Sha256();
  for (const chunk of bytes.chunks({ fromByte: 0, toByte: fromByte })) hash.add(chunk);
  hash.add(seal);
  if (hash.hex() !== batch.seals?.recordingSha256) return undefined;
  const found = bytes.read({ fromByte, toByte: batch.recordingBytes });
  const isChanged = (byte: number, index: number) => byte !== seal[index];
  return {
    kind: "recording-damaged",
    bytes: {
      fromByte: fromByte + found.findIndex(isChanged),
      toByte: fromByte + found.findLastIndex(isChanged) + 1,
    },
    detail: "the seal at its end has changed; the footage is whole",
  };
}

/** A damaged length can ask for more than there is. */
function scanned(path: string): RecordingScan | undefined {
  try {
    return scanRecording(path);
  } catch (error) {
    if (error instanceof MalformedMedia || error instanceof RangeError) return undefined;
    throw new Error(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}
