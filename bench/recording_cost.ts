// deno-lint-ignore-file no-console -- a bench prints its figures
/**
 * What recording one camera costs: CPU seconds a minute of 1080p25 H.264 at
 * 4 Mbit/s, all processes together, stills included, next to two references that
 * are measured in the same run: copying the stream and decoding every frame.
 *
 * Run with `./dev bench`. Ends with 1 when the target is missed.
 *
 * @module
 */

import { join } from "node:path";
import { cpuSecondsOfTree } from "./support/cpu_time.ts";

/** Most CPU seconds that a recorded minute may cost. */
const TARGET_SECONDS = 0.9;

const CLIP_SECONDS = 60;

/** How long the program runs before measuring begins: start-up is not recording. */
const WARM_UP_MS = 10_000;

const MEASURED_MS = 60_000;

interface Figure {
  readonly name: string;
  readonly cpuSeconds: number;
}

async function makeClip(path: string, gop: number): Promise<void> {
  await ffmpeg([
    ..."-f lavfi -i testsrc2=size=1920x1080:rate=25,noise=alls=6:allf=t".split(" "),
    ...`-t ${CLIP_SECONDS} -c:v libx264 -preset veryfast -g ${gop} -keyint_min ${gop}`.split(" "),
    ..."-sc_threshold 0 -bf 0 -b:v 4M -maxrate 4M -bufsize 4M -pix_fmt yuv420p".split(" "),
    path,
  ]);
}

/** Runs ffmpeg; returns the CPU seconds that it reports of itself. */
async function ffmpeg(args: readonly string[]): Promise<number> {
  const { code, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", "-y", "-benchmark", ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr);
  const used = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(text);
  if (code !== 0 || used === null) throw new Error(`ffmpeg failed: ${text.slice(-2_000)}`);
  return Number(used[1]) + Number(used[2]);
}

/** CPU seconds of recording for a minute, after the start. */
async function recordingCost(
  folder: string,
  camera: { readonly clip: string; readonly stills: boolean },
): Promise<number> {
  const root = await Deno.makeTempDir({ dir: folder });
  await Deno.writeTextFile(
    join(root, "lookback.yaml"),
    `stills: { enabled: ${camera.stills} }\ncameras:\n` +
      `  - { id: bench, source: ${camera.clip}, loop: true }\n`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ..."run --quiet --allow-read --allow-write --allow-run --allow-env --allow-sys".split(" "),
      new URL("../main.ts", import.meta.url).pathname,
      "run",
    ],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  await pause(WARM_UP_MS);
  const before = cpuSecondsOfTree(child.pid);
  await pause(MEASURED_MS);
  const cost = cpuSecondsOfTree(child.pid) - before;
  child.kill("SIGTERM");
  const { code } = await child.status;
  if (code !== 0) throw new Error(`Recording ended with code ${code}`);
  if (cost <= 0) throw new Error("Recording cost nothing: the measurement is wrong");
  return cost;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function measure(folder: string): Promise<Figure[]> {
  const everySecond = join(folder, "gop-1s.mp4");
  const everyFour = join(folder, "gop-4s.mp4");
  await makeClip(everySecond, 25);
  await makeClip(everyFour, 100);
  const figures: Figure[] = [];
  const add = async (name: string, cost: Promise<number>) =>
    figures.push({ name, cpuSeconds: await cost });
  await add("ffmpeg, copy", ffmpeg(["-i", everySecond, "-c", "copy", "-f", "null", "-"]));
  await add(
    "ffmpeg, decode every frame",
    ffmpeg(["-threads", "1", "-i", everySecond, "-f", "null", "-"]),
  );
  // What a still a second costs at least: the pictures alone, nothing recorded.
  await add(
    "ffmpeg, a JPEG of each key frame",
    ffmpeg([
      ...["-threads", "1", "-skip_frame", "nokey", "-i", everySecond, "-fps_mode", "passthrough"],
      ...["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "6", "-f", "null", "-"],
    ]),
  );
  await add(
    "Lookback, no stills",
    recordingCost(folder, { clip: everySecond, stills: false }),
  );
  await add(
    "Lookback, stills, key frame each 4 s",
    recordingCost(folder, { clip: everyFour, stills: true }),
  );
  await add(
    "Lookback, stills, key frame each 1 s",
    recordingCost(folder, { clip: everySecond, stills: true }),
  );
  return figures;
}

function report(figures: readonly Figure[]): boolean {
  const decoding = figures[1]!.cpuSeconds;
  console.log("CPU seconds a minute of 1080p25 H.264 at 4 Mbit/s, all processes together\n");
  for (const { name, cpuSeconds } of figures) {
    const ratio = (decoding / cpuSeconds).toFixed(1);
    console.log(
      `${name.padEnd(38)} ${cpuSeconds.toFixed(2).padStart(6)} s   decoding is ${ratio} ×`,
    );
  }
  const { cpuSeconds } = figures.at(-1)!;
  const isMet = cpuSeconds <= TARGET_SECONDS;
  console.log(
    `\ntarget: at most ${TARGET_SECONDS} s with a still a second: ${isMet ? "pass" : "MISS"}`,
  );
  return isMet;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "lookback-bench-" });
  let isMet = false;
  try {
    isMet = report(await measure(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  Deno.exit(isMet ? 0 : 1);
}
