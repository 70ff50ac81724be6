/**
 * `lookback status`: what is recorded of each camera.
 *
 * @module
 */

import { Command } from "commander";
import { openIndexWith } from "../app/open_index.ts";
import { type CameraOutlook, retentionOutlook } from "../app/retention_outlook.ts";
import { readVisionFaults } from "../app/vision_faults.ts";
import { systemClock } from "../base/clock.ts";
import { formatDuration } from "../footage/duration.ts";
import { describeInstant } from "../footage/instant.ts";
import { readIdentity } from "../host/root_identity.ts";
import { isRootHeld } from "../host/root_lock.ts";
import { isoUtc } from "../base/units.ts";
import type { CameraSummary, CheckSummary } from "../store/reader.ts";
import { CoverageReader } from "../store/coverage_reader.ts";
import { checkLines, checksJson } from "./checks_text.ts";
import { todaysCoverage } from "./coverage.ts";
import { localZone, type ReadOptions, settingsToRead, withReading } from "./context.ts";
import { holdLines, outlookJson, outlookLines, usageJson } from "./retention_text.ts";
import { formatBytes, print, printJson } from "./terminal.ts";
import { visionJson, visionLines } from "./vision_text.ts";

export function statusCommand(): Command {
  const command = new Command("status")
    .description("show the cameras, what is recorded of each, and whether recording is on")
    .option("--json", "print JSON for programs");
  return withReading(command, "lookback status --json").action(status);
}

async function status(options: ReadOptions & { readonly json?: boolean }): Promise<void> {
  const settings = await settingsToRead(options);
  const { root } = settings;
  const isRecording = await isRootHeld(root);
  using reader = openIndexWith(settings, (...place) => new CoverageReader(...place));
  const cameras = reader.cameras();
  const checks = Map.groupBy(reader.checks(), ({ cameraId }) => cameraId);
  const identity = await readIdentity(root) ?? null;
  const outlook = await retentionOutlook(settings, systemClock.now());
  // What an earlier run missed is no state of now.
  const faults = isRecording ? await readVisionFaults(root) : undefined;
  if (options.json) {
    printJson({
      root,
      identity,
      recording: isRecording,
      cameras: cameras.map((camera) => ({
        ...toJson(camera),
        ...usageJson(outlook.cameras.get(camera.cameraId)),
        checks: checksJson(checks.get(camera.cameraId) ?? []),
      })),
      outlook: outlookJson(outlook),
      vision: faults === undefined ? null : visionJson(faults),
    });
    return;
  }
  print(`${root}: ${isRecording ? "a Lookback records here now" : "nothing records here now"}`);
  if (identity !== null) print(`  identity ${identity}`);
  for (const line of holdLines(outlook)) print(line);
  if (faults !== undefined) visionLines(faults).forEach(print);
  for (const camera of cameras) {
    const today = todaysCoverage(reader, camera.cameraId, {
      nowMs: systemClock.now(),
      isRecording,
    });
    printCamera(camera, { today, outlook: outlook.cameras.get(camera.cameraId) });
    printChecks(checks.get(camera.cameraId) ?? []);
  }
}

function toJson(camera: CameraSummary): Record<string, unknown> {
  return {
    camera_id: camera.cameraId,
    name: camera.name,
    source: camera.source,
    recorded_from: camera.recorded === null ? null : isoUtc(camera.recorded.fromMs),
    recorded_to: camera.recorded === null ? null : isoUtc(camera.recorded.toMs),
    batches: camera.batches,
    frames: camera.frames,
    recording_bytes: camera.recordingBytes,
    newest_frame_id: camera.newestFrameId,
  };
}

function printCamera(
  camera: CameraSummary,
  more: { readonly today: string; readonly outlook: CameraOutlook | undefined },
): void {
  const { recorded } = camera;
  const { today, outlook } = more;
  print("");
  print(`${camera.cameraId}  ${camera.name}  (${camera.source})`);
  if (recorded === null) {
    print("  nothing is recorded yet");
    return;
  }
  const zone = localZone();
  print(`  from    ${describeInstant(recorded.fromMs, zone)}`);
  print(`  to      ${describeInstant(recorded.toMs, zone)}`);
  print(`  span    ${formatDuration(recorded.toMs - recorded.fromMs)}`);
  print(`  batches ${camera.batches}, ${formatBytes(camera.recordingBytes)}`);
  print(`  frames  ${camera.frames}, newest id ${camera.newestFrameId}`);
  print(`  today   ${today}`);
  if (outlook !== undefined) outlookLines(outlook).forEach(print);
}

function printChecks(checks: readonly CheckSummary[]): void {
  checkLines(checks, systemClock.now()).forEach(print);
}
