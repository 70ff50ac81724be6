/**
 * What the head of a recording says: whose footage it is, and how its stream
 * time lies in wall time.
 *
 * Pure.
 *
 * @module
 */

import { childBoxes, MalformedMedia } from "../media/boxes.ts";
import type { Sample } from "../media/fragment.ts";
import { type InitSegment, parseInitSegment } from "../media/init_segment.ts";
import { parseLabel, type RecordingLabel } from "../media/recording_label.ts";

/** Longest head: parameter sets and tables of two tracks have some kB. */
export const HEAD_BYTES = 64 * 1024;

export interface RecordingHead {
  readonly label: RecordingLabel;
  readonly init: InitSegment;
}

/**
 * @param bytes The beginning of the file, as much as there is of {@linkcode HEAD_BYTES}.
 * @returns Undefined where a part is missing or can't be read.
 */
export function readHead(bytes: Uint8Array): RecordingHead | undefined {
  let label: RecordingLabel | undefined;
  let init: InitSegment | undefined;
  try {
    for (const box of childBoxes(bytes)) {
      if (box.type === "moof") break;
      if (box.type === "moov") init = parseInitSegment(box.payload);
      if (box.type === "uuid") label ??= parseLabel(box);
      if (label !== undefined && init !== undefined) return { label, init };
    }
  } catch (error) {
    if (!(error instanceof MalformedMedia)) throw error;
  }
  return undefined;
}

/** Wall time of some footage, as written; undefined where it has only sound. */
export function footageOf(
  video: readonly Sample[],
  { label, init }: RecordingHead,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  if (video.length === 0) return undefined;
  const wallMs = (ticks: number) => label.originMs + ticks * 1_000 / init.video.timescale;
  return {
    fromMs: wallMs(Math.min(...video.map(({ pts }) => pts))),
    toMs: wallMs(Math.max(...video.map(({ pts, duration }) => pts + duration))),
  };
}
