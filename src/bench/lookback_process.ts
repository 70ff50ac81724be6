/**
 * Starts Lookback as its users do, as a program of its own, and waits until every
 * camera is being recorded.
 *
 * Measurements say which one: users run the executable (start_commands.ts).
 *
 * @module
 */

import { join } from "node:path";
import { unixMs } from "../base/units.ts";
import { lookbackCommand } from "../host/own_program.ts";
import { startChild } from "../host/process.ts";
import { frameLogPath } from "../model/paths.ts";
import type { LookbackCommand } from "./start_commands.ts";

/** How long cameras may take to begin; 64 of them on a busy box need a while. */
const START_LIMIT_MS = 90_000;

/** How often it is looked whether they have begun. */
const LOOK_EVERY_MS = 100;

/** What is recorded, and how. */
export interface RecordingWish {
  /** One camera for each: what stands in the settings behind its id. */
  readonly cameras: readonly string[];
  readonly stills: boolean;
  readonly ffmpegPath: string;
  /** Cameras that share a Worker; 1 leaves the setting out. */
  readonly camerasPerWorker: number;
  /** Without the test export, which comes a minute after the start; with it when left out. */
  readonly isCanaryOff?: boolean;
}

export interface LookbackOptions extends RecordingWish {
  /** Storage root; an empty folder. */
  readonly root: string;
  /** What is running here, when left out: the executable, or Deno with the sources. */
  readonly lookback?: Pick<LookbackCommand, "command" | "args">;
}

export interface LookbackProcess {
  readonly pid: number;
  readonly root: string;
  readonly cameraIds: readonly string[];
  /**
   * Ends it in good order.
   *
   * @throws {Error} With its last words, if it had failed or fails now.
   */
  stop(): Promise<void>;
}

/** How long it may take to end in good order; it gives up by itself before that. */
const STOP_LIMIT_MS = 30_000;

/** @throws {Error} With its last words, if it fails before all cameras are recorded. */
export async function startLookback(options: LookbackOptions): Promise<LookbackProcess> {
  const { root } = options;
  const cameraIds = options.cameras.map((_, index) => `camera${index + 1}`);
  await Deno.writeTextFile(join(root, "lookback.yaml"), settingsText(options));
  const { lookback } = options;
  const [command, ...args] = lookback === undefined
    ? lookbackCommand()
    : [lookback.command, ...lookback.args] as const;
  const child = startChild({ command, args: [...args, "run", "--root", root] });
  const output = child.stdout.cancel();
  let hasEnded = false;
  child.ended.then(() => hasEnded = true);
  const stop = async () => {
    if (!hasEnded) await child.stop(STOP_LIMIT_MS);
    const { code } = await child.ended;
    await output;
    if (code !== 0) {
      throw new Error(`Lookback ended with code ${code}: ${child.errorTail().at(-1)}`);
    }
  };
  const deadline = performance.now() + START_LIMIT_MS;
  while (!await allRecord(root, cameraIds)) {
    if (hasEnded || performance.now() > deadline) {
      await stop();
      throw new Error(`Not every camera began to record within ${START_LIMIT_MS / 1_000} s`);
    }
    await pause(LOOK_EVERY_MS);
  }
  return { pid: child.pid, root, cameraIds, stop };
}

/** The settings file: all else as it comes. */
export function settingsText(wish: RecordingWish): string {
  const { cameras, stills, ffmpegPath, camerasPerWorker } = wish;
  const lines = [
    `stills: { enabled: ${stills} }`,
    `ffmpeg: { path: ${JSON.stringify(ffmpegPath)} }`,
  ];
  if (camerasPerWorker > 1) lines.push(`capture: { cameras_per_worker: ${camerasPerWorker} }`);
  if (wish.isCanaryOff) lines.push("upkeep: { canary_every_minutes: 0 }");
  lines.push("cameras:");
  cameras.forEach((camera, index) => lines.push(`  - { id: camera${index + 1}, ${camera} }`));
  return `${lines.join("\n")}\n`;
}

/** The frame log that a camera writes now; the one of the hour before until its batch has ended. */
export async function openLogPath(root: string, cameraId: string): Promise<string | undefined> {
  const nowMs = Date.now();
  for (const atMs of [nowMs, nowMs - 3_600_000]) {
    const path = join(root, frameLogPath(cameraId, unixMs(atMs)));
    if (await Deno.stat(path).then(({ size }) => size > 0, () => false)) return path;
  }
  return undefined;
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function allRecord(root: string, cameraIds: readonly string[]): Promise<boolean> {
  const logs = await Promise.all(cameraIds.map((id) => openLogPath(root, id)));
  return logs.every((log) => log !== undefined);
}
