/**
 * The JSON objects of frames that became pictures: as they stand in the frame
 * log, with the picture's name and what was seen.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import type { CocoPicture } from "./coco.ts";
import type { FootageIndex } from "./footage_index.ts";
import type { Gathered } from "./gather.ts";
import { linesOf } from "./sights.ts";

/** One line for each picture, in their order. */
export function frameObjects(
  index: FootageIndex,
  gathered: Gathered,
  pictures: readonly CocoPicture[],
): string[] {
  const wanted = new Set(pictures.map(({ frame }) => frame.frameId));
  const objects = new Map<number, Record<string, unknown>>();
  for (const { batch } of gathered.batches) {
    for (const line of linesOf(index.root, batch)) {
      const id = Number(/"frame_id":(\d+)/.exec(line)?.[1]);
      if (wanted.has(id) && !objects.has(id)) objects.set(id, JSON.parse(line));
    }
  }
  return pictures.map((picture) => lineOf(picture, objects.get(picture.frame.frameId)));
}

function lineOf({ frame, fileName, width, height, sight }: CocoPicture, object = {}): string {
  return `${
    JSON.stringify({
      ...object,
      // Where the clock was put right later, the log has the time of the wrong one.
      timestamp: isoUtc(frame.atMs),
      file_name: fileName,
      width,
      height,
      detections: sight?.detections ?? null,
      detections_frame_id: sight?.frameId ?? null,
    })
  }\n`;
}
