/**
 * Everything that the database knows, as records for ledger files: for a storage
 * root whose ledger is missing, because an older version recorded it, or lost its end.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { GeoLocation } from "../model/camera.ts";
import type { LedgerRecord } from "./ledger_line.ts";
import { toVisionEvent } from "./vision_event_row.ts";

type Row = Record<string, string | number | null>;

/** A table and how its rows become records. Values come from a database with checked types. */
interface Table {
  readonly sql: string;
  readonly toRecord: (row: Row) => object[];
}

const TABLES: readonly Table[] = [
  {
    sql: `select * from cameras order by camera_id`,
    toRecord: ({ lat, lon, first_seen_ms: atMs, camera_id: cameraId, name, source }) => {
      const geoLocation = lat === null ? null : { lat, lon } as GeoLocation;
      return [{ type: "camera", cameraId, name, source, geoLocation, atMs }];
    },
  },
  {
    sql: `select * from runs order by camera_id, run`,
    toRecord: (row) => {
      const { camera_id: cameraId, run, codec, width, height, timescale } = row;
      const { ended_ms: atMs, end_cause: cause, shift_ms: shiftMs } = row;
      return [
        { type: "run-start", cameraId, run, codec, width, height, timescale, closed: [] },
        ...(atMs === null ? [] : [{ type: "run-end", cameraId, run, atMs, cause }]),
        ...(shiftMs === 0 ? [] : [{ type: "run-shift", cameraId, run, shiftMs }]),
      ];
    },
  },
  {
    sql: `select * from batches where batch_id > ? order by batch_id`,
    toRecord: (row) => [{
      type: "batch",
      cameraId: row.camera_id,
      run: row.run,
      startingFrameId: row.starting_frame_id,
      endingFrameId: row.ending_frame_id,
      startMs: Number(row.start_ms) - Number(row.shift_ms),
      endMs: Number(row.end_ms) - Number(row.shift_ms),
      frameCount: row.frame_count,
      recordingPath: row.recording_path,
      recordingBytes: row.recording_bytes,
      framesPath: row.frames_path,
      framesOffset: row.frames_offset,
      framesBytes: row.frames_bytes,
      recordingSha256: row.recording_sha256,
      framesSha256: row.frames_sha256,
      stillsBytes: row.stills_bytes,
      batchId: row.batch_id,
      previousChain: row.previous_chain,
      chain: row.chain,
    }],
  },
  {
    sql: `select * from events order by event_id`,
    toRecord: ({ camera_id: cameraId, at_ms: atMs, until_ms: untilMs, kind, cause, detail }) => [
      { type: "event", cameraId, atMs, untilMs, kind, cause, detail },
    ],
  },
  {
    sql: `select * from repairs order by repair_id`,
    toRecord: ({ camera_id: cameraId, at_ms: atMs, kind, path, detail }) => [
      { type: "repair", cameraId, atMs, kind, path, detail },
    ],
  },
  {
    sql: `select * from vision_events order by start_ms, event_id`,
    toRecord: (row) => [{ type: "vision-event", ...toVisionEvent(row, "as written") }],
  },
];

/** What takes the place of lines of which only the last counts. */
const SUMMARIES: readonly Table[] = [
  {
    // What deletions left of themselves, as deletions of nothing that is there.
    sql: `select camera_id, newest_frame_id, newest_batch_id, chain,
        (select json_group_array(json_object('previousChain', b.previous_chain, 'chain', b.chain))
         from chain_breaks b where b.camera_id = t.camera_id) breaks,
        (select json_group_array(r.path) from removals r where r.camera_id = t.camera_id) files
      from tallies t order by camera_id`,
    toRecord: (
      { camera_id: cameraId, newest_frame_id: frameId, newest_batch_id: batchId, ...row },
    ) => [
      {
        type: "deletion",
        cameraId,
        atMs: 0,
        cause: "age",
        batchIds: [],
        files: JSON.parse(String(row.files)),
        breaks: JSON.parse(String(row.breaks)),
        newest: { frameId, batchId, chain: row.chain },
      },
    ],
  },
  {
    // The newest of each kind; how many there were is not in the ledger then.
    sql: `select * from checks order by camera_id, kind`,
    toRecord: ({ camera_id: cameraId, kind, at_ms: atMs, ok, detail, failed_ms, failure }) => [
      ...(failed_ms === null
        ? []
        : [{ type: "check", cameraId, kind, atMs: failed_ms, ok: false, detail: failure }]),
      ...(ok === 0 ? [] : [{ type: "check", cameraId, kind, atMs, ok: true, detail }]),
    ],
  },
];

/**
 * Row by row: a year of batches does not fit into memory well.
 *
 * @param afterBatchId Of the batches, only those with a higher id; all else is whole.
 */
export function* everyRecord(
  database: DatabaseSync,
  afterBatchId = 0,
): Generator<LedgerRecord> {
  yield* recordsOf(database, [...TABLES, ...SUMMARIES], afterBatchId);
}

/** What deletions left of themselves, and the newest test of each kind. */
export function summaryRecords(database: DatabaseSync): Generator<LedgerRecord> {
  return recordsOf(database, SUMMARIES, 0);
}

function* recordsOf(
  database: DatabaseSync,
  tables: readonly Table[],
  afterBatchId: number,
): Generator<LedgerRecord> {
  for (const { sql, toRecord } of tables) {
    const values = sql.includes("?") ? [afterBatchId] : [];
    for (const row of database.prepare(sql).iterate(...values) as Iterable<Row>) {
      yield* toRecord(row) as LedgerRecord[];
    }
  }
}
