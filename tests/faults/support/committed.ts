/**
 * What the database of a root says, read without touching it, and whether the
 * files say the same: hashes, chains and frame ids are worked out anew here, not
 * by the product.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openIndex } from "../../../src/app/open_index.ts";
import { unixMs } from "../../../src/base/units.ts";
import { type Batch, chainText, FIRST_CHAIN } from "../../../src/model/batch.ts";
import type { LoggedFrame } from "../../../src/model/frame.ts";
import { filesBelow, loggedFrames } from "../../support/archive.ts";
import { CAMERA_IDS } from "./rig.ts";

const ALWAYS = { fromMs: unixMs(0), toMs: unixMs(4_000_000_000_000) };

/**
 * The batches of both cameras that are committed, in order of their ids. Of a
 * program that was killed this reads a copy of the database, so that it stays what
 * the next start will find.
 */
export function committedBatches(
  root: string,
  program: "running" | "ended" = "ended",
): Batch[] {
  using reader = openIndex({ root, readOnly: true, isRecording: program === "running" });
  return CAMERA_IDS.flatMap((id) => reader.batchesIn(id, ALWAYS))
    .sort((one, other) => one.batchId - other.batchId);
}

export function batchesOf(cameraId: string, batches: readonly Batch[]): Batch[] {
  return batches.filter((batch) => batch.cameraId === cameraId);
}

/**
 * Up to where the database names bytes of each file: recordings, frame logs, and
 * the ledger files up to the newest line that is in the database.
 */
export async function namedBytes(root: string): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  const note = (path: string, end: number) => ends.set(path, Math.max(end, ends.get(path) ?? 0));
  for (const batch of committedBatches(root)) {
    note(batch.recordingPath, batch.recordingBytes);
    note(batch.framesPath, batch.framesOffset + batch.framesBytes);
  }
  const newest = await ledgerSequence(root);
  for (const path of await filesBelow(join(root, "data", "ledger"))) {
    let end = 0;
    for (const line of (await Deno.readTextFile(path)).split("\n").slice(0, -1)) {
      end += new TextEncoder().encode(line).length + 1;
      if (JSON.parse(line).sequence <= newest) note(relative(root, path), end);
    }
  }
  return ends;
}

/** Number of the newest ledger line that is in the database. */
async function ledgerSequence(root: string): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["lookback.db", "lookback.db-wal"]) {
      await Deno.copyFile(join(root, "data", name), join(folder, name));
    }
    const database = new DatabaseSync(join(folder, "lookback.db"));
    const sql = "select value from facts where name = 'ledger_sequence'";
    const row = database.prepare(sql).get();
    database.close();
    return Number(row?.value ?? 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Every batch of `before` is in `after`, unchanged in all its values. */
export function checkAllKept(
  before: readonly Batch[],
  after: readonly Batch[],
  what: string,
): void {
  const byId = new Map(after.map((batch) => [batch.batchId, batch]));
  for (const batch of before) {
    deepStrictEqual(byId.get(batch.batchId), batch, `batch ${batch.batchId} ${what}`);
  }
}

/**
 * Each batch's files are what its row claims; each row's chain follows from the
 * one before, and the first one from nothing unless the oldest may be deleted.
 */
export async function checkFiles(
  root: string,
  batches: readonly Batch[],
  oldest: "kept" | "deleted" = "kept",
): Promise<void> {
  for (const batch of batches) {
    const { recordingPath, recordingBytes, seals } = batch;
    const recording = await Deno.readFile(join(root, recordingPath));
    // After a power cut footage can lie behind blanks; it is left there, and the row ends before.
    ok(recording.length >= recordingBytes, recordingPath);
    const claimed = recording.subarray(0, recordingBytes);
    strictEqual(sha256(claimed), seals?.recordingSha256, recordingPath);
    const log = await Deno.readFile(join(root, batch.framesPath));
    const lines = log.subarray(batch.framesOffset, batch.framesOffset + batch.framesBytes);
    strictEqual(sha256(lines), seals?.framesSha256, `lines of ${recordingPath}`);
  }
  for (const id of CAMERA_IDS) {
    const own = batchesOf(id, batches);
    const first = oldest === "kept" ? FIRST_CHAIN : own[0]?.seals?.previousChain;
    checkChain(own, first ?? FIRST_CHAIN);
  }
}

function checkChain(batches: readonly Batch[], first: string): void {
  let before = first;
  for (const { seals, ...batch } of batches) {
    ok(seals !== null, batch.recordingPath);
    strictEqual(seals.previousChain, before, `chain before ${batch.recordingPath}`);
    const written = {
      ...batch,
      startMs: unixMs(batch.startMs - batch.shiftMs),
      endMs: unixMs(batch.endMs - batch.shiftMs),
      ...seals,
    };
    strictEqual(
      seals.chain,
      sha256(new TextEncoder().encode(chainText(written, before))),
      `chain of ${batch.recordingPath}`,
    );
    before = seals.chain;
  }
}

/**
 * No frame id stands for two frames, in a camera's logs or in its rows.
 *
 * @param what `holes`: "none" where every id that was given out must still be
 * there, once and in order. After a power cut they are "allowed", and a log may
 * have lines that no row names, and a frame twice: as it was found and as it was
 * mended.
 */
export async function checkFrameIds(
  root: string,
  what: { readonly batches: readonly Batch[]; readonly holes: "none" | "allowed" },
): Promise<void> {
  const { batches, holes } = what;
  for (const id of CAMERA_IDS) {
    const frames = await loggedFrames(root, id);
    if (holes === "none") {
      deepStrictEqual(frames.map(({ frameId }) => frameId), frames.map((_, index) => index + 1));
    } else checkOneFrameAnId(id, frames.filter((frame) => frame !== undefined));
    let lastInRows = 0;
    for (const { startingFrameId, endingFrameId } of batchesOf(id, batches)) {
      ok(startingFrameId > lastInRows, `${id}: frame id ${startingFrameId} is in two rows`);
      if (holes === "none") strictEqual(startingFrameId, lastInRows + 1, `${id}: rows have a hole`);
      lastInRows = endingFrameId;
    }
  }
}

function checkOneFrameAnId(cameraId: string, frames: readonly LoggedFrame[]): void {
  const known = new Map<number, string>();
  for (const { frameId, run, pts } of frames) {
    const frame = `run ${run}, pts ${pts}`;
    const other = known.get(frameId) ?? frame;
    strictEqual(frame, other, `${cameraId}: frame id ${frameId} stands for two frames`);
    known.set(frameId, frame);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
