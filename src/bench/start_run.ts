/**
 * Times `lookback run` from its start until the first fragment of a camera is whole in
 * its recording file, and ffmpeg alone doing the same.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { indexRecording } from "../footage/recording_index.ts";
import { startChild } from "../host/process.ts";
import { recorderArgs } from "../media/recorder_args.ts";
import { pause, settingsText } from "./lookback_process.ts";
import type { LookbackCommand } from "./start_commands.ts";

/** How often it is looked, in milliseconds: what the time may be too long by. */
const LOOK_EVERY_MS = 5;

/** A start that takes longer has failed. */
const LIMIT_MS = 60_000;

/** Starts recording below a root and ends it. Returns milliseconds. */
export async function timeToFirstFragment(
  lookback: LookbackCommand,
  of: { readonly root: string; readonly clip: string; readonly ffmpegPath: string },
): Promise<number> {
  const { root, clip, ffmpegPath } = of;
  const cameras = [`source: ${JSON.stringify(clip)}, loop: true`];
  const wish = { cameras, stills: false, ffmpegPath, camerasPerWorker: 1 };
  await Deno.writeTextFile(join(root, "lookback.yaml"), settingsText(wish));
  const known = new Set(await recordingsBelow(root));
  const startedAt = performance.now();
  const child = new Deno.Command(lookback.command, {
    args: [...lookback.args, "run"],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const words = new Response(child.stderr).text();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const end = async () => {
    if (!hasEnded) child.kill("SIGTERM");
    const { code } = await child.status;
    const said = (await words).slice(-2_000);
    if (code !== 0) throw new Error(`Recording ended with ${code}: ${said}`);
  };
  const isRecorded = async () => {
    if (hasEnded) await end();
    const made = (await recordingsBelow(root)).filter((path) => !known.has(path));
    return made.some(hasFragment);
  };
  const tookMs = await timeUntil(startedAt, isRecorded).catch(async (error) => {
    await end();
    throw error;
  });
  await end();
  return tookMs;
}

/** The recorder's ffmpeg alone, its stream into a file. Returns milliseconds. */
export async function timeFfmpegAlone(
  of: { readonly folder: string; readonly clip: string; readonly ffmpegPath: string },
): Promise<number> {
  const path = join(of.folder, "alone.mp4");
  const handling = { video: "copy", audio: "copy" } as const;
  const args = recorderArgs({ kind: "file", path: of.clip, loop: true }, {
    handling,
    fragmentMs: 120,
  });
  const startedAt = performance.now();
  const child = startChild({
    command: of.ffmpegPath,
    args: args.map((arg) => arg === "pipe:1" ? path : arg),
  });
  const output = child.stdout.cancel();
  try {
    return await timeUntil(startedAt, () => Promise.resolve(hasFragment(path)));
  } finally {
    await child.stop(5_000);
    await output;
    await Deno.remove(path).catch(() => {});
  }
}

async function timeUntil(startedAt: number, isThere: () => Promise<boolean>): Promise<number> {
  while (!await isThere()) {
    if (performance.now() - startedAt > LIMIT_MS) throw new Error("No fragment came");
    await pause(LOOK_EVERY_MS);
  }
  return performance.now() - startedAt;
}

/** The box that is being written is not counted. */
function hasFragment(path: string): boolean {
  try {
    return indexRecording(path).fragments.length > 0;
  } catch {
    // Not there yet, or not whole.
    return false;
  }
}

async function recordingsBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [join(root, "data", "recordings")];
  for (const folder of folders) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        const path = join(folder, name);
        if (isDirectory) folders.push(path);
        else if (name.endsWith(".mp4") && dirname(path) === folder) found.push(path);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found;
}
