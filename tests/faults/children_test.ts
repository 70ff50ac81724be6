/**
 * Lookback is killed outright: no program that it started may outlive it, least
 * of all one that waits for a camera that says nothing.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { join } from "node:path";
import { makeClip } from "../support/clips.ts";
import { type Running, startLookback, writeConfig } from "../support/lookback.ts";
import { allProcesses, argumentsOf, childrenOf, untilGone } from "../support/processes.ts";
import { silence, startTcpServer } from "../support/tcp_server.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { noteMeasured } from "./measured.ts";

/** The promise of docs/reliability.md, in milliseconds. */
const GONE_WITHIN_MS = 5_000;

const KILLED_RUN = "run leaves no child behind when it is killed, whatever its cameras do";

Deno.test(KILLED_RUN, async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await makeClip(join(root, "yard.mp4"), { seconds: 2 });
  await using mute = startTcpServer(silence);
  await writeConfig(
    root,
    "cameras:\n  - { id: yard, source: yard.mp4, loop: true }\n" +
      `  - { id: mute, source: "rtsp://${mute.host}/x" }\n`,
  );
  await using running = startLookback(["run"], { cwd: root });
  await running.shown("capture yard: Recording");
  await mute.reached(1);
  // Two recorders, and the stills of the one that has a picture.
  const pids = await ffmpegsOf(running, 3);
  const lines = await Promise.all(pids.map(argumentsOf));
  ok(lines.some((words) => words.includes(`rtsp://${mute.host}/x`)), "the mute camera's recorder");
  running.kill("SIGKILL");
  const goneMs = await untilGone(pids, GONE_WITHIN_MS);
  await running.finished;
  await noteMeasured({
    fault: "kill -9 of the main process: programs that it started",
    lostAtMost: "none is left after 5 s",
    measured: `${pids.length} gone after ${Math.round(goneMs)} ms, one waiting for a mute camera`,
    test: KILLED_RUN,
  });
});

Deno.test("cameras probe leaves no child behind when it is killed while the camera says nothing", async () => {
  await using folder = await tempFolder();
  await using mute = startTcpServer(silence);
  const args = ["cameras", "probe", `rtsp://${mute.host}/x`];
  await using running = startLookback(args, { cwd: folder.path });
  await mute.reached(1);
  const pids = await ffmpegsOf(running, 1);
  running.kill("SIGKILL");
  await untilGone(pids, GONE_WITHIN_MS);
  await running.finished;
});

Deno.test("run ends a stopped child too when it is killed", async () => {
  await using folder = await tempFolder();
  await writeConfig(folder.path, "cameras:\n  - { id: lab, source: test://320x180@25 }\n");
  await using running = startLookback(["run"], { cwd: folder.path });
  await running.shown("capture lab: Recording");
  const pids = await ffmpegsOf(running, 2);
  for (const pid of pids) Deno.kill(pid, "SIGSTOP");
  await until(async () => {
    const stopped = (await allProcesses()).filter(({ state }) => state === "T");
    return pids.every((pid) => stopped.some((each) => each.pid === pid));
  }, { limitMs: 10_000, what: "both children to stand still" });
  running.kill("SIGKILL");
  await untilGone(pids, GONE_WITHIN_MS);
  await running.finished;
});

/** The process ids of the program's ffmpegs and ffprobes, once there are so many. */
async function ffmpegsOf(running: Running, count: number): Promise<readonly number[]> {
  let pids: readonly number[] = [];
  await until(async () => {
    const children = await childrenOf(running.pid);
    pids = children.filter(({ name }) => /^ff(?:mpeg|probe)$/.test(name)).map(({ pid }) => pid);
    return pids.length >= count;
  }, { limitMs: 10_000, what: `${count} children` });
  return pids;
}
