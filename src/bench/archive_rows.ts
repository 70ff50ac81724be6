/**
 * Rows of an archive of many cameras, made in SQL in the real schema: as many as a
 * year of recording leaves, in a minute or two.
 *
 * In:   where the archive ends already, how far it shall reach, how long a batch is.
 * Out:  rows in the order in which a writer would have committed them, all cameras
 *       side by side, with tallies, runs and cameras.
 * Not here: the files that rows name (archive_footage.ts).
 *
 * Design: docs/performance.md
 *
 * @module
 */

import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import { DATABASE_PATH, openFileForWriting } from "../store/database.ts";
import { join } from "node:path";
import { CLIP_FPS } from "./clip.ts";

/** Wall time at which every archive begins. */
export const ARCHIVE_START_MS = unixMs(Date.UTC(2026, 0, 1));

export const DAY_MS = 24 * 60 * 60 * 1_000;

export type ArchiveDatabase = ReturnType<typeof openFileForWriting>;

/** Batches of one length, one behind the other, of every camera. */
export interface ArchiveStretch {
  readonly cameras: number;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly batchMs: number;
}

/** Bytes that a row says of a second of footage: 4 Mbit/s, and frames of 310 bytes each. */
const RECORDED_BYTES_PER_SECOND = 500_000;
const LOGGED_BYTES_PER_SECOND = 7_750;

/** What would be kept true row by row, and is made in one go behind the rows. */
const MADE_AFTERWARDS = [
  ...["batches_by_end", "batches_by_log", "batches_by_event"],
  ...["batches_counted", "batches_seen"],
];

/** Id of a camera of an archive; the first one has number 1. */
export function archiveCamera(number: number): string {
  return `camera${number}`;
}

/** Id of the first frame of a batch: frames have come without a break since the start. */
export function firstFrameAt(startMs: UnixMs): number {
  return (startMs - ARCHIVE_START_MS) / 1_000 * CLIP_FPS + 1;
}

/** Makes the database, or opens it; fast, and lost in a power cut. */
export function openArchive(root: string, path = join(root, DATABASE_PATH)): ArchiveDatabase {
  const database = openFileForWriting(path);
  // In kB: indexes of millions of rows are sorted in memory.
  database.exec("pragma synchronous = off; pragma cache_size = -500000");
  return database;
}

/** Cameras with one run each, which has gone on ever since. */
export function addCameras(database: ArchiveDatabase, cameras: number): void {
  const camera = database.prepare("insert into cameras values (?, ?, 'test', 12.97, 77.59, ?)");
  const run = database.prepare(
    "insert into runs values (?, ?, 'avc1', 1920, 1080, 12800, null, null, 0)",
  );
  for (let number = 1; number <= cameras; number += 1) {
    camera.run(archiveCamera(number), `Camera ${number}`, ARCHIVE_START_MS);
    run.run(archiveCamera(number), ARCHIVE_START_MS);
  }
}

/**
 * Adds a stretch behind what there is.
 *
 * @returns How many rows it has.
 */
export function addStretch(database: ArchiveDatabase, stretch: ArchiveStretch): number {
  const { cameras, fromMs, toMs, batchMs } = stretch;
  const perCamera = Math.round((toMs - fromMs) / batchMs);
  const made = database.prepare(
    `select type, name, sql from sqlite_master where name in ('${MADE_AFTERWARDS.join("','")}')`,
  ).all() as { type: string; name: string; sql: string }[];
  // Without a journal: nobody reads yet, and what a crash leaves is thrown away.
  database.exec("pragma journal_mode = off; begin");
  for (const { type, name } of made) database.exec(`drop ${type} ${name}`);
  database.exec(rowsSql(stretch, perCamera));
  addTallies(database, stretch, perCamera);
  for (const { sql } of made) database.exec(sql);
  database.exec("commit; pragma journal_mode = wal");
  return perCamera * cameras;
}

