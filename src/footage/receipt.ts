// deno-lint-ignore-file camelcase -- the names are those of the JSON that leaves the box
/**
 * The receipt of an export: what was asked, what was delivered, what is missing
 * and why. It begins as the plan, before anything is cut, is completed with the
 * finished file, and then signed.
 *
 * Not here: checking one (receipt_check.ts), keys (host/signing_keys.ts).
 *
 * Pure. The JSON's keys are in snake_case, like everything that leaves the box.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { LoggedFrame } from "../model/frame.ts";
import type { TimeWindow } from "../model/window.ts";
import type { ExplainedGap } from "./gap_cause.ts";
import type { BatchProblem } from "./gather.ts";
import { frameEndMs } from "./plan.ts";
import { perSecond } from "./film_rate.ts";
import type { RecodeChange } from "./recoded_plan.ts";
import type { FootageRequest } from "./request.ts";
import type { GapPolicy } from "./stretches.ts";

export type CutMode = "exact" | "strict" | "keyframe";

/** What a film is made of: the recorded video, or the stills that the JSON log names. */
export type FilmSource = "video" | "frames";

export interface ReceiptParts {
  readonly request: FootageRequest;
  readonly mode: CutMode;
  readonly source: FilmSource;
  readonly gapPolicy: GapPolicy;
  /** The frames that the film shows, in order; at least one. */
  readonly frames: readonly LoggedFrame[];
  readonly batches: readonly Batch[];
  readonly gaps: readonly ExplainedGap[];
  readonly problems: readonly BatchProblem[];
  readonly hiddenBefore: number;
  readonly hiddenAfter: number;
  readonly encodedFrames: number;
  /** Frames of a film of stills that had no still of their own second. */
  readonly framesWithoutStill: number;
  /** Frames of these that the film shows, where another rate leaves some out. */
  readonly shownFrames?: number;
  /** What was changed in a film that was encoded anew. */
  readonly change?: RecodeChange;
}

export interface FinishedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly createdMs: number;
  readonly version: string;
}

/** A stretch of wall time as text: ISO 8601 UTC with milliseconds. */
interface Span {
  readonly start: string;
  readonly end: string;
  readonly duration_ms: number;
}

/** The version of the form. Version 1 had no signature and no chain. */
export const RECEIPT_FORMAT = "lookback-receipt-2";

/** All but the signature: plain data, ready for JSON. */
export interface UnsignedReceipt {
  readonly format: typeof RECEIPT_FORMAT;
  readonly camera_id: string;
  readonly mode: CutMode;
  readonly source: FilmSource;
  readonly gap_policy: GapPolicy;
  readonly asked: Span;
  readonly delivered: Span & {
    readonly frames: number;
    readonly starting_frame_id: number;
    readonly ending_frame_id: number;
    /** How much earlier than asked the film begins; only with mode "keyframe". */
    readonly starts_before_asked_ms: number;
  };
  /** Frames that are in the file but not shown, because others are decoded from them. */
  readonly hidden: { readonly frames_before_start: number; readonly frames_after_end: number };
  readonly encoded_frames: number;
  /** The film's constant rate; left out where the recording's was kept, as is the next. */
  readonly fps?: number;
  /** What was burnt in. */
  readonly overlay?: readonly string[];
  readonly frames_without_still: number;
  readonly gaps: readonly (Span & { readonly cause: string; readonly detail: string })[];
  readonly damaged_batches: readonly {
    readonly batch_id: number;
    readonly cause: string;
    readonly detail: string;
  }[];
  readonly batches: readonly BatchRow[];
  readonly file: { readonly name: string; readonly size_bytes: number; readonly sha256: string };
  readonly created: string;
  readonly lookback_version: string;
}

export interface Receipt extends UnsignedReceipt {
  /** The last field. Null where the user who exported may not read the key. */
  readonly signature: ReceiptSignature | null;
}

/** Signs the text of the receipt without this field. */
export interface ReceiptSignature {
  readonly algorithm: "Ed25519";
  /** 32 bytes in base64. */
  readonly public_key: string;
  /** The first 16 hexadecimal digits of the SHA-256 of the key's SPKI form. */
  readonly key_id: string;
  /** 64 bytes in base64. */
  readonly value: string;
}

/** What signs a receipt. */
export interface ReceiptSigner {
  readonly publicKey: { readonly id: string; readonly base64: string };
  readonly sign: (text: string) => Uint8Array;
}

