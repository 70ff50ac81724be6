/**
 * Everything that the database knows, as records for ledger files: for a storage
 * root whose ledger is missing, because an older version recorded it.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { GeoLocation } from "../model/camera.ts";
import type { LedgerRecord } from "./ledger_line.ts";

type Row = Record<string, string | number | null>;

/** Tables and how their rows become records. Values come from a database with checked types. */
const TABLES: readonly { readonly sql: string; readonly toRecord: (row: Row) => object[] }[] = [
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
        { type: "run-start", cameraId, run, codec, width, height, timescale },
        ...(atMs === null ? [] : [{ type: "run-end", cameraId, run, atMs, cause }]),
        ...(shiftMs === 0 ? [] : [{ type: "run-shift", cameraId, run, shiftMs }]),
      ];
    },
  },
  {
    sql: `select * from batches order by batch_id`,
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
];

export function everyRecord(database: DatabaseSync): LedgerRecord[] {
  return TABLES.flatMap(({ sql, toRecord }) =>
    (database.prepare(sql).all() as Row[]).flatMap(toRecord)
  ) as LedgerRecord[];
}
