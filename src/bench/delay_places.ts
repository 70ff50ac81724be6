/**
 * Where each recorded frame lies: the end of its fragment in the recording, the
 * end of its line in the log, and whether it is the one that became the still.
 *
 * In: a storage root after a clean stop, without B-frames.
 *
 * @module
 */

import { join } from "node:path";
import { readBatchFrames } from "../footage/frame_reader.ts";
import { peekBox } from "../media/boxes.ts";
import { FragmentStream } from "../media/fragment_stream.ts";
import type { Batch } from "../model/batch.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { Reader } from "../store/reader.ts";

/** Where something ends in a file; the path is relative to the root. */
export interface Place {
  readonly path: string;
  readonly endBytes: number;
}

export interface PlacedFrame {
  readonly logged: LoggedFrame;
  readonly fragment: Place;
  readonly line: Place;
  /** True for the first key frame of its still's interval. */
  readonly isStill: boolean;
}

/** All frames of a camera, in order. */
export async function readPlacedFrames(root: string, cameraId: string): Promise<PlacedFrame[]> {
  using reader = new Reader(root);
  const placed: PlacedFrame[] = [];
  const seenStills = new Set<string>();
  for (const batch of reader.batchesAfterId(cameraId, 0, Number.MAX_SAFE_INTEGER)) {
    const part = await readBatchFrames(root, batch);
    if (!part.ok) throw new Error(part.problem);
    const fragmentEnds = await fragmentEndsOf(root, batch);
    const lineEnds = await lineEndsOf(root, batch);
    for (const [index, logged] of part.frames.entries()) {
      const { imagePath, isKey } = logged;
      const isStill = isKey && imagePath !== null && !seenStills.has(imagePath);
      if (isStill) seenStills.add(imagePath);
      placed.push({
        logged,
        fragment: { path: batch.recordingPath, endBytes: fragmentEnds[index]! },
        line: { path: batch.framesPath, endBytes: lineEnds[index]! },
        isStill,
      });
    }
  }
  return placed;
}

/** For each frame of a batch where its fragment ends. */
async function fragmentEndsOf(root: string, { recordingPath }: Batch): Promise<number[]> {
  const bytes = await Deno.readFile(join(root, recordingPath));
  const mediaEnds: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const box = peekBox(bytes.subarray(at));
    if (box === undefined) break;
    at += box.sizeBytes;
    if (box.type === "mdat") mediaEnds.push(at);
  }
  return new FragmentStream().push(bytes)
    .filter((part) => part.type === "fragment")
    .flatMap(({ samples }, index) => samples.video.map(() => mediaEnds[index]!));
}

const LINE_END = 0x0a;

async function lineEndsOf(root: string, batch: Batch): Promise<number[]> {
  const bytes = await Deno.readFile(join(root, batch.framesPath));
  const ends: number[] = [];
  const end = batch.framesOffset + batch.framesBytes;
  for (let at = batch.framesOffset; at < end; at += 1) {
    if (bytes[at] === LINE_END) ends.push(at + 1);
  }
  return ends;
}
