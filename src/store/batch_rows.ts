/**
 * Batches out of the database, all columns of them. Rows come as arrays: making an
 * object of twenty columns for each took most of the time of a search.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";

type Value = string | number | null;

const COLUMNS = `batch_id, camera_id, run, starting_frame_id, ending_frame_id, timestamp,
  start_ms, end_ms, frame_count, recording_path, recording_bytes,
  frames_path, frames_offset, frames_bytes,
  recording_sha256, frames_sha256, previous_chain, chain, stills_bytes, shift_ms`;

/** Node's types leave the call out; SQLite as Node and Deno carry it has it. */
type ArrayStatement = StatementSync & { setReturnArrays(isEnabled: boolean): void };

type Row = readonly [
  ...readonly [number, string, number, number, number, string],
  ...readonly [number, number, number, string, number],
  ...readonly [string, number, number],
  ...readonly [Value, Value, Value, Value, number, number],
];

/** @param rest What follows "from batches": conditions with `?`, order, limit. */
export function readBatches(
  database: DatabaseSync,
  rest: string,
  values: readonly Value[],
): Batch[] {
  const statement = database.prepare(`select ${COLUMNS} from batches ${rest}`) as ArrayStatement;
  statement.setReturnArrays(true);
  return (statement.all(...values) as unknown as Row[]).map(toBatch);
}

function toBatch(row: Row): Batch {
  const [batchId, cameraId, run, startingFrameId, endingFrameId, timestamp, ...place] = row;
  const [startMs, endMs, frameCount, recordingPath, recordingBytes, ...rest] = place;
  const [framesPath, framesOffset, framesBytes, ...seals] = rest;
  const [recordingSha256, framesSha256, previousChain, chain, stillsBytes, shiftMs] = seals;
  return {
    batchId,
    cameraId,
    run,
    startingFrameId,
    endingFrameId,
    timestamp,
    startMs: unixMs(startMs),
    endMs: unixMs(endMs),
    frameCount,
    recordingPath,
    recordingBytes,
    framesPath,
    framesOffset,
    framesBytes,
    stillsBytes,
    shiftMs,
    seals: chain === null ? null : {
      recordingSha256: String(recordingSha256),
      framesSha256: String(framesSha256),
      previousChain: String(previousChain),
      chain: String(chain),
    },
  };
}