interface BatchRow {
  readonly batch_id: number;
  readonly starting_frame_id: number;
  readonly ending_frame_id: number;
  readonly timestamp: string;
  readonly run: number;
  readonly recording_path: string;
  readonly frames_path: string;
  readonly frames_offset: number;
  readonly frames_bytes: number;
  /** Null, as are the three below, for a batch that a version without hashes recorded. */
  readonly recording_sha256: string | null;
  readonly frames_sha256: string | null;
  readonly previous_chain: string | null;
  readonly chain: string | null;
  /** What was added to the times in its files; left out where that is nothing. */
  readonly shift_ms?: number;
}

/** A receipt as it is written to its file: what a signature counts for, to the byte. */
export function receiptText(receipt: UnsignedReceipt | Receipt): string {
  return `${JSON.stringify(receipt, null, 2)}\n`;
}

/** Completes a receipt with a signature, or says that it has none. */
export function signReceipt(receipt: UnsignedReceipt, signer: ReceiptSigner | null): Receipt {
  if (signer === null) return { ...receipt, signature: null };
  return {
    ...receipt,
    signature: {
      algorithm: "Ed25519",
      public_key: signer.publicKey.base64,
      key_id: signer.publicKey.id,
      value: signer.sign(receiptText(receipt)).toBase64(),
    },
  };
}

/** Completes a plan to a receipt that is not signed yet. */
export function makeReceipt(parts: ReceiptParts, file: FinishedFile): UnsignedReceipt {
  const { request, frames, batches } = parts;
  const first = frames[0]!;
  const last = frames.at(-1)!;
  const delivered = spanned(frames);
  return {
    format: RECEIPT_FORMAT,
    camera_id: request.cameraId,
    mode: parts.mode,
    source: parts.source,
    gap_policy: parts.gapPolicy,
    asked: span(request.window),
    delivered: {
      ...span(delivered),
      frames: parts.shownFrames ?? frames.length,
      starting_frame_id: first.frameId,
      ending_frame_id: last.frameId,
      starts_before_asked_ms: Math.max(0, request.window.fromMs - delivered.fromMs),
    },
    hidden: {
      frames_before_start: parts.hiddenBefore,
      frames_after_end: parts.hiddenAfter,
    },
    encoded_frames: parts.encodedFrames,
    ...changed(parts.change),
    frames_without_still: parts.framesWithoutStill,
    gaps: parts.gaps.map(({ window, cause, detail }) => ({ ...span(window), cause, detail })),
    damaged_batches: parts.problems.map(({ batch, cause, detail }) => ({
      batch_id: batch.batchId,
      cause,
      detail,
    })),
    batches: batches.map(batchRow),
    file: {
      name: file.name,
      size_bytes: file.sizeBytes,
      sha256: file.sha256,
    },
    created: new Date(file.createdMs).toISOString(),
    lookback_version: file.version,
  };
}

function changed(change: RecodeChange | undefined): Pick<UnsignedReceipt, "fps" | "overlay"> {
  const { rate = null, overlay = null } = change ?? {};
  return {
    ...(rate === null ? {} : { fps: perSecond(rate) }),
    ...(overlay === null ? {} : { overlay: overlay.items }),
  };
}

/** From the earliest to the latest: where the clock was set back, the last frame is not the latest. */
function spanned(frames: readonly LoggedFrame[]): TimeWindow {
  let [fromMs, toMs] = [frames[0]!.atMs, frames[0]!.atMs];
  for (const frame of frames) {
    const endMs = frameEndMs(frame);
    if (frame.atMs < fromMs) fromMs = frame.atMs;
    if (endMs > toMs) toMs = endMs;
  }
  return { fromMs, toMs };
}

function span(window: TimeWindow): Span {
  return {
    start: isoUtc(window.fromMs),
    end: isoUtc(window.toMs),
    duration_ms: window.toMs - window.fromMs,
  };
}

function batchRow(batch: Batch): BatchRow {
  return {
    batch_id: batch.batchId,
    starting_frame_id: batch.startingFrameId,
    ending_frame_id: batch.endingFrameId,
    timestamp: batch.timestamp,
    run: batch.run,
    recording_path: batch.recordingPath,
    frames_path: batch.framesPath,
    frames_offset: batch.framesOffset,
    frames_bytes: batch.framesBytes,
    recording_sha256: batch.seals?.recordingSha256 ?? null,
    frames_sha256: batch.seals?.framesSha256 ?? null,
    previous_chain: batch.seals?.previousChain ?? null,
    chain: batch.seals?.chain ?? null,
    ...(batch.shiftMs === 0 ? {} : { shift_ms: batch.shiftMs }),
  };
}
