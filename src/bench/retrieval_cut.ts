/**
 * Times cuts as a person asks for them: `lookback export` as a process of its own, from
 * its start until it has ended with film and receipt durable.
 *
 * @module
 */

import { join } from "node:path";
import { isoUtc, unixMs } from "../base/units.ts";
import { FOOTAGE_CAMERA, FOOTAGE_START_MS, type GrowingArchive } from "./archive_world.ts";
import { CLIP_FPS } from "./clip.ts";
import { type LookbackCommand, timeProgram } from "./start_commands.ts";

/** Windows begin here behind the start of the footage: between two key frames. */
export const CUT_OFFSET_MS = 3_480;

/** Name of the film below the storage root. */
const FILM = "cut.mp4";

/**
 * Cuts once and removes the film.
 *
 * @returns Milliseconds, and the film's size.
 *
 * @throws {Error} If the command fails or the film has other frames than it should.
 */
export async function timeCut(
  archive: Pick<GrowingArchive, "root">,
  lookback: LookbackCommand,
  durationMs: number,
): Promise<{ readonly tookMs: number; readonly filmBytes: number }> {
  const film = join(archive.root, FILM);
  const at = isoUtc(unixMs(FOOTAGE_START_MS + CUT_OFFSET_MS));
  // Nothing of what was done before is still on its way to the disk.
  await timeProgram("sync", ["-f", archive.root]);
  try {
    const { tookMs, stdout } = await timeProgram(lookback.command, [
      ...[...lookback.args, "export", "--root", archive.root, "--camera", FOOTAGE_CAMERA],
      ...["--at", at, "--duration", `${durationMs / 1_000}s`, "--out", film, "--json"],
    ], archive.root);
    const { receipt } = JSON.parse(stdout);
    const wanted = durationMs / 1_000 * CLIP_FPS;
    if (receipt.delivered.frames !== wanted) {
      throw new Error(`The film has ${receipt.delivered.frames} frames, not ${wanted}`);
    }
    return { tookMs, filmBytes: (await Deno.stat(film)).size };
  } finally {
    for (const path of [film, `${film}.json`]) await Deno.remove(path).catch(() => {});
  }
}
