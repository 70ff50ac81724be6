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
];
