// deno-lint-ignore-file no-console
/**
 * What looking at pictures costs: processor time of Lookback's own process for each
 * camera, with a scene that stands still and with one that moves, beyond what the
 * same cameras cost without vision; the vision decoders and the detector's process
 * apart. And whether recording lost a frame meanwhile.
 *
 * Run at the repository's top, on a quiet box, with a clip in which something moves:
 *   deno run --allow-all bench/vision_cost.ts CLIP [cameras, default 4]
 *
 * In:  a video file; it is played in a loop by each camera.
 * Out: lines for people.
 *
 * @module
 */

import { join } from "node:path";
import { median } from "../src/bench/figure.ts";
import { pause, startLookback } from "../src/bench/lookback_process.ts";
import { preferredCommand, programText } from "../src/bench/start_commands.ts";
import { DETECTOR_ARGUMENT } from "../src/host/own_program.ts";

const WARM_UP_MS = 20_000;
const WINDOWS = 5;
const WINDOW_MS = 8_000;

/** Lines of the log that are not looked at: frames that a group of B-frames may reach over. */
const LAST_LINES = 8;

/** As many ticks of the processor's clock a second as Linux has on all its machines. */
const TICKS_PER_SECOND = 100;

interface Seen {
  /** CPU seconds since the start. */
  readonly main: number;
  readonly decoders: number;
  readonly detector: number;
}

interface Cost {
  /** Percent of one core, all cameras together, for each window. */
  readonly main: readonly number[];
  readonly decoders: readonly number[];
  readonly detector: readonly number[];
}

async function cpuSeconds(pid: number | string): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Processes that vision started. */
interface Helpers {
  readonly decoders: readonly number[];
  readonly detectors: readonly number[];
}

async function helpersOf(pid: number): Promise<Helpers> {
  const decoders: number[] = [];
  const detectors: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await Deno.readTextFile(`/proc/${name}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent !== pid) continue;
      const command = (await Deno.readTextFile(`/proc/${name}/cmdline`)).split("\0");
      // Only vision's decoders write raw pictures.
      if (command.includes("rawvideo")) decoders.push(Number(name));
      if (command.includes(DETECTOR_ARGUMENT)) detectors.push(Number(name));
    } catch {
      // It has ended meanwhile.
    }
  }
  return { decoders, detectors };
}

async function look(pid: number, { decoders, detectors }: Helpers): Promise<Seen> {
  const sum = async (pids: readonly number[]) =>
    (await Promise.all(pids.map(cpuSeconds))).reduce((all, one) => all + one, 0);
  return {
    main: await cpuSeconds(pid),
    decoders: await sum(decoders),
    detector: await sum(detectors),
  };
}

async function measure(
  clip: string,
  { cameras, vision }: { readonly cameras: number; readonly vision: boolean },
): Promise<Cost> {
  const root = await Deno.makeTempDir({ prefix: "vision-cost-" });
  try {
    const eye = vision ? ", vision: { enabled: true }" : "";
    const running = await startLookback({
      root,
      cameras: Array<string>(cameras).fill(
        `source: ${JSON.stringify(clip)}, loop: true${eye}`,
      ),
      stills: true,
      ffmpegPath: "ffmpeg",
      camerasPerWorker: 1,
      lookback: await preferredCommand(),
    });
    await pause(WARM_UP_MS);
    const helpers = await helpersOf(running.pid);
    if (helpers.decoders.length !== (vision ? cameras : 0)) {
      throw new Error("A vision decoder is missing");
    }
    if (helpers.detectors.length !== (vision ? 1 : 0)) {
      throw new Error(`Need one detector process, found ${helpers.detectors.length}`);
    }
    const seen = [await look(running.pid, helpers)];
    for (let window = 0; window < WINDOWS; window += 1) {
      await pause(WINDOW_MS);
      seen.push(await look(running.pid, helpers));
    }
    await running.stop();
    await requireAllFrames(root, running.cameraIds);
    const share = (of: (each: Seen) => number) =>
      seen.slice(1).map((each, index) => (of(each) - of(seen[index]!)) / WINDOW_MS * 100_000);
    return {
      main: share(({ main }) => main),
      decoders: share((each) => each.decoders),
      detector: share((each) => each.detector),
    };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** @throws {Error} If frame numbers have a hole, or times do. */
async function requireAllFrames(root: string, cameraIds: readonly string[]): Promise<void> {
  for (const id of cameraIds) {
    let last: { readonly number: number; readonly atMs: number } | undefined;
    let frames = 0;
    const lines = await logLines(join(root, "data", "frames", id));
    // A stop cuts in the order of sending: of B-frames at the very end some have not come.
    for (const line of lines.slice(0, -LAST_LINES)) {
      const { frame_id, timestamp, detections } = JSON.parse(line);
      if (detections !== undefined) continue;
      const now = { number: Number(frame_id), atMs: Date.parse(timestamp) };
      if (last !== undefined && (now.number !== last.number + 1 || now.atMs - last.atMs > 200)) {
        const gap = `${now.atMs - last.atMs} ms before frame ${frame_id}, at ${timestamp}`;
        throw new Error(`${id} has a hole of ${gap}`);
      }
      last = now;
      frames += 1;
    }
    console.log(`  ${id}: ${frames} frames, none missing`);
  }
}

async function logLines(folder: string): Promise<string[]> {
  const lines: string[] = [];
  const days = await Array.fromAsync(Deno.readDir(folder));
  for (const day of days.map(({ name }) => name).sort()) {
    const hours = await Array.fromAsync(Deno.readDir(join(folder, day)));
    for (const hour of hours.map(({ name }) => name).sort()) {
      const text = await Deno.readTextFile(join(folder, day, hour));
      lines.push(...text.split("\n").filter((line) => line !== ""));
    }
  }
  return lines;
}

/** The first picture of the clip, as a scene that stands still, with a sensor's noise. */
async function stillScene(clip: string, folder: string): Promise<string> {
  const path = join(folder, "still.mp4");
  const { code } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-y", "-ss", "1", "-i", clip, "-vf"],
      "select=eq(n\\,0),loop=loop=499:size=1:start=0,setpts=N/25/TB,noise=alls=3:allf=t",
      ...["-r", "25", "-frames:v", "500", "-an", "-c:v", "libx264", "-preset", "superfast"],
      ...["-g", "25", path],
    ],
    stdin: "null",
  }).output();
  if (code !== 0) throw new Error("Cannot make the clip that stands still");
  return path;
}

function print(name: string, cameras: number, without: Cost, looked: Cost): void {
  const each = (values: readonly number[]) => (median(values) / cameras).toFixed(2);
  const more = ((median(looked.main) - median(without.main)) / cameras).toFixed(2);
  console.log(
    `${name}: ${more} % of a core a camera beyond decoding ` +
      `(own process ${each(looked.main)} %, without vision ${each(without.main)} %); ` +
      `its decoder ${each(looked.decoders)} %, its part of the detector ${each(looked.detector)} %`,
  );
}

if (import.meta.main) {
  const [clip, counted = "4"] = Deno.args;
  if (clip === undefined) throw new Error("Need a clip");
  const cameras = Number(counted);
  console.log(programText(await preferredCommand()));
  const folder = await Deno.makeTempDir({ prefix: "vision-clip-" });
  try {
    const still = await stillScene(clip, folder);
    for (const [name, path] of [["still scene", still], ["moving scene", clip]] as const) {
      const without = await measure(path, { cameras, vision: false });
      print(name, cameras, without, await measure(path, { cameras, vision: true }));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
