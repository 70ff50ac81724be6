/**
 * What was done to mend what a crash left, as entries for the database.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { LedgerEntry, RepairEntry } from "../model/ledger.ts";

/** What was done, as entries for the database. */
export class RepairNotes {
  readonly #cameraId: string;
  readonly #atMs: UnixMs;
  readonly #lost = new Set<number>();
  readonly entries: LedgerEntry[] = [];

  constructor(cameraId: string, atMs: UnixMs) {
    this.#cameraId = cameraId;
    this.#atMs = atMs;
  }

  add(kind: RepairEntry["kind"], path: string, detail: string): void {
    this.entries.push({
      type: "repair",
      cameraId: this.#cameraId,
      atMs: this.#atMs,
      kind,
      path,
      detail,
    });
  }

  /** A row whose recording is not there becomes a known gap. */
  lost(batch: Batch): void {
    if (this.#lost.has(batch.batchId)) return;
    this.#lost.add(batch.batchId);
    const cameraId = this.#cameraId;
    const cause = "recording-missing";
    const detail = `there is no file "${batch.recordingPath}"`;
    const { startMs: atMs, endMs: untilMs, batchId } = batch;
    this.add("row-removed", batch.recordingPath, detail);
    this.entries.push(
      { type: "event", cameraId, atMs, untilMs, kind: "frames-lost", cause, detail },
      { type: "deletion", cameraId, atMs: this.#atMs, cause, batchIds: [batchId], files: [] },
    );
  }
}
