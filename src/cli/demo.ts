/**
 * `lookback demo`: the main job with no set-up. Records two simulated cameras,
 * exports a stretch that crosses a batch border from each, checks the result and
 * says where everything is.
 *
 * @module
 */

import { Command } from "commander";
import { relative } from "node:path";
import type { Settings } from "../../config.ts";
import type { Archive } from "../app/archive.ts";
import { OperatorError } from "../base/errors.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { parseDuration } from "../footage/duration.ts";
import type { Receipt } from "../footage/receipt.ts";
import { runChild } from "../host/process.ts";
import { DATABASE_PATH } from "../store/database.ts";
import {
  archiveOf,
  settingsToRead,
  type SharedOptions,
  withFfmpeg,
  withShared,
} from "./context.ts";
import { exportWithProgress } from "./export.ts";
import { record } from "./recording_session.ts";
import { note, print } from "./terminal.ts";
import { PROGRAM } from "./version.ts";

/** Batches of this length, so that a short demo has several borders, in milliseconds. */
const BATCH_MS = 5_000;

/** How far the exported stretch reaches before and behind a batch border, in milliseconds. */
const BEFORE_BORDER_MS = 3_300;
const BEHIND_BORDER_MS = 2_700;

/** Shortest demo with a border and footage behind it, in milliseconds. */
const SHORTEST_MS = 12_000;

const CAMERAS: Settings["cameras"] = [
  {
    id: "demo-front",
    name: "Simulated front door",
    source: { kind: "test", width: 1280, height: 720, fps: 25 },
    geoLocation: { lat: 12.9716, lon: 77.5946 },
    enabled: true,
    stillsEnabled: true,
    retention: { ageMs: null, maxBytes: null },
    vision: null,
  },
  {
    id: "demo-yard",
    name: "Simulated yard",
    source: { kind: "test", width: 640, height: 360, fps: 25 },
    geoLocation: { lat: 12.9721, lon: 77.5933 },
    enabled: true,
    stillsEnabled: true,
    retention: { ageMs: null, maxBytes: null },
    vision: null,
  },
];

export function demoCommand(): Command {
  const command = new Command("demo")
    .description("record two simulated cameras, export from each, and show where everything is")
    .option("--for <duration>", "how long to record", "20s");
  return withShared(command, "lookback demo --for 20s").action(demo);
}

async function demo(options: SharedOptions & { readonly for: string }): Promise<void> {
  const forMs = parseDuration(options.for);
  if (forMs < SHORTEST_MS) {
    throw new OperatorError("usage", `Cannot show a batch border within ${options.for}`, {
      fix: [`record for at least ${SHORTEST_MS / 1_000} s with --for`],
    });
  }
  const settings: Settings = {
    ...await withFfmpeg(await settingsToRead(options)),
    cameras: CAMERAS,
    batchDurationMs: BATCH_MS,
  };
  note(`Recording two simulated cameras for ${forMs / 1_000} s under ${settings.root}`);
  const startedMs = unixMs(Date.now());
  await record(settings, { forMs });
  using archive = archiveOf(settings);
  const made: { readonly cameraId: string; readonly path: string; readonly receipt: Receipt }[] =
    [];
  for (const { id } of CAMERAS) {
    made.push({ cameraId: id, ...await exportAcrossBorder(archive, id, startedMs) });
  }
  for (const { path, receipt } of made) await checkFilm(settings.ffmpegPath, path, receipt);
  printWhereabouts(settings.root, made);
}

async function exportAcrossBorder(
  archive: Archive,
  cameraId: string,
  startedMs: UnixMs,
): Promise<{ readonly path: string; readonly receipt: Receipt }> {
  const [first] = archive.batchesSince(cameraId, startedMs);
  if (first === undefined) throw demoFailed(`camera "${cameraId}" has no closed batch`);
  const window = {
    fromMs: unixMs(first.endMs - BEFORE_BORDER_MS),
    toMs: unixMs(first.endMs + BEHIND_BORDER_MS),
  };
  const request = { cameraId, window };
  const survey = await archive.survey(request, "video");
  const path = await archive.reserveOutput(request);
  const receipt = await exportWithProgress(archive, survey, {
    path,
    mode: "exact",
    gapPolicy: "collapse",
  });
  return { path, receipt };
}

/** Decodes the film and compares the number of frames with the receipt. */
async function checkFilm(ffmpegPath: string, path: string, receipt: Receipt): Promise<void> {
  const { code, stdout, errorTail } = await runChild({
    command: ffmpegPath,
    args: ["-hide_banner", "-nostdin", "-loglevel", "error", "-i", path, "-map", "0:v:0"]
      .concat(["-fps_mode", "passthrough", "-f", "framecrc", "pipe:1"]),
  });
  if (code !== 0) throw demoFailed(`"${path}" can't be decoded: ${errorTail.join("; ")}`);
  const lines = new TextDecoder().decode(stdout).split("\n");
  const decoded = lines.filter((line) => /^0,/.test(line)).length;
  const { frames } = receipt.delivered;
  if (decoded !== frames || receipt.batches.length < 2) {
    throw demoFailed(
      `"${path}" shows ${decoded} frames of ${frames} out of ${receipt.batches.length} batches`,
    );
  }
}

function printWhereabouts(
  root: string,
  made: readonly { readonly cameraId: string; readonly path: string; readonly receipt: Receipt }[],
): void {
  const [{ receipt, cameraId }] = made as [typeof made[number]];
  const [batch] = receipt.batches;
  const short = (path: string) => relative(Deno.cwd(), path) || ".";
  print("");
  for (const { path, receipt: { delivered, batches } } of made) {
    print(`MP4        ${short(path)}`);
    print(
      `           ${delivered.frames} frames from ${batches.length} batches, all decoded and counted`,
    );
    print(`receipt    ${short(path)}.json`);
  }
  print(`database   ${short(`${root}/${DATABASE_PATH}`)} (tables cameras, runs, batches, events)`);
  print(`recordings ${short(`${root}/data/recordings`)}`);
  print(`JSON       ${short(`${root}/${batch!.frames_path}`)}`);
  print(`stills     ${short(`${root}/frames/${cameraId}`)}`);
  print("");
  print("Look further:");
  print(`  ${PROGRAM} status`);
  print(`  ${PROGRAM} prompt`);
  print(`  ${PROGRAM} export --camera ${cameraId} --at ${receipt.delivered.start} --duration 3s`);
  print(`  ${PROGRAM} frame --camera ${cameraId} --at ${receipt.delivered.start}`);
}

function demoFailed(reason: string): OperatorError {
  return new OperatorError("demo-failed", "Cannot finish the demo", {
    found: { reason },
    fix: [
      "run it again with --for 30s on a machine that is less busy",
      "look at the log lines above",
    ],
  });
}
