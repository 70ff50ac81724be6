/**
 * The programs beside Lookback fail: the one that makes stills stands still or
 * dies, the one that records dies. Stills are expendable, footage is not.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { indexRecording } from "../../src/footage/recording_index.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import { filesBelow, loggedFrames, openArchive, seededRandom } from "../support/archive.ts";
import { runFfmpeg } from "../support/clips.ts";
import { type Running, startLookback, writeConfig } from "../support/lookback.ts";
import { argumentsOf, childrenOf, memoryOf, stillThere } from "../support/processes.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";

/** How long the decoders stand still. A decoder that owes a still for 15 s is replaced. */
const STALL_SECONDS = isLong ? 600 : 17;

/** Bits per second of the film: ten minutes of it must fit into the folder for temporary files. */
const RATE = isLong ? "4M" : "30M";

/** How long recording goes on after that. */
const AFTER_SECONDS = 7;

/** What Lookback may take more than before, in bytes: its queues have 64 MiB, the rest is garbage. */
const MEMORY_BYTES = 150 * 1024 * 1024;

/** How many times each program is killed. */
const KILLS = isLong ? 50 : 3;

/** What may be lost where the recorder is killed, in milliseconds. */
const LOST_MS = 4_000;

type Role = "recorder" | "stills";

/** The process ids of the ffmpegs that the program has for a purpose. */
async function ffmpegsFor(running: Running, role: Role): Promise<readonly number[]> {
  const children = (await childrenOf(running.pid)).filter(({ name }) => name === "ffmpeg");
  const described = await Promise.all(
    children.map(async ({ pid }) => ({ pid, words: await argumentsOf(pid) })),
  );
  const sign = role === "stills" ? "mjpeg" : "-frag_duration";
  return described.filter(({ words }) => words.includes(sign)).map(({ pid }) => pid);
}

/** The process id of the one ffmpeg for a purpose, once it is there and another than before. */
async function newFfmpeg(running: Running, role: Role, before: number | undefined) {
  let pid: number | undefined;
  await until(async () => {
    pid = (await ffmpegsFor(running, role)).find((each) => each !== before);
    return pid !== undefined;
  }, { limitMs: 20_000, what: `a ${role} process` });
  return pid!;
}

function signalIfThere(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A film with so much detail that a decoder's queue is full long before the stall ends. */
async function makeHeavyClip(folder: string, seconds: number): Promise<string> {
  const source = "testsrc2=size=1280x720:rate=25,noise=alls=20:allf=t";
  const part = join(folder, "part.mp4");
  await runFfmpeg([
    ...["-f", "lavfi", "-i", source, "-t", "2", "-c:v", "libx264", "-preset", "ultrafast"],
    ...["-b:v", RATE, "-maxrate", RATE, "-bufsize", RATE, "-g", "25", "-pix_fmt", "yuv420p"],
    part,
  ]);
  const path = join(folder, "heavy.mp4");
  const copies = Math.ceil(seconds / 2) - 1;
  await runFfmpeg(["-stream_loop", `${copies}`, "-i", part, "-c", "copy", path]);
  return path;
}

/** Keeps every stills decoder stopped, the ones that follow too. Gives the most memory that was held. */
async function stallStills(
  running: Running,
  seconds: number,
): Promise<{ mostBytes: number; stopped: Set<number> }> {
  const stopped = new Set<number>();
  const startedAt = performance.now();
  let mostBytes = 0;
  await until(async () => {
    for (const pid of await ffmpegsFor(running, "stills")) {
      signalIfThere(pid, "SIGSTOP");
      stopped.add(pid);
    }
    mostBytes = Math.max(mostBytes, await memoryOf(running.pid));
    return performance.now() - startedAt >= seconds * 1_000;
  }, { limitMs: (seconds + 30) * 1_000, what: "the end of the stall" });
  return { mostBytes, stopped };
}

const STALL =
  "run records every frame while the stills decoder stands still, and makes stills again after it";

Deno.test(STALL, async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const seconds = STALL_SECONDS + AFTER_SECONDS;
  await makeHeavyClip(root, seconds);
  await writeConfig(
    root,
    "batch: { duration_seconds: 2 }\ncameras:\n  - { id: yard, source: heavy.mp4 }\n",
  );
  await using running = startLookback(["run", "--until-end"], { cwd: root });
  await running.shown("capture yard: Recording");
  await newFfmpeg(running, "stills", undefined);
  const beforeBytes = await memoryOf(running.pid);
  const { mostBytes, stopped } = await stallStills(running, STALL_SECONDS);
  const stillsBefore = await stillsOf(root);
  for (const pid of await stillThere([...stopped])) signalIfThere(pid, "SIGCONT");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  const frames = await loggedFrames(root, "yard");
  deepStrictEqual(frames.map(({ frameId }) => frameId), everyIdTo(Math.ceil(seconds / 2) * 50));
  strictEqual(new Set(frames.map(({ run }) => run)).size, 1);
  const takenBytes = mostBytes - beforeBytes;
  ok(takenBytes < MEMORY_BYTES, `${takenBytes} bytes more than before the stall`);
  const later = (await stillsOf(root)).length - stillsBefore.length;
  ok(later >= 2, `${later} stills after the stall; ${stderr}`);
  await noteMeasured({
    fault: `the stills decoder stands still for ${STALL_SECONDS} s, at ${RATE}bit/s`,
    lostAtMost: "no footage; stills of that time",
    measured: `0 of ${frames.length} frames lost, ${Math.round(takenBytes / 1_048_576)} MiB more ` +
      `memory, ${later} stills in the ${AFTER_SECONDS} s after it`,
    test: STALL,
  });
});