/** Recording and log are named as model/paths.ts names them. */
function rowsSql({ cameras, fromMs, batchMs }: ArchiveStretch, perCamera: number): string {
  const [seconds, batchSeconds] = [fromMs / 1_000, batchMs / 1_000];
  const frames = batchSeconds * CLIP_FPS;
  const firstFrame = firstFrameAt(fromMs);
  const ids = Array.from({ length: cameras }, (_, index) => `('${archiveCamera(index + 1)}')`);
  return `
  with recursive
    counted(n) as (select 0 union all select n + 1 from counted where n < ${perCamera - 1}),
    timed as materialized (select n, ${seconds} + n * ${batchSeconds} at,
      strftime('%Y-%m-%d/%H', ${seconds} + n * ${batchSeconds}, 'unixepoch') hour,
      strftime('%M%S', ${seconds} + n * ${batchSeconds}, 'unixepoch') within,
      printf('%064x', ${seconds} + n * ${batchSeconds}) chain,
      printf('%064x', ${seconds} + (n - 1) * ${batchSeconds}) previous from counted),
    named(camera) as materialized (values ${ids.join(",")})
  insert into batches (camera_id, run, starting_frame_id, ending_frame_id, timestamp, start_ms,
    end_ms, frame_count, recording_path, recording_bytes, frames_path, frames_offset, frames_bytes,
    recording_sha256, frames_sha256, previous_chain, chain, stills_bytes)
  select camera, ${ARCHIVE_START_MS}, ${firstFrame} + n * ${frames},
    ${firstFrame} + n * ${frames} + ${frames - 1},
    substr(hour, 1, 10) || 'T' || substr(hour, 12) || ':' || substr(within, 1, 2) || ':' ||
      substr(within, 3) || '.000Z',
    at * 1000, (at + ${batchSeconds}) * 1000, ${frames},
    'data/recordings/' || camera || '/' || hour || '/' || within || '00.mp4',
    ${batchSeconds * RECORDED_BYTES_PER_SECOND},
    'data/frames/' || camera || '/' || hour || '.jsonl',
    at % 3600 * ${LOGGED_BYTES_PER_SECOND}, ${batchSeconds * LOGGED_BYTES_PER_SECOND},
    chain, chain, previous, chain, ${batchSeconds * 10_000}
  from timed cross join named`;
}

/** What the trigger would have added up, known beforehand. */
function addTallies(
  database: ArchiveDatabase,
  { cameras, toMs, batchMs }: ArchiveStretch,
  perCamera: number,
): void {
  const seconds = perCamera * batchMs / 1_000;
  const chain = ((toMs - batchMs) / 1_000).toString(16).padStart(64, "0");
  const { id } = database.prepare("select max(batch_id) id from batches").get() as { id: number };
  const add = database.prepare(`
    insert into tallies values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (camera_id) do update set
      batches = batches + excluded.batches, frames = frames + excluded.frames,
      recording_bytes = recording_bytes + excluded.recording_bytes,
      stills_bytes = stills_bytes + excluded.stills_bytes,
      log_bytes = log_bytes + excluded.log_bytes, newest_frame_id = excluded.newest_frame_id,
      newest_batch_id = excluded.newest_batch_id, chain = excluded.chain`);
  for (let number = 1; number <= cameras; number += 1) {
    add.run(
      archiveCamera(number),
      perCamera,
      seconds * CLIP_FPS,
      seconds * RECORDED_BYTES_PER_SECOND,
      seconds * 10_000,
      seconds * LOGGED_BYTES_PER_SECOND,
      firstFrameAt(toMs) - 1,
      id - cameras + number,
      chain,
    );
  }
}

/** A stretch in words, for people. */
export function stretchText({ cameras, fromMs, toMs, batchMs }: ArchiveStretch): string {
  const days = (toMs - fromMs) / DAY_MS;
  const span = `${isoUtc(fromMs).slice(0, 10)} for ${days === 1 ? "1 day" : `${days} days`}`;
  return `${cameras} cameras from ${span} in batches of ${batchMs / 1_000} s`;
}
