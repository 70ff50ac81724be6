/**
 * `lookback status`: what is recorded of each camera.
 *
 * @module
 */

import { Command } from "commander";
import { formatDuration } from "../footage/duration.ts";
import { describeInstant } from "../footage/instant.ts";
import { isRootHeld } from "../host/root_lock.ts";
import { isoUtc } from "../base/units.ts";
import { type CameraSummary, Reader } from "../store/reader.ts";
import { localZone, settingsToRead, type SharedOptions, withShared } from "./context.ts";
import { formatBytes, print, printJson } from "./terminal.ts";

export function statusCommand(): Command {
  const command = new Command("status")
    .description("show the cameras, what is recorded of each, and whether recording is on")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback status --json").action(status);
}

async function status(options: SharedOptions & { readonly json?: boolean }): Promise<void> {
  const { root } = await settingsToRead(options);
  const isRecording = await isRootHeld(root);
  using reader = new Reader(root);
  const cameras = reader.cameras();
  if (options.json) {
    printJson({ root, recording: isRecording, cameras: cameras.map(toJson) });
    return;
  }
  print(`${root}: ${isRecording ? "a Lookback records here now" : "nothing records here now"}`);
  for (const camera of cameras) printCamera(camera);
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

function printCamera(camera: CameraSummary): void {
  const { recorded } = camera;
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
}
