// deno-lint-ignore-file no-console
/**
 * Records sixteen cameras while sixteen people watch, one each, by each protocol; then
 * compares every frame that was recorded with what the cameras sent.
 *
 * The viewers are in a real browser on this box: over WebRTC it decodes all sixteen, which
 * takes more than two cores have.
 *
 * Run at the repository's top:
 *   deno run --allow-all bench/live_crowd.ts [seconds]
 *
 * Out: a table for people, in Markdown. Ends with 1 where a frame is missing.
 *
 * @module
 */

import { join } from "node:path";
import { checkRecorded, type RecordedCheck, sizesOfFrames } from "../src/bench/capacity_check.ts";
import { CLIP_FPS, makeClip } from "../src/bench/clip.ts";
import { pause } from "../src/bench/lookback_process.ts";
import { CpuMeter } from "../src/bench/process_cpu.ts";
import { memoryBytes } from "../src/bench/process_tree.ts";
import { startBrowser } from "../tests/support/browser.ts";
import { enterFirst, servePage } from "../tests/support/served_page.ts";
import { VIEWER_SCRIPTS } from "./live_viewers.ts";

const CAMERAS = 16;
const CAMERA_IDS = Array.from({ length: CAMERAS }, (_, index) => `camera${index + 1}`);

const SECONDS = 30;

const CROWDS = ["nobody", "mse", "hls", "whep"] as const;
type Crowd = typeof CROWDS[number];

interface CrowdRow {
  readonly crowd: Crowd;
  readonly check: RecordedCheck;
  /** Frames that the cameras sent in the time. */
  readonly due: number;
  /** How many got anything in the second half of the time. */
  readonly served: number;
  readonly bitsPerSecond: number;
  /** Of Lookback with its recorders, in percent of a core. */
  readonly cpuPercent: number;
  /** Of Lookback's process, in MB of 10^6 bytes. */
  readonly memoryMb: number;
}

interface Clip {
  readonly path: string;
  readonly frameSizes: readonly number[];
}

async function record(crowd: Crowd, clip: Clip, seconds: number): Promise<CrowdRow> {
  const root = await Deno.makeTempDir({ prefix: "live-crowd-" });
  try {
    const cameras = CAMERA_IDS.map((id) => `  - { id: ${id}, source: "${clip.path}", loop: true }`);
    const settings = `stills: { enabled: false }\ncameras:\n${cameras.join("\n")}\n`;
    await using served = await servePage(root, settings);
    await using browser = await startBrowser({ scripts: VIEWER_SCRIPTS });
    const { page } = browser;
    await enterFirst(page, served);
    await page.goto(`${served.url}#/account`);
    if (crowd !== "nobody") {
      for (const id of CAMERA_IDS) await page.evaluate(`addViewers("${id}", "${crowd}", 1)`);
    }
    using meter = new CpuMeter();
    const { pid } = served.running;
    await pause(seconds * 500);
    const cpuBefore = await meter.read([[pid]]);
    const before = await page.evaluate<number[]>("viewersBytes()");
    await pause(seconds * 500);
    const after = await page.evaluate<number[]>("viewersBytes()");
    const cpuAfter = await meter.read([[pid]]);
    const tookSeconds = (cpuAfter.atMs - cpuBefore.atMs) / 1_000;
    const cpuSeconds = cpuAfter.seconds[0]! - cpuBefore.seconds[0]!;
    const memoryMb = await memoryBytes([pid]) / 1_000_000;
    const got = after.map((bytes, index) => bytes - before[index]!);
    served.running.kill("SIGTERM");
    await served.running.finished;
    return {
      crowd,
      check: await checkRecorded({ root, cameraIds: CAMERA_IDS }, clip.frameSizes),
      due: CAMERAS * CLIP_FPS * tookSeconds * 2,
      served: got.filter((bytes) => bytes > 0).length,
      bitsPerSecond: got.reduce((sum, bytes) => sum + bytes, 0) * 8 / tookSeconds,
      cpuPercent: cpuSeconds / tookSeconds * 100,
      memoryMb,
    };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function print({ crowd, check, due, served, bitsPerSecond, cpuPercent, memoryMb }: CrowdRow): void {
  const faults = check.faults.length === 0 ? "none" : check.faults.join("; ");
  console.log(
    `| ${crowd} | ${served} | ${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s | ${check.frames} | ` +
      `at least ${due.toFixed(0)} | ${faults} | ${cpuPercent.toFixed(0)} % | ${
        memoryMb.toFixed(0)
      } MB |`,
  );
}

/** Nobody is missing, and each frame is there: the cameras also sent before and after the time. */
function isWhole({ crowd, check, due, served }: CrowdRow): boolean {
  const wanted = crowd === "nobody" ? 0 : CAMERAS;
  return check.faults.length === 0 && check.frames >= due && served === wanted;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "live-crowd-clip-" });
  try {
    const path = join(folder, "clip.mp4");
    await makeClip(path, { picture: "scene", gop: 100, ffmpegPath: "ffmpeg" });
    const clip = { path, frameSizes: await sizesOfFrames(path, "ffmpeg") };
    console.log(
      "| watched by | viewers served | to them | frames recorded | due | missing or wrong | CPU | memory |",
    );
    console.log("|---|---|---|---|---|---|---|---|");
    for (const crowd of CROWDS) {
      const row = await record(crowd, clip, Number(Deno.args[0] ?? SECONDS));
      print(row);
      if (!isWhole(row)) Deno.exitCode = 1;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
