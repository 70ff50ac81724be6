/**
 * Receipts for tests, without an export.
 *
 * @module
 */

import { unixMs } from "../../src/base/units.ts";
import { makeReceipt, type UnsignedReceipt } from "../../src/footage/receipt.ts";
import type { Batch } from "../../src/model/batch.ts";

const START_MS = Date.parse("2026-11-21T20:57:09.020Z");

const BATCH: Batch = {
  batchId: 1,
  cameraId: "front",
  run: 1_795_294_627_504,
  startingFrameId: 1,
  endingFrameId: 250,
  timestamp: "2026-11-21T20:57:09.020Z",
  startMs: unixMs(START_MS),
  endMs: unixMs(START_MS + 10_000),
  frameCount: 250,
  recordingPath: "data/recordings/front/2026-11-21/20/570902.mp4",
  recordingBytes: 1_000_000,
  framesPath: "data/frames/front/2026-11-21/20.jsonl",
  framesOffset: 0,
  framesBytes: 77_000,
  shiftMs: 0,
  seals: null,
  stillsBytes: 0,
};

/** A receipt of one second from batches that differ from a plain one in what is given. */
export function receiptWith(
  batches: readonly Partial<Batch>[],
  file: { readonly sizeBytes: number; readonly sha256: string } = {
    sizeBytes: 3,
    sha256: "e".repeat(64),
  },
): UnsignedReceipt {
  const window = { fromMs: unixMs(START_MS), toMs: unixMs(START_MS + 1_000) };
  const frames = Array.from({ length: 25 }, (_, index) => ({
    frameId: index + 1,
    atMs: unixMs(START_MS + index * 40),
    imagePath: null,
    isKey: index === 0,
    sizeBytes: 1_000,
    pts: index * 3_600,
    duration: 3_600,
    cameraId: "front",
    run: BATCH.run,
    timescale: 90_000,
  }));
  return makeReceipt({
    request: { cameraId: "front", window },
    mode: "exact",
    source: "video",
    gapPolicy: "collapse",
    frames,
    batches: batches.map((each) => ({ ...BATCH, ...each })),
    gaps: [],
    problems: [],
    hiddenBefore: 0,
    hiddenAfter: 0,
    encodedFrames: 0,
    framesWithoutStill: 0,
  }, { name: "film.mp4", ...file, createdMs: START_MS + 60_000, version: "1.2.3" });
}

export const RECEIPT = receiptWith([{}]);
