/**
 * The shape of the database, as numbered migrations. A migration that has been
 * released is never changed; a new shape is a new number.
 *
 * The database is an index: everything in it can be found again in the
 * recording files and the JSON logs (docs/design/storage.md).
 *
 * @module
 */

/** SQL of each migration; the first one takes the database from version 0 to 1. */
export const MIGRATIONS: readonly string[] = [
  `
-- A camera as it was last set up. The source is kept without its password.
create table cameras (
  camera_id     text primary key,
  name          text not null,
  source        text not null,
  lat           real,
  lon           real,
  first_seen_ms integer not null
) strict;

-- An unbroken stream of one camera. "run" is the wall time at which it began.
-- ended_ms is null while it is being recorded, and after a crash.
create table runs (
  camera_id text    not null,
  run       integer not null,
  codec     text    not null,
  width     integer not null,
  height    integer not null,
  timescale integer not null check (timescale > 0),
  ended_ms  integer,
  end_cause text,
  primary key (camera_id, run)
) strict, without rowid;

-- One closed batch: one recording file, never changed once written. A row
-- appears only after its file and its part of the JSON log are whole and synced.
create table batches (
  batch_id          integer primary key autoincrement,
  camera_id         text    not null,
  run               integer not null,
  starting_frame_id integer not null check (starting_frame_id > 0),
  ending_frame_id   integer not null check (ending_frame_id >= starting_frame_id),

  -- ISO 8601 in UTC: the first frame's wall time, the same instant as start_ms.
  timestamp         text    not null,

  -- Wall time of the first frame and of the end of the last one (excluded), in
  -- whole milliseconds since 1970-01-01T00:00:00Z.
  start_ms          integer not null,
  end_ms            integer not null check (end_ms >= start_ms),

  frame_count       integer not null check (frame_count = ending_frame_id - starting_frame_id + 1),

  -- Paths are relative to the storage root.
  recording_path    text    not null unique,
  recording_bytes   integer not null check (recording_bytes > 0),

  -- Where the batch's frames lie in the JSON log, in bytes.
  frames_path       text    not null,
  frames_offset     integer not null check (frames_offset >= 0),
  frames_bytes      integer not null check (frames_bytes > 0),

  unique (camera_id, starting_frame_id)
) strict;

-- A window is found from its end: the first batch that ends after the window's start.
create index batches_by_end on batches (camera_id, end_ms, start_ms);

-- What was observed of a camera that explains footage or its absence.
create table events (
  event_id  integer primary key autoincrement,
  camera_id text    not null,
  at_ms     integer not null,
  kind      text    not null,
  cause     text,
  detail    text    not null
) strict;

create index events_by_time on events (camera_id, at_ms);
`,
  `
-- SHA-256 in lower-case hex; null for batches of a version that did not hash.
-- "chain" covers the row's claims and the chain value of the batch committed
-- before it (model/batch.ts).
alter table batches add column recording_sha256 text;
alter table batches add column frames_sha256 text;
alter table batches add column previous_chain text;
alter table batches add column chain text;

-- Stills written since the batch before was closed.
alter table batches add column stills_bytes integer not null default 0;

-- How far the wall clock was off: start_ms and end_ms have it in them, files have not.
alter table batches add column shift_ms integer not null default 0;
alter table runs add column shift_ms integer not null default 0;

-- End of what was observed, where it is a stretch of time; excluded.
alter table events add column until_ms integer;

-- A camera sends again what a failed writer did not answer.
delete from events where event_id not in
  (select min(event_id) from events group by camera_id, at_ms, kind, detail);
create unique index events_once on events (camera_id, at_ms, kind, detail);

-- Sums over a camera's batches, kept true by the triggers below: a year of
-- batches is never counted again. newest_frame_id and chain stay when batches go;
-- log_bytes falls when a log file goes, which is later than its batches.
create table tallies (
  camera_id       text    primary key,
  batches         integer not null,
  frames          integer not null,
  recording_bytes integer not null,
  stills_bytes    integer not null,
  log_bytes       integer not null,
  newest_frame_id integer not null,
  newest_batch_id integer not null,
  chain           text
) strict;

insert into tallies
  select camera_id, count(*), sum(frame_count), sum(recording_bytes), 0, sum(frames_bytes),
    max(ending_frame_id), max(batch_id), null
  from batches group by camera_id;

create trigger batches_counted after insert on batches begin
  insert into tallies values (new.camera_id, 1, new.frame_count, new.recording_bytes,
    new.stills_bytes, new.frames_bytes, new.ending_frame_id, new.batch_id, new.chain)
  on conflict (camera_id) do update set
    batches = batches + 1,
    frames = frames + excluded.frames,
    recording_bytes = recording_bytes + excluded.recording_bytes,
    stills_bytes = stills_bytes + excluded.stills_bytes,
    log_bytes = log_bytes + excluded.log_bytes,
    newest_frame_id = max(newest_frame_id, excluded.newest_frame_id),
    chain = iif(excluded.newest_batch_id > newest_batch_id, excluded.chain, chain),
    newest_batch_id = max(newest_batch_id, excluded.newest_batch_id);
end;

create trigger batches_discounted after delete on batches begin
  update tallies set
    batches = batches - 1,
    frames = frames - old.frame_count,
    recording_bytes = recording_bytes - old.recording_bytes,
    stills_bytes = stills_bytes - old.stills_bytes
  where camera_id = old.camera_id;
end;

-- Deletions take the oldest batch first, and tidy up a log with its last batch.
create index batches_by_log on batches (frames_path);

-- What deletions took out of a camera's chain: one row for each unbroken piece.
create table chain_breaks (
  camera_id      text not null,
  previous_chain text not null,
  chain          text not null,
  primary key (camera_id, previous_chain)
) strict, without rowid;

-- Files whose rows are gone and which go next; empty but for moments and after a crash.
create table removals (
  path      text primary key,
  camera_id text not null
) strict, without rowid;

-- What a crash had left, and what was done about it.
create table repairs (
  repair_id integer primary key autoincrement,
  camera_id text    not null,
  at_ms     integer not null,
  kind      text    not null,
  path      text    not null,
  detail    text    not null,
  unique (camera_id, at_ms, kind, path)
) strict;

-- The newest result of each kind of test of the footage, and how many there were.
create table checks (
  camera_id text    not null,
  kind      text    not null,
  at_ms     integer not null,
  ok        integer not null,
  detail    text    not null,
  done      integer not null,
  failed    integer not null,
  -- The newest failure; null when there was none.
  failed_ms integer,
  failure   text,
  primary key (camera_id, kind)
) strict, without rowid;

-- Single values: "ledger_sequence" is the number of the newest line of the
-- ledger files that is in the database (store/ledger_files.ts).
create table facts (
  name  text primary key,
  value text not null
) strict, without rowid;
`,
  `
-- What was seen in a camera's pictures: one visit of one thing, or one stretch of
-- movement. Times in start_ms and end_ms have shift_ms in them; those in best_ms and
-- in the JSON texts are as they were written.
create table vision_events (
  event_id   text    primary key,
  camera_id  text    not null,
  kind       text    not null check (kind in ('motion_detected', 'object_detected')),
  -- Null for movement.
  class      text,
  start_ms   integer not null,
  -- Null while it goes on.
  end_ms     integer check (end_ms >= start_ms),
  score      real    not null,

  -- The best picture: when, how sure, where (JSON), and its files relative to the root.
  best_ms    integer not null,
  best_score real    not null,
  best_box   text    not null,
  whole_path text,
  crop_path  text,

  -- JSON lists: where it was when, names of zones, lines that it crossed.
  trace      text    not null,
  zones      text    not null,
  crossings  text    not null,
  shift_ms   integer not null default 0
) strict;

create index vision_events_by_camera on vision_events (camera_id, start_ms, event_id);
create index vision_events_by_end on vision_events (camera_id, end_ms, start_ms);
create index vision_events_by_time on vision_events (start_ms, event_id);
create index vision_events_by_class on vision_events (class, start_ms, event_id);

-- 1 where an event that has ended lies within 5 s of the batch: such footage can be
-- kept for longer. Kept true by the triggers below.
alter table batches add column has_event integer not null default 0;
create index batches_by_event on batches (camera_id, has_event, end_ms, start_ms);

-- An event is a day long at most, a batch two hours: these bound the searches by end.
create trigger batches_seen after insert on batches when exists (
  select 1 from vision_events v where v.camera_id = new.camera_id
    and v.end_ms > new.start_ms - 5000 and v.end_ms < new.end_ms + 86400000
    and v.start_ms < new.end_ms + 5000)
begin
  update batches set has_event = 1 where batch_id = new.batch_id;
end;

create trigger vision_events_added after insert on vision_events when new.end_ms is not null
begin
  update batches set has_event = 1 where camera_id = new.camera_id and has_event = 0
    and end_ms > new.start_ms - 5000 and end_ms < new.end_ms + 7200000
    and start_ms < new.end_ms + 5000;
end;

-- Where a run moves in time, all of it is counted again at once instead.
create trigger vision_events_changed after update of start_ms, end_ms on vision_events
  when old.shift_ms = new.shift_ms
    and (old.start_ms, old.end_ms) is not (new.start_ms, new.end_ms)
begin
  update batches set has_event = exists (
    select 1 from vision_events v where v.camera_id = batches.camera_id
      and v.end_ms > batches.start_ms - 5000 and v.end_ms < batches.end_ms + 86400000
      and v.start_ms < batches.end_ms + 5000)
  where camera_id = old.camera_id and has_event = 1
    and end_ms > old.start_ms - 5000 and end_ms < old.end_ms + 7200000
    and start_ms < old.end_ms + 5000;
  update batches set has_event = 1 where camera_id = new.camera_id and has_event = 0
    and end_ms > new.start_ms - 5000 and end_ms < new.end_ms + 7200000
    and start_ms < new.end_ms + 5000;
end;

create trigger vision_events_removed after delete on vision_events when old.end_ms is not null
begin
  update batches set has_event = exists (
    select 1 from vision_events v where v.camera_id = batches.camera_id
      and v.end_ms > batches.start_ms - 5000 and v.end_ms < batches.end_ms + 86400000
      and v.start_ms < batches.end_ms + 5000)
  where camera_id = old.camera_id and has_event = 1
    and end_ms > old.start_ms - 5000 and end_ms < old.end_ms + 7200000
    and start_ms < old.end_ms + 5000;
end;
`,
];
