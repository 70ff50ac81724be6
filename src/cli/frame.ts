/**
 * `lookback frame`: the picture at an instant, decoded from the recording.
 *
 * @module
 */

import { Command } from "commander";
import { dirname, join } from "node:path";
import { cannotWrite } from "../app/archive.ts";
import { requireWritable } from "../app/open_index.ts";
import { systemClock } from "../base/clock.ts";
import { isoUtc } from "../base/units.ts";
import { compactUtc, describeInstant, parseInstant } from "../footage/instant.ts";
import { makeWindow } from "../footage/request.ts";
import { ensureFolder, writeFileDurably } from "../host/durable.ts";
import {
  archiveOf,
  localZone,
  newFilePath,
  type ReadOptions,
  requireCamera,
  settingsToRead,
  withReading,
} from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { note, print, printJson } from "./terminal.ts";

interface FrameFlags extends ReadOptions {
  readonly camera: string;
  readonly at: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function frameCommand(): Command {
  const command = new Command("frame")
    .description("write the picture of a camera at an instant as a JPEG")
    .requiredOption("--camera <id>", "which camera")
    .requiredOption("--at <time>", 'which instant: "2026-11-21 20:57:09.340", "10 minutes ago"')
    .option("--out <file>", "where to write it (default: output/ below the storage root)")
    .option("--json", "print what was written as JSON for programs");
  const example = 'lookback frame --camera front --at "20:57:09" --out door.jpg';
  return withReading(command, example).action(runFrame);
}

async function runFrame(flags: FrameFlags): Promise<void> {
  const timeZone = localZone();
  const atMs = parseInstant(flags.at, { nowMs: systemClock.now(), timeZone });
  const settings = await settingsToRead(flags);
  using archive = archiveOf(settings);
  requireCamera(archive.cameras(), flags.camera);
  note(`at       ${describeInstant(atMs, timeZone)}`);
  const picture = await interruptible((signal) => archive.picture(flags.camera, atMs, signal));
  if (picture === undefined) {
    const request = { cameraId: flags.camera, window: makeWindow(atMs, 1) };
    throw archive.nothingRecorded(await archive.survey(request, "video"), timeZone);
  }
  const { frame, jpeg } = picture;
  const name = `${flags.camera}_${compactUtc(frame.atMs)}_${frame.frameId}.jpg`;
  const path = flags.out === undefined
    ? join(settings.readOnly ? Deno.cwd() : join(settings.root, "output"), name)
    : await newFilePath(flags.out);
  requireWritable(settings, path);
  try {
    await ensureFolder(dirname(path));
    await writeFileDurably(path, jpeg);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  const timestamp = isoUtc(frame.atMs);
  if (flags.json) printJson({ path, frame_id: frame.frameId, timestamp });
  else print(`picture  ${path} (frame ${frame.frameId}, ${timestamp})`);
}
