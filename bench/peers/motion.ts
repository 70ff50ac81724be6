/**
 * The Motion daemon: one process for all cameras, set up for Lookback's duty at
 * the least cost that it offers: it keeps the camera's own packets (pass-through)
 * all the time, and writes a picture each second.
 *
 * @module
 */

import { join } from "node:path";
import { startChild } from "../../src/host/process.ts";
import { toolOutput } from "../../src/host/tool_output.ts";
import type { Clip } from "../../src/bench/recording_lookback.ts";
import type { Contestant } from "../../src/bench/recording_contestant.ts";

/** How long it may take to close its films. */
const STOP_MS = 20_000;

/** Its version; undefined where it is not installed. */
export async function findMotion(): Promise<string | undefined> {
  // It ends with 1 after its help.
  const text = await toolOutput("sh", ["-c", "motion -h 2>&1 || true"]);
  return /motion Version ([\d.]+)/.exec(text ?? "")?.[1];
}

export function motionContestant(clip: Clip, version: string): Contestant {
  return {
    name: `Motion ${version}`,
    clipBytesPerSecond: clip.bytesPerSecond,
    async start({ cameras, folder }) {
      const places = Array.from({ length: cameras }, (_, index) => ({
        path: join(folder, `camera${index + 1}.conf`),
        number: index + 1,
      }));
      for (const { path, number } of places) {
        await Deno.writeTextFile(path, cameraSettings(number, clip.path));
      }
      const main = join(folder, "motion.conf");
      await Deno.writeTextFile(main, daemonSettings(folder, places.map(({ path }) => path)));
      const child = startChild({ command: "motion", args: ["-n", "-c", main] });
      const output = child.stdout.cancel();
      return {
        pids: [child.pid],
        async stop() {
          await child.stop(STOP_MS);
          await output;
        },
      };
    },
  };
}

/** All that it could serve to viewers is off. */
function daemonSettings(folder: string, cameraPaths: readonly string[]): string {
  return [
    ...["daemon off", "setup_mode off", "log_level 4", "webcontrol_port 0", "stream_port 0"],
    `target_dir ${join(folder, "out")}`,
    ...cameraPaths.map((path) => `camera ${path}`),
    "",
  ].join("\n");
}

/** emulate_motion makes it keep everything, movie_passthrough without encoding. */
function cameraSettings(number: number, clipPath: string): string {
  return [
    ...[`camera_id ${number}`, `netcam_url file://${clipPath}`],
    ...["width 1920", "height 1080", "framerate 25", "text_left", "text_right", "stream_port 0"],
    ...["picture_output off", "picture_quality 85", "snapshot_interval 1"],
    `snapshot_filename camera${number}/%Y%m%d%H%M%S`,
    ...["emulate_motion on", "movie_output on", "movie_passthrough on", "movie_codec mp4"],
    ...["movie_max_time 10", `movie_filename camera${number}/%Y%m%d%H%M%S`],
    "",
  ].join("\n");
}