const STILLS_KILLED = "run records every frame when the stills decoder is killed again and again";

Deno.test(STILLS_KILLED, async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, "cameras:\n  - { id: lab, source: test://320x180@25 }\n");
  await using running = startLookback(["run"], { cwd: root });
  await running.shown("capture lab: Recording");
  const progress = async () => (await stillsOf(root)).length;
  await killAgainAndAgain(running, { role: "stills", progress });
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  const frames = await loggedFrames(root, "lab");
  deepStrictEqual(frames.map(({ frameId }) => frameId), everyIdTo(frames.length));
  strictEqual(longestHoleMs(frames), 0);
  await noteMeasured({
    fault: `kill -9 of the stills decoder, ${KILLS} times`,
    lostAtMost: "no footage; stills of some seconds",
    measured: `0 of ${frames.length} frames lost, ${(await stillsOf(root)).length} stills made`,
    test: STILLS_KILLED,
  });
});

const RECORDER_KILLED = "run loses a few seconds at most when a recorder is killed, and no batch";

Deno.test(RECORDER_KILLED, async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(
    root,
    "batch: { duration_seconds: 2 }\nstills: { enabled: false }\n" +
      "cameras:\n  - { id: lab, source: test://320x180@25 }\n",
  );
  await using running = startLookback(["run"], { cwd: root });
  await running.shown("capture lab: Recording");
  // Not files: what a killed recorder had left in its pipe makes files too.
  const progress = async () => await runsLogged(root);
  await killAgainAndAgain(running, { role: "recorder", progress });
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  const frames = await loggedFrames(root, "lab");
  deepStrictEqual(frames.map(({ frameId }) => frameId), everyIdTo(frames.length));
  strictEqual(new Set(frames.map(({ run }) => run)).size, KILLS + 1);
  using archive = openArchive(root);
  const batches = archive.batchesSince("lab", frames[0]!.atMs);
  strictEqual(batches.reduce((sum, { frameCount }) => sum + frameCount, 0), frames.length);
  for (const { recordingPath } of batches) indexRecording(join(root, recordingPath));
  const lostMs = longestHoleMs(frames);
  ok(lostMs < LOST_MS, `${lostMs} ms were lost`);
  await noteMeasured({
    fault: `kill -9 of a recorder's ffmpeg, ${KILLS} times`,
    lostAtMost: `${LOST_MS / 1_000} s each time`,
    measured: `at most ${
      (lostMs / 1_000).toFixed(2)
    } s between two frames, all ${batches.length} batches whole`,
    test: RECORDER_KILLED,
  });
});

/** How many runs have lines in the frame log. */
async function runsLogged(root: string): Promise<number> {
  try {
    return new Set((await loggedFrames(root, "lab")).map(({ run }) => run)).size;
  } catch (error) {
    // Nothing is written yet.
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** What is killed, and how far its work has come: files that it made, or runs. */
interface Victim {
  readonly role: Role;
  readonly progress: () => Promise<number>;
}

/** Kills a program at moments that chance names, each time when the one after the last is at work. */
async function killAgainAndAgain(running: Running, { role, progress }: Victim): Promise<void> {
  const random = seededRandom(20_261_122);
  let killed: number | undefined;
  for (let round = 0; round <= KILLS; round += 1) {
    const done = await progress();
    const pid = await newFfmpeg(running, role, killed);
    const what = `work of the ${role} process`;
    await until(async () => await progress() > done, { limitMs: 30_000, what });
    if (round === KILLS) return;
    // A recorder that dies within its first second, again and again, is tried ever more rarely.
    const aliveMs = 1_200 + random() * 1_500;
    const aliveFrom = performance.now();
    const isTime = () => performance.now() - aliveFrom > aliveMs;
    await until(isTime, { limitMs: 10_000, what: "the moment of the kill" });
    Deno.kill(pid, "SIGKILL");
    killed = pid;
  }
}

function everyIdTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function stillsOf(root: string): Promise<readonly string[]> {
  try {
    return (await filesBelow(join(root, "frames"))).filter((path) => path.endsWith(".jpg"));
  } catch (error) {
    // The folder comes with the first still.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The longest time between the end of a frame and the next one; 0 where they follow each other. */
function longestHoleMs(frames: readonly LoggedFrame[]): number {
  const distances = frames.slice(1).map((frame, index) => frame.atMs - frames[index]!.atMs - 40);
  const longest = Math.max(0, ...distances);
  return longest > 80 ? longest : 0;
}
