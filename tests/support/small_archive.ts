/**
 * A storage root with a real database and small files: recordings of a few bytes,
 * frame logs with real lines, stills. As recording leaves them, in seconds less.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import { type Frame, frameLineWriter } from "../../src/model/frame.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { frameLogPath, recordingPath, stillPath } from "../../src/model/paths.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { RetentionReader } from "../../src/store/retention_reader.ts";
import { filesBelow } from "./archive.ts";
import { batchEntry, cameraEntry, runStartEntry } from "./ledger_entries.ts";
import { tempFolder } from "./temp_folder.ts";

const FPS = 2;

/** One still a second, on the second. */
const STILLS_EVERY_MS = 1_000;

export interface SmallArchive extends AsyncDisposable {
  readonly root: string;
  /** Every entry that was committed, in order. */
  readonly sent: readonly LedgerEntry[];
  /** Commits an entry, as the writer does. */
  readonly send: (entry: LedgerEntry) => Promise<void>;
  openIndex(): RetentionReader;
  /** Records a batch of a camera that begins at an instant. */
  record(cameraId: string, startMs: UnixMs, changes?: RecordedChanges): Promise<RecordedBatch>;
  /** All files but those of the database and the ledger, relative to the root. */
  footage(): Promise<string[]>;
  rows(sql: string): Record<string, unknown>[];
}

export interface RecordedChanges {
  readonly lengthMs?: number;
  readonly recordingBytes?: number;
}

export interface RecordedBatch {
  readonly recordingPath: string;
  readonly framesPath: string;
  readonly stills: readonly string[];
}

export async function smallArchive(): Promise<SmallArchive> {
  const folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(join(root, "data"));
  const database = openForWriting(root);
  const writer = new LedgerWriter(database);
  const sent: LedgerEntry[] = [];
  const cameras = new Map<string, { nextFrameId: number; stills: Set<string> }>();
  const commit = (entry: LedgerEntry) => {
    const refused = writer.commit([entry]);
    if (refused.length > 0) throw new Error(`Refused: ${refused[0]!.reason}`);
    sent.push(entry);
  };
  return {
    root,
    sent,
    // deno-lint-ignore require-await -- the writer is another thread, and takes its time
    send: async (entry) => commit(entry),
    openIndex: () => new RetentionReader(root),
    rows: (sql) => database.prepare(sql).all().map((row) => ({ ...row })),
    async record(cameraId, startMs, changes = {}) {
      let camera = cameras.get(cameraId);
      if (camera === undefined) {
        camera = { nextFrameId: 1, stills: new Set() };
        cameras.set(cameraId, camera);
        commit(cameraEntry(cameraId));
        commit(runStartEntry(cameraId));
      }
      const { lengthMs = 10_000, recordingBytes = 1_000 } = changes;
      const frames = framesOf(cameraId, { startMs, lengthMs, firstId: camera.nextFrameId });
      const log = await appendFrames(root, cameraId, frames);
      const stills = [...new Set(frames.map(({ imagePath }) => imagePath!))];
      const added = stills.filter((path) => !camera.stills.has(path));
      for (const path of added) await put(join(root, path), 10);
      for (const path of added) camera.stills.add(path);
      const recording = recordingPath(cameraId, startMs);
      await put(join(root, recording), recordingBytes);
      commit(batchEntry(0, {
        cameraId,
        startingFrameId: camera.nextFrameId,
        endingFrameId: frames.at(-1)!.frameId,
        frameCount: frames.length,
        startMs,
        endMs: unixMs(startMs + lengthMs),
        recordingPath: recording,
        recordingBytes,
        ...log,
        stillsBytes: added.length * 10,
      }));
      camera.nextFrameId += frames.length;
      return { recordingPath: recording, framesPath: log.framesPath, stills };
    },
    async footage() {
      const paths = (await filesBelow(root)).map((path) => path.slice(root.length + 1));
      return paths.filter((path) => /^(?:frames|data\/(?:recordings|frames))\//.test(path));
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function framesOf(
  cameraId: string,
  batch: { readonly startMs: UnixMs; readonly lengthMs: number; readonly firstId: number },
): Frame[] {
  const stepMs = 1_000 / FPS;
  return Array.from({ length: batch.lengthMs / stepMs }, (_, index) => {
    const atMs = unixMs(batch.startMs + index * stepMs);
    const slotMs = unixMs(Math.floor(atMs / STILLS_EVERY_MS) * STILLS_EVERY_MS);
    return {
      frameId: batch.firstId + index,
      atMs,
      imagePath: stillPath(cameraId, slotMs),
      isKey: index === 0,
      sizeBytes: 100,
      pts: index * 45_000,
      duration: 45_000,
    };
  });
}

/** Appends the frames' lines to their log. */
async function appendFrames(
  root: string,
  cameraId: string,
  frames: readonly Frame[],
): Promise<{ framesPath: string; framesOffset: number; framesBytes: number }> {
  const path = frameLogPath(cameraId, frames[0]!.atMs);
  const full = join(root, path);
  const write = frameLineWriter({
    cameraId,
    geoLocation: null,
    run: frames[0]!.atMs,
    timescale: 90_000,
  });
  const text = frames.map(write).join("");
  await Deno.mkdir(dirname(full), { recursive: true });
  const offset = await Deno.stat(full).then(({ size }) => size, () => 0);
  await Deno.writeTextFile(full, text, { append: true });
  return { framesPath: path, framesOffset: offset, framesBytes: text.length };
}

async function put(path: string, bytes: number): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, new Uint8Array(bytes));
}
