/**
 * What was understood, what is covered and what was delivered, as lines for
 * people.
 *
 * Pure.
 *
 * @module
 */

import { formatDuration } from "../footage/duration.ts";
import type { Survey } from "../footage/export_job.ts";
import { describeInstant } from "../footage/instant_text.ts";
import type { Receipt } from "../footage/receipt.ts";
import { windowLengthMs } from "../model/window.ts";
import { formatBytes } from "./terminal.ts";

/** The request as it was understood. */
export function requestLines(
  request: Survey["request"],
  timeZone: string,
): string[] {
  const { cameraId, window } = request;
  return [
    `camera   ${cameraId}`,
    `from     ${describeInstant(window.fromMs, timeZone)}`,
    `to       ${describeInstant(window.toMs, timeZone)}`,
    `length   ${formatDuration(windowLengthMs(window))}`,
  ];
}

/** What there is for it. */
export function coverageLines(survey: Survey, timeZone: string): string[] {
  const { request: { window }, gaps, gathered: { plan, problems } } = survey;
  const missingMs = gaps.reduce((sum, gap) => sum + windowLengthMs(gap.window), 0);
  const batches = plan.segments.reduce((sum, segment) => sum + segment.batches.length, 0);
  const covered = formatDuration(windowLengthMs(window) - missingMs);
  return [
    `covered  ${covered} of ${
      formatDuration(windowLengthMs(window))
    }: ${survey.frames} frames in ` +
    `${batches} ${batches === 1 ? "batch" : "batches"}, at most ${
      formatBytes(survey.recordedBytes)
    }`,
    ...gaps.map((gap) =>
      `missing  ${formatDuration(windowLengthMs(gap.window))} from ` +
      `${describeInstant(gap.window.fromMs, timeZone)}: ${gap.cause}, ${gap.detail}`
    ),
    ...(problems.length > 0 && survey.source === "video"
      ? ["hint     --source frames makes a film of the stills where the video is missing"]
      : []),
  ];
}

/** What was delivered. */
export function deliveryLines(receipt: Receipt, path: string): string[] {
  const { delivered, hidden, mode, file } = receipt;
  const hiddenFrames = hidden.frames_before_start + hidden.frames_after_end;
  const early = delivered.starts_before_asked_ms;
  return [
    `film     ${path}`,
    `         ${delivered.frames} frames, ids ${delivered.starting_frame_id} to ` +
    `${delivered.ending_frame_id}, ${formatBytes(file.size_bytes)}`,
    ...(hiddenFrames > 0
      ? [
        `         ${hiddenFrames} more frames are in the file but hidden: the shown ones need them` +
        ` (--mode strict leaves them out)`,
      ]
      : []),
    ...changeLines(receipt),
    ...(receipt.encoded_frames > 0 && mode === "strict" && !isChanged(receipt)
      ? [`         ${receipt.encoded_frames} frames at the edges were encoded anew`]
      : []),
    ...(early > 0 ? [`         it begins ${formatDuration(early)} before the time asked for`] : []),
    ...(receipt.frames_without_still > 0
      ? [`         ${receipt.frames_without_still} frames had no still of their own second`]
      : []),
    `receipt  ${path}.json`,
  ];
}

function isChanged({ fps, overlay }: Receipt): boolean {
  return fps !== undefined || overlay !== undefined;
}

/** What another rate and an overlay cost: the frames are no longer those that were recorded. */
function changeLines(receipt: Receipt): string[] {
  if (!isChanged(receipt)) return [];
  const { encoded_frames: encoded, fps, overlay } = receipt;
  return [
    `         encoded anew: ${encoded} frames` +
    `${fps === undefined ? "" : `, ${Number(fps.toFixed(3))} a second`}` +
    `${overlay === undefined ? "" : `, with ${overlay.join(", ")} burnt in`}`,
  ];
}
