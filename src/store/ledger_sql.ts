/**
 * The statements that put ledger entries into their tables.
 *
 * A camera sends again what a failed writer did not answer, and ledger files are
 * read again after a crash: what is known already is not a mistake, and changes nothing.
 *
 * @module
 */

export const LEDGER_SQL = {
  "camera": `
    insert into cameras (camera_id, name, source, lat, lon, first_seen_ms)
    values (?, ?, ?, ?, ?, ?)
    on conflict (camera_id) do update set
      name = excluded.name, source = excluded.source, lat = excluded.lat, lon = excluded.lon
    where (name, source, ifnull(lat, 999), ifnull(lon, 999)) is not
      (excluded.name, excluded.source, ifnull(excluded.lat, 999), ifnull(excluded.lon, 999))`,
  "run-start": `
    insert into runs (camera_id, run, codec, width, height, timescale) values (?, ?, ?, ?, ?, ?)
    on conflict (camera_id, run) do nothing`,
  // A run that a crash cut off ends where its last batch ends.
  "close-runs": `
    update runs set end_cause = 'restart', ended_ms = coalesce(
      (select max(b.end_ms) from batches b
       where b.camera_id = runs.camera_id and b.run = runs.run), run)
    where camera_id = ? and run < ? and ended_ms is null returning run, ended_ms`,
  "run-end": `
    update runs set ended_ms = ?1, end_cause = ?2
    where camera_id = ?3 and run = ?4 and (ended_ms is not ?1 or end_cause is not ?2)`,
  "batch": `
    insert into batches (batch_id, camera_id, run, starting_frame_id, ending_frame_id, timestamp,
      start_ms, end_ms, frame_count, recording_path, recording_bytes,
      frames_path, frames_offset, frames_bytes,
      recording_sha256, frames_sha256, previous_chain, chain, stills_bytes, shift_ms)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (recording_path) do nothing returning batch_id`,
  "chain": `select chain from tallies where camera_id = ?`,
  "event": `
    insert into events (camera_id, at_ms, until_ms, kind, cause, detail) values (?, ?, ?, ?, ?, ?)
    on conflict do nothing`,
  "run-shift-of": `select shift_ms from runs where camera_id = ? and run = ?`,
  "run-shift": `update runs set shift_ms = ? where camera_id = ? and run = ? and shift_ms <> ?`,
  "shift-batches": `
    update batches set
      timestamp = strftime('%Y-%m-%dT%H:%M:%fZ', (start_ms + ? - shift_ms) / 1000.0, 'unixepoch'),
      start_ms = start_ms + ? - shift_ms, end_ms = end_ms + ? - shift_ms, shift_ms = ?
    where camera_id = ? and run = ?`,
  "delete": `
    delete from batches where batch_id = ? and camera_id = ? returning previous_chain, chain`,
  "break-before": `
    select previous_chain from chain_breaks where camera_id = ? and chain = ?`,
  "break-after": `
    select chain from chain_breaks where camera_id = ? and previous_chain = ?`,
  "add-break": `
    insert into chain_breaks (camera_id, previous_chain, chain) values (?, ?, ?)
    on conflict (camera_id, previous_chain) do update set chain = excluded.chain`,
  "drop-break": `delete from chain_breaks where camera_id = ? and previous_chain = ?`,
  "to-remove": `
    insert into removals (path, camera_id) values (?, ?) on conflict (path) do nothing`,
  "newest": `
    select newest_frame_id, newest_batch_id, chain from tallies where camera_id = ?`,
  // Its batches may be in no ledger file any more.
  "keep-newest": `
    insert into tallies (camera_id, batches, frames, recording_bytes, stills_bytes, log_bytes,
      newest_frame_id, newest_batch_id, chain)
    values (?, 0, 0, 0, 0, 0, ?, ?, ?)
    on conflict (camera_id) do update set
      newest_frame_id = max(newest_frame_id, excluded.newest_frame_id),
      chain = iif(excluded.newest_batch_id > newest_batch_id, excluded.chain, chain),
      newest_batch_id = max(newest_batch_id, excluded.newest_batch_id)`,
  "begin-ids": `
    insert into sqlite_sequence (name, seq)
    select 'batches', 0 where not exists (select 1 from sqlite_sequence where name = 'batches')`,
  "keep-ids": `update sqlite_sequence set seq = max(seq, ?) where name = 'batches'`,
  "removed": `delete from removals where path = ?`,
  "log-removed": `update tallies set log_bytes = max(0, log_bytes - ?) where camera_id = ?`,
  "repair": `
    insert into repairs (camera_id, at_ms, kind, path, detail) values (?, ?, ?, ?, ?)
    on conflict do nothing`,
  "check": `
    insert into checks (camera_id, kind, at_ms, ok, detail, done, failed, failed_ms, failure)
    values (?, ?, ?, ?, ?, 1, ?, ?, ?)
    on conflict (camera_id, kind) do update set
      at_ms = excluded.at_ms, ok = excluded.ok, detail = excluded.detail,
      done = done + 1, failed = failed + excluded.failed,
      failed_ms = coalesce(excluded.failed_ms, failed_ms),
      failure = coalesce(excluded.failure, failure)
    where (at_ms, ok, detail) is not (excluded.at_ms, excluded.ok, excluded.detail)`,
  "newest-batch": `select max(batch_id) id from batches`,
  "sequence": `select value from facts where name = 'ledger_sequence'`,
  "set-sequence": `
    insert into facts (name, value) values ('ledger_sequence', ?)
    on conflict (name) do update set value = excluded.value`,
  "oldest": `
    select min((select b.start_ms - b.shift_ms from batches b where b.camera_id = t.camera_id
      order by b.end_ms limit 1)) ms from tallies t`,
  // Batches by their written start; those of a shifted run lie elsewhere in the index.
  "any-from": `
    select 1 from (select camera_id, run, shift_ms from runs where shift_ms <> 0
      union all select camera_id, null, 0 from tallies) r
    join batches b on b.camera_id = r.camera_id
      and b.end_ms > ?1 + r.shift_ms and b.start_ms < ?2 + r.shift_ms
    where b.start_ms - b.shift_ms >= ?1 and b.start_ms - b.shift_ms < ?2 limit 1`,
} as const;
