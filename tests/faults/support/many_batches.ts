/**
 * A root with a year of batches: rows and ledger lines of footage that was
 * recorded long ago, made without recording it.
 *
 * In:   a root that was recorded to and stopped in good order.
 * Out:  the same with as many batches as asked for before what was recorded.
 * Not here: the footage itself. Nothing that starts may look for it.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isoUtc, unixMs } from "../../../src/base/units.ts";
import { frameLogPath, recordingPath } from "../../../src/model/paths.ts";
import { type LedgerBatch, writeLedgerLine } from "../../../src/store/ledger_line.ts";

/** The first of them began then: years before any test runs. */
const FIRST_MS = Date.UTC(2020, 0, 1);
const BATCH_MS = 10_000;

/** Ids of frames stay below those of the cameras that record: theirs are other cameras. */
const CAMERAS = ["north", "south", "east", "west"] as const;

/** Lines that are written at once. */
const CHUNK_LINES = 10_000;

/** Adds batches to the database and the ledger of a stopped root. */
export async function addBatches(root: string, count: number): Promise<void> {
  using database = new DatabaseSync(join(root, "data", "lookback.db"));
  const before = database.prepare("select value from facts where name = 'ledger_sequence'").get();
  const firstSequence = Number(before?.value ?? 0) + 1;
  const newest = database.prepare("select max(batch_id) id from batches").get();
  const firstId = Number(newest?.id ?? 0) + 1;
  database.exec("begin");
  const insert = database.prepare(
    `insert into batches (batch_id, camera_id, run, starting_frame_id, ending_frame_id, timestamp,
       start_ms, end_ms, frame_count, recording_path, recording_bytes, frames_path, frames_offset,
       frames_bytes, recording_sha256, frames_sha256, previous_chain, chain)
     values (?, ?, ?, ?, ?, ?, ?, ?, 250, ?, 4000000, ?, ?, 70000, ?, ?, ?, ?)`,
  );
  const ledger = new LedgerFile(root);
  for (let index = 0; index < count; index += 1) {
    const batch = oldBatch(index, firstId + index);
    insert.run(
      ...[batch.batchId, batch.cameraId, batch.run, batch.startingFrameId, batch.endingFrameId],
      ...[isoUtc(batch.startMs), batch.startMs, batch.endMs],
      ...[batch.recordingPath, batch.framesPath, batch.framesOffset],
      ...[HASH, HASH, HASH, HASH],
    );
    await ledger.add(batch, firstSequence + index);
  }
  await ledger.flush();
  database.prepare("update facts set value = ? where name = 'ledger_sequence'")
    .run(String(firstSequence + count - 1));
  database.exec("commit; pragma wal_checkpoint(truncate)");
}

const HASH = "5e".repeat(32);

/** Batches of the cameras in turn, one behind the other. */
function oldBatch(index: number, batchId: number): LedgerBatch {
  const cameraId = CAMERAS[index % CAMERAS.length]!;
  const number = Math.floor(index / CAMERAS.length);
  const startMs = unixMs(FIRST_MS + number * BATCH_MS);
  return {
    type: "batch",
    batchId,
    cameraId,
    run: FIRST_MS,
    startingFrameId: number * 250 + 1,
    endingFrameId: number * 250 + 250,
    startMs,
    endMs: unixMs(startMs + BATCH_MS),
    frameCount: 250,
    recordingPath: recordingPath(cameraId, startMs),
    recordingBytes: 4_000_000,
    framesPath: frameLogPath(cameraId, startMs),
    framesOffset: (number % 360) * 70_000,
    framesBytes: 70_000,
    recordingSha256: HASH,
    framesSha256: HASH,
    stillsBytes: 100_000,
    previousChain: HASH,
    chain: HASH,
  };
}

/** The file of one day after the other, written in chunks. */
class LedgerFile {
  readonly #folder: string;
  #day = "";
  #lines: string[] = [];

  constructor(root: string) {
    this.#folder = join(root, "data", "ledger", "batches");
  }

  async add(batch: LedgerBatch, sequence: number): Promise<void> {
    const day = isoUtc(batch.startMs).slice(0, 10);
    if (day !== this.#day || this.#lines.length >= CHUNK_LINES) await this.flush();
    this.#day = day;
    this.#lines.push(writeLedgerLine(sequence, batch));
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const path = join(this.#folder, `${this.#day}.jsonl`);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, this.#lines.join(""), { append: true, create: true });
    this.#lines = [];
  }
}
