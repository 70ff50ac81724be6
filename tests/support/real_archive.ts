/**
 * A storage root with a real database, real recordings that play, sealed and
 * hashed, and the frame log that belongs to them. As recording leaves them,
 * without the waiting.
 *
 * @module
 */

import { join } from "node:path";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import { BatchFile } from "../../src/capture/batch_file.ts";
import { FrameLogPart } from "../../src/capture/frame_log.ts";
import type { Fragment, StreamStart } from "../../src/media/fragment_stream.ts";
import type { RecordingLabel } from "../../src/media/recording_label.ts";
import type { Batch } from "../../src/model/batch.ts";
import type { BatchEntry, LedgerEntry } from "../../src/model/ledger.ts";
import { frameLogPath, recordingPath } from "../../src/model/paths.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { Reader } from "../../src/store/reader.ts";
import { recordedFrames } from "../../src/upkeep/recorded_frames.ts";
import { scanRecording } from "../../src/upkeep/recording_scan.ts";
import { type ClipOptions, makeClip } from "./clips.ts";
import { at, cameraEntry, runStartEntry } from "./ledger_entries.ts";
import { readStream, recordFile } from "./recorder_stream.ts";
import { tempFolder } from "./temp_folder.ts";

export interface RealArchive extends AsyncDisposable {
  readonly root: string;
  /** Commits entries, as the writer does. */
  commit(entries: readonly LedgerEntry[]): void;
  /** Changes the database behind the product's back. */
  alter(sql: string): void;
  rows(sql: string): Record<string, unknown>[];
  /** All rows of a camera, in the order in which they were committed. */
  batches(cameraId?: string): Batch[];
}

export interface RealArchiveOptions {
  readonly cameraIds?: readonly string[];
  /** Batches begin at each key frame of the clip. */
  readonly clip?: ClipOptions;
  /** Wall time of the first frame. */
  readonly startMs?: UnixMs;
}

const SMALL_CLIP: ClipOptions = { seconds: 3, size: "128x72", bframes: 2, gop: 25 };

export async function realArchive(options: RealArchiveOptions = {}): Promise<RealArchive> {
  const { cameraIds = ["front"], clip = SMALL_CLIP, startMs = at(0) } = options;
  const folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(join(root, "data"));
  const { start, fragments } = readStream(
    await recordFile(await makeClip(join(root, "clip.mp4"), clip)),
  );
  const database = openForWriting(root);
  const writer = new LedgerWriter(database);
  const commit = (entries: readonly LedgerEntry[]) => {
    const [refused] = writer.commit(entries);
    if (refused !== undefined) throw new Error(`Refused: ${refused.reason}`);
  };
  for (const cameraId of cameraIds) {
    commit([cameraEntry(cameraId), runStartEntry(cameraId, startMs)]);
    let startingFrameId = 1;
    for (const group of groupsOf(fragments)) {
      const entry = await recordBatch(root, {
        label: {
          cameraId,
          run: startMs,
          startingFrameId,
          originMs: startMs,
          geoLocation: { lat: 12.9716, lon: 77.5946 },
          stillsEveryMs: 1_000,
        },
        start,
        fragments: group,
      });
      commit([entry]);
      startingFrameId = entry.endingFrameId + 1;
    }
  }
  return {
    root,
    commit,
    alter: (sql) => database.exec(sql),
    rows: (sql) => database.prepare(sql).all().map((row) => ({ ...row })),
    batches(cameraId = cameraIds[0]!) {
      using reader = new Reader(root);
      return reader.batchesAfterId(cameraId, 0, 10_000);
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Fragments from key frame to key frame. */
function groupsOf(fragments: readonly Fragment[]): Fragment[][] {
  const groups: Fragment[][] = [];
  for (const fragment of fragments) {
    if (fragment.samples.video[0]?.isKey || groups.length === 0) groups.push([]);
    groups.at(-1)!.push(fragment);
  }
  return groups;
}

async function recordBatch(
  root: string,
  batch: {
    readonly label: RecordingLabel;
    readonly start: StreamStart;
    readonly fragments: readonly Fragment[];
  },
): Promise<BatchEntry> {
  const { label, start: { ftyp, moov, init }, fragments } = batch;
  const first = fragments[0]!.samples.video[0]!;
  const beginsMs = unixMs(label.originMs + Math.round(first.pts * 1_000 / init.video.timescale));
  const path = recordingPath(label.cameraId, beginsMs);
  const file = await BatchFile.create({ root, path }, { initSegment: [ftyp, moov], label });
  for (const { bytes } of fragments) await file.append(bytes);
  const recordingSha256 = await file.finish();
  const scan = scanRecording(join(root, file.path));
  const samples = scan.fragments.flatMap(({ video }) => video);
  const { frames, lines, endMs } = recordedFrames({ label, init }, samples);
  const log = await FrameLogPart.open(root, frameLogPath(label.cameraId, frames[0]!.atMs));
  await log.append(lines.join(""));
  const framesSha256 = await log.finish();
  return {
    type: "batch",
    cameraId: label.cameraId,
    run: label.run,
    startingFrameId: label.startingFrameId,
    endingFrameId: frames.at(-1)!.frameId,
    startMs: frames[0]!.atMs,
    endMs,
    frameCount: frames.length,
    recordingPath: file.path,
    recordingBytes: file.sizeBytes,
    framesPath: log.path,
    framesOffset: log.offset,
    framesBytes: log.sizeBytes,
    recordingSha256,
    framesSha256,
    stillsBytes: 0,
  };
}

/** Changes one byte of a file; doing it again changes it back. */
export async function flipByte(path: string, offset: number, mask = 0xff): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  await file.seek(offset, Deno.SeekMode.Start);
  await file.read(byte);
  await file.seek(offset, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(byte[0]! ^ mask));
}
