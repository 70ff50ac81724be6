/**
 * Compares what was recorded with what the source sent: every frame there, once,
 * in order, at its distance, and in the database.
 *
 * In:  a storage root after a clean stop, and the sizes of the source's frames.
 * Out: what is wrong, in words; nothing when all is there.
 *
 * @module
 */

import { join } from "node:path";
import { unixMs } from "../base/units.ts";
import { readBatchFrames } from "../footage/frame_reader.ts";
import { runChild } from "../host/process.ts";
import type { LoggedFrame } from "../model/frame.ts";
import type { CameraEventKind } from "../model/ledger.ts";
import { Reader } from "../store/reader.ts";
import { CLIP_FPS } from "./clip.ts";

/** What a check found. */
export interface RecordedCheck {
  readonly frames: number;
  readonly stills: number;
  /** One line for each camera with something wrong. */
  readonly faults: readonly string[];
}

/** Wall time is steered by at most half a frame between two batches. */
const STEERING_FRAMES = 0.5;

/**
 * What is wrong with a camera's frames, undefined when nothing is.
 *
 * @param frames All of them, in order of their ids.
 * @param sourceSizes Bytes of each frame of the clip that it played in a loop. Noise
 * makes them differ from frame to frame: a frame that is missing, or there twice, shows.
 */
export function frameFault(
  frames: readonly LoggedFrame[],
  sourceSizes: readonly number[],
): string | undefined {
  for (const [index, { frameId, sizeBytes, pts, atMs, run, timescale }] of frames.entries()) {
    const due = sourceSizes[index % sourceSizes.length];
    if (frameId !== index + 1) return `frame ${index + 1} has the id ${frameId}`;
    if (sizeBytes !== due) return `frame ${frameId} has ${sizeBytes} bytes, the source's ${due}`;
    const before = frames[index - 1];
    if (before === undefined) continue;
    if (run !== before.run) return `a new run begins at frame ${frameId}`;
    const ticks = timescale / CLIP_FPS;
    if (Math.abs(pts - before.pts - ticks) > 1) {
      return `frame ${frameId} comes ${
        pts - before.pts
      } ticks after the one before it, not ${ticks}`;
    }
    const offMs = atMs - before.atMs - 1_000 / CLIP_FPS;
    if (Math.abs(offMs) > STEERING_FRAMES * 1_000 / CLIP_FPS + 1) {
      return `the time of frame ${frameId} is ${offMs} ms off`;
    }
  }
  return frames.length === 0 ? "nothing was recorded" : undefined;
}

/** Bytes of each frame of a clip, in order. */
export async function sizesOfFrames(path: string, ffmpegPath: string): Promise<number[]> {
  const { stdout } = await runChild({
    command: ffmpegPath,
    args: [
      "-nostdin",
      "-v",
      "error",
      "-i",
      path,
      "-map",
      "0:v:0",
      "-c",
      "copy",
      "-f",
      "framecrc",
      "-",
    ],
  });
  // Stream, decode time, presentation time, length, bytes, checksum.
  return [...new TextDecoder().decode(stdout).matchAll(/^0,[^,]*,[^,]*,[^,]*, *(\d+),/gm)]
    .map((match) => Number(match[1]));
}

/** Checks all cameras of a root. */
export async function checkRecorded(
  place: { readonly root: string; readonly cameraIds: readonly string[] },
  sourceSizes: readonly number[],
): Promise<RecordedCheck> {
  using reader = new Reader(place.root);
  let frameCount = 0;
  let stills = 0;
  const faults: string[] = [];
  for (const cameraId of place.cameraIds) {
    const { frames, fault } = await framesOf(reader, cameraId);
    // An event says why; a frame that is missing without one was lost without a word.
    const found = fault ?? eventFault(reader, cameraId) ?? frameFault(frames, sourceSizes);
    const pictures = await picturesOf(place.root, frames);
    const wrong = found ?? pictures.fault;
    if (wrong !== undefined) faults.push(`${cameraId}: ${wrong}`);
    frameCount += frames.length;
    stills += pictures.count;
  }
  return { frames: frameCount, stills, faults };
}

/** All that the database knows of a camera, each batch against its part of the log and its file. */
async function framesOf(
  reader: Reader,
  cameraId: string,
): Promise<{ readonly frames: readonly LoggedFrame[]; readonly fault?: string }> {
  const frames: LoggedFrame[] = [];
  for (const batch of reader.batchesAfterId(cameraId, 0, Number.MAX_SAFE_INTEGER)) {
    const part = await readBatchFrames(reader.root, batch);
    if (!part.ok) return { frames, fault: part.problem };
    frames.push(...part.frames);
    const { size } = await Deno.stat(join(reader.root, batch.recordingPath));
    if (size !== batch.recordingBytes) return { frames, fault: `${batch.recordingPath} is cut` };
  }
  return { frames };
}

/** Events that say that something went wrong; the others tell of the start and the stop. */
const FAULTS: ReadonlySet<CameraEventKind> = new Set(["offline", "frames-lost", "clock-step"]);

/** Lost frames, stalls and breaks are noted as events. */
function eventFault(reader: Reader, cameraId: string): string | undefined {
  const always = { fromMs: unixMs(0), toMs: unixMs(Number.MAX_SAFE_INTEGER) };
  const event = reader.eventsIn(cameraId, always).find(({ kind }) => FAULTS.has(kind));
  return event === undefined ? undefined : `${event.kind}: ${event.detail}`;
}

async function picturesOf(
  root: string,
  frames: readonly LoggedFrame[],
): Promise<{ readonly count: number; readonly fault?: string }> {
  const paths = new Set(frames.flatMap(({ imagePath }) => imagePath ?? []));
  let count = 0;
  for (const path of paths) {
    const isThere = await Deno.stat(join(root, path)).then(({ size }) => size > 0, () => false);
    if (!isThere) return { count, fault: `the still ${path} is missing` };
    count += 1;
  }
  return { count };
}
