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
  "shift-at": `
    select shift_ms from runs where camera_id = ? and run <= ? order by run desc limit 1`,
  "vision-event": `
    insert into vision_events (event_id, camera_id, kind, class, start_ms, end_ms, score,
      best_ms, best_score, best_box, whole_path, crop_path, trace, zones, crossings, shift_ms)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (event_id) do update set
      class = excluded.class, start_ms = excluded.start_ms, end_ms = excluded.end_ms,
      score = excluded.score, best_ms = excluded.best_ms, best_score = excluded.best_score,
      best_box = excluded.best_box, whole_path = excluded.whole_path,
      crop_path = excluded.crop_path, trace = excluded.trace, zones = excluded.zones,
      crossings = excluded.crossings
    where (vision_events.end_ms is null or excluded.end_ms is not null)
      and (vision_events.class, vision_events.start_ms, vision_events.end_ms,
        vision_events.score, best_ms, best_score, best_box, whole_path, crop_path, trace,
        zones, crossings) is not
      (excluded.class, excluded.start_ms, excluded.end_ms, excluded.score, excluded.best_ms,
        excluded.best_score, excluded.best_box, excluded.whole_path, excluded.crop_path,
        excluded.trace, excluded.zones, excluded.crossings)`,
  "delete-vision-event": `delete from vision_events where event_id = ? and camera_id = ?`,
  "vision-event-end": `select end_ms from vision_events where event_id = ?`,
  // Events of a run: those that were written as beginning in it, and before the next one.
  "shift-vision-events": `
    update vision_events set
      start_ms = start_ms + ?1 - shift_ms, end_ms = end_ms + ?1 - shift_ms, shift_ms = ?1
    where camera_id = ?2 and start_ms - shift_ms >= ?3 and start_ms - shift_ms < ifnull(
      (select min(run) from runs where camera_id = ?2 and run > ?3), 9223372036854775807)`,
  // A run that moved in time left some events, or batches, and came to lie beside others.
  "recount-seen": `
    with moved as materialized (
      select min(start_ms) - 5000 from_ms, max(end_ms) + 5000 to_ms from vision_events
      where camera_id = ?1 and start_ms - shift_ms >= ?2 and start_ms - shift_ms < ifnull(
        (select min(run) from runs where camera_id = ?1 and run > ?2), 9223372036854775807))
    update batches set has_event = 1 - has_event
    where camera_id = ?1 and (run = ?2 or has_event = 1
        or end_ms > (select from_ms from moved) and start_ms < (select to_ms from moved))
      and has_event <> exists (
        select 1 from vision_events v where v.camera_id = batches.camera_id
          and v.end_ms > batches.start_ms - 5000 and v.end_ms < batches.end_ms + 86400000
          and v.start_ms < batches.end_ms + 5000)`,
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
