/**
 * The frames of a recording file, made from the file alone: its label says whose
 * they are and when, its fragments list them. They are the same as those that
 * were written to the frame log while it was recorded. What was seen in them, which
 * the log says as well, a recording does not tell.
 *
 * Pure.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import { FrameHoles } from "../media/frame_holes.ts";
import type { InitSegment } from "../media/init_segment.ts";
import type { Sample } from "../media/fragment.ts";
import { PresentationOrder } from "../media/presentation_order.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import { type Frame, frameLineWriter } from "../model/frame.ts";
import { slotOf, stillPath } from "../model/paths.ts";

export interface RecordedFrames {
  /** In presentation order. */
  readonly frames: readonly Frame[];
  /** The lines of the frame log, one for each, each with its line end. */
  readonly lines: readonly string[];
  /** Wall time of the end of the last frame. */
  readonly endMs: UnixMs;
}

/** @param samples In decode order; at least one. */
export function recordedFrames(
  recording: { readonly label: RecordingLabel; readonly init: InitSegment },
  samples: readonly Sample[],
): RecordedFrames {
  const { label, init: { video: { timescale } } } = recording;
  const wallMs = (ticks: number) => unixMs(label.originMs + Math.round(ticks * 1_000 / timescale));
  const order = new PresentationOrder<Sample>();
  const holes = new FrameHoles(timescale);
  const shown = samples.map((sample) => ({
    ...sample,
    duration: holes.take(sample.duration).duration,
  })).flatMap((sample) => order.push(sample));
  shown.push(...order.flush());
  const frames = shown.map((sample, index): Frame => {
    const atMs = wallMs(sample.pts);
    return {
      frameId: label.startingFrameId + index,
      atMs,
      imagePath: label.stillsEveryMs === null
        ? null
        : stillPath(label.cameraId, slotOf(atMs, label.stillsEveryMs)),
      isKey: sample.isKey,
      sizeBytes: sample.sizeBytes,
      pts: sample.pts,
      duration: sample.duration,
    };
  });
  const { cameraId, geoLocation, run } = label;
  const toLine = frameLineWriter({ cameraId, geoLocation, run, timescale });
  const last = shown.at(-1)!;
  return { frames, lines: frames.map(toLine), endMs: wallMs(last.pts + last.duration) };
}
