/**
 * As many rows as the writer takes: the entries of sixty-four cameras that have all
 * been waiting for it, through the product's outboxes.
 *
 * @module
 */

import { isoUtc, unixMs } from "../base/units.ts";
import { LedgerOutbox } from "../capture/ledger_outbox.ts";
import type { BatchEntry } from "../model/ledger.ts";
import { frameLogPath, recordingPath } from "../model/paths.ts";
import { ARCHIVE_START_MS } from "./archive_rows.ts";
import type { WriterLine } from "./writer_line.ts";

const BATCH_MS = 10_000;

/** Sends batches of all cameras at once. Returns rows per second until all are committed. */
export async function burst(
  line: WriterLine,
  of: { readonly cameras: number; readonly batches: number; readonly round: number },
): Promise<number> {
  const { cameras, batches, round } = of;
  const outboxes = Array.from(
    { length: cameras },
    (_, index) => new LedgerOutbox(line.connect(`burst${index + 1}`)),
  );
  const startedAt = performance.now();
  for (let number = round * batches; number < (round + 1) * batches; number += 1) {
    outboxes.forEach((outbox, index) => outbox.send(batchEntry(`burst${index + 1}`, number)));
  }
  await Promise.all(outboxes.map((outbox) => outbox.drained()));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const outbox of outboxes) outbox.close();
  return cameras * batches / seconds;
}

/** A batch whose files nobody looks for. */
function batchEntry(cameraId: string, number: number): BatchEntry {
  const startMs = unixMs(ARCHIVE_START_MS + number * BATCH_MS);
  const hash = isoUtc(startMs).replaceAll(/\D/g, "").padStart(64, "0");
  return {
    ...{ type: "batch", cameraId, run: ARCHIVE_START_MS, startMs },
    ...{ startingFrameId: number * 250 + 1, endingFrameId: number * 250 + 250, frameCount: 250 },
    endMs: unixMs(startMs + BATCH_MS),
    ...{ recordingPath: recordingPath(cameraId, startMs), recordingBytes: 5_000_000 },
    ...{ framesPath: frameLogPath(cameraId, startMs), framesOffset: number % 360 * 77_000 },
    ...{ framesBytes: 77_000, recordingSha256: hash, framesSha256: hash, stillsBytes: 100_000 },
  };
}
