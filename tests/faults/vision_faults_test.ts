/**
 * What looks at pictures fails: its decoder is killed again and again, and the
 * detector takes two seconds for a picture. Recording must not notice, and
 * afterwards there are events again.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { loggedFrames } from "../support/archive.ts";
import { lookback, type Running, startLookback, writeConfig } from "../support/lookback.ts";
import { makeMovingScene, SCENE_FPS, startSeeingService } from "../support/moving_scene.ts";
import { pause } from "../support/pause.ts";
import { argumentsOf, childrenOf, memoryOf } from "../support/processes.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";

/** How often the decoder is killed, and for how long. One that fails often pauses between. */
const KILL_EVERY_MS = 5_000;
const TURNS = isLong ? 24 : 2;

/** Kills that there must be at least. */
const LEAST_KILLS = isLong ? 5 : 2;

/** How long recording goes on after that: a decoder that failed often waits for up to 30 s. */
const AFTER_SECONDS = isLong ? 50 : 14;

const SECONDS = TURNS * KILL_EVERY_MS / 1_000 + AFTER_SECONDS;

/** What the program may take more than before, in bytes. */
const MEMORY_BYTES = 150 * 1024 * 1024;

/** Something goes through the picture in the first four of each seven seconds. */
const X = "if(lt(mod(t,7),4),mod(t,7)*150,-300)";

/** The vision decoder's process ids. */
async function decoders(running: Running): Promise<number[]> {
  const children = (await childrenOf(running.pid)).filter(({ name }) => name === "ffmpeg");
  const words = await Promise.all(children.map(({ pid }) => argumentsOf(pid)));
  return children.filter((_, index) => words[index]!.includes("rawvideo")).map(({ pid }) => pid);
}

const KILLED =
  "run records every frame while the vision decoder is killed and the detector is slow";

Deno.test(KILLED, async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const clip = join(root, "scene.mp4");
  await makeMovingScene(clip, { seconds: SECONDS, x: X });
  await using service = startSeeingService({ delayMs: 2_000 });
  await writeConfig(
    root,
    "batch: { duration_seconds: 2 }\nstills: { enabled: false }\n" +
      `vision: { enabled: true, detector: "${service.url}" }\n` +
      `cameras:\n  - { id: front, source: ${clip} }\n`,
  );
  await using running = startLookback(["run", "--until-end"], { cwd: root });
  await running.shown("capture front: Recording");
  const beforeBytes = await memoryOf(running.pid);
  let mostBytes = 0;
  let lastKillMs = 0;
  let kills = 0;
  const limit = { limitMs: 45_000, what: "a vision decoder" };
  await until(async () => (await decoders(running)).length > 0, limit);
  for (let turn = 0; turn < TURNS; turn += 1) {
    await pause(KILL_EVERY_MS);
    for (const pid of await decoders(running)) {
      Deno.kill(pid, "SIGKILL");
      kills += 1;
      lastKillMs = Date.now();
    }
    mostBytes = Math.max(mostBytes, await memoryOf(running.pid));
  }
  ok(kills >= LEAST_KILLS, `killed ${kills} times only`);
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  const frames = await loggedFrames(root, "front");
  const everyId = Array.from({ length: SECONDS * SCENE_FPS }, (_, index) => index + 1);
  deepStrictEqual(frames.map(({ frameId }) => frameId), everyId);
  strictEqual(new Set(frames.map(({ run }) => run)).size, 1);
  const takenBytes = mostBytes - beforeBytes;
  ok(takenBytes < MEMORY_BYTES, `${takenBytes} bytes more than before`);
  const { events } = JSON.parse((await lookback(["events", "--json"], { cwd: root })).stdout);
  const later = events.filter(({ kind, start }: { kind: string; start: string }) =>
    /_detected$/.test(kind) && Date.parse(start) > lastKillMs
  );
  ok(later.length > 0, `no event after the last kill; ${stderr}`);
  await noteMeasured({
    fault: `the vision decoder is killed ${kills} times, the detector takes 2 s a picture`,
    lostAtMost: "no footage; what would have been seen meanwhile",
    measured: `0 of ${frames.length} frames lost, ${Math.round(takenBytes / 1_048_576)} MiB more ` +
      `memory, ${later.length} events after the last kill`,
    test: KILLED,
  });
});
