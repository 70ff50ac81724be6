/**
 * What was seen in frames, read out of the JSON log: the lines behind the frames'
 * own ones (model/sight_line.ts).
 *
 * @module
 */

import { join } from "node:path";
import { MalformedMedia } from "../media/boxes.ts";
import type { Batch } from "../model/batch.ts";
import { parseSightLine } from "../model/sight_line.ts";
import type { Detection } from "../model/vision.ts";
import type { TimeWindow } from "../model/window.ts";
import { unixMs } from "../base/units.ts";
import type { FootageIndex } from "./footage_index.ts";
import { readAt } from "./recording_index.ts";

/**
 * How much later than its frame a line may have been written, in milliseconds. It
 * then lies with the lines of a later batch.
 */
const LATEST_MS = 60_000;

/** What was seen, by frame id. A frame that nobody looked at is not in it. */
export type Sights = ReadonlyMap<number, readonly Detection[]>;

/** What was seen in the frames of a window, as far as it was written down. */
export function readSights(
  index: FootageIndex,
  asked: { readonly cameraId: string; readonly window: TimeWindow },
): Sights {
  const { cameraId, window: { fromMs, toMs } } = asked;
  const sights = new Map<number, readonly Detection[]>();
  const batches = index.batchesIn(cameraId, { fromMs, toMs: unixMs(toMs + LATEST_MS) });
  for (const batch of batches) {
    for (const line of linesOf(index.root, batch)) {
      const sight = parseSightLine(line);
      if (sight?.cameraId === cameraId) sights.set(sight.frameId, sight.detections);
    }
  }
  return sights;
}

/** A batch's lines in the JSON log; none where its part can't be read. */
export function linesOf(root: string, batch: Batch): string[] {
  try {
    using file = Deno.openSync(join(root, batch.framesPath));
    const bytes = readAt(file, batch.framesOffset, batch.framesBytes);
    return new TextDecoder().decode(bytes).split("\n");
  } catch (error) {
    // The frames themselves are missed elsewhere, with words (frame_reader.ts).
    if (error instanceof Deno.errors.NotFound || error instanceof MalformedMedia) return [];
    throw error;
  }
}
