/**
 * Two cameras that play clips in real time, under a storage root of their own:
 * what the fault tests break.
 *
 * @module
 */

import { join } from "node:path";
import { runFfmpeg } from "../../support/clips.ts";
import { type Running, startLookback, writeConfig } from "../../support/lookback.ts";
import { tempFolder } from "../../support/temp_folder.ts";

/** Ids of the cameras, in the order of the settings. */
export const CAMERA_IDS = ["front", "yard"] as const;

/**
 * Length of the clips, in seconds: longer than a round, so that a loop's seam is
 * met now and then only.
 */
const CLIP_SECONDS = 12;

/** Length of a batch: the shortest that still leaves a border to be hit in every round. */
export const BATCH_MS = 2_000;

export interface Rig extends AsyncDisposable {
  /** Folder of the settings and the clips. */
  readonly home: string;
  /** The storage root, which the program makes. */
  readonly root: string;
  /** Starts recording. */
  start(args?: readonly string[]): Running;
}

export interface RigOptions {
  /** Further lines of the settings, for example `retention: { keep_free: 0 }`. */
  readonly settings?: string;
  /** Bytes of video a second and camera, about; the default is what the picture needs. */
  readonly bytesPerSecond?: number;
  /** Length of a batch; {@linkcode BATCH_MS} if left out. */
  readonly batchMs?: number;
  /** Where the root shall be, below the home; the test may have mounted something there. */
  readonly rootName?: string;
}

/** Makes clips and settings in a temporary folder. */
export async function makeRig(options: RigOptions = {}): Promise<Rig> {
  const { batchMs = BATCH_MS } = options;
  const folder = await tempFolder();
  const home = folder.path;
  const root = join(home, options.rootName ?? "root");
  await Promise.all(
    CAMERA_IDS.map((id, index) => makeClip(join(home, `${id}.mp4`), { index, ...options })),
  );
  const cameras = CAMERA_IDS.map((id) => `  - { id: ${id}, source: ${id}.mp4, loop: true }\n`);
  await writeConfig(
    home,
    `storage: { root: ${root} }\nbatch: { duration_seconds: ${batchMs / 1_000} }\n` +
      `${options.settings ?? ""}\ncameras:\n${cameras.join("")}`,
  );
  return {
    home,
    root,
    start: (args = []) => startLookback(["run", ...args], { cwd: home }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** How long a start may take on a busy machine before the test fails, in milliseconds. */
const START_LIMIT_MS = 30_000;

/** Resolves when both cameras record. */
export async function bothRecord(running: Running): Promise<void> {
  await shownSoon(running, CAMERA_IDS.map((id) => `capture ${id}: Recording`));
}

/**
 * Resolves when some texts were shown.
 *
 * @throws {Error} After the limit, with all that was shown; the program is killed then.
 */
export async function shownSoon(
  running: Running,
  texts: readonly string[],
  limitMs = START_LIMIT_MS,
): Promise<void> {
  // What waits for a text fails when the program ends, and says what it showed.
  const timer = setTimeout(() => running.kill("SIGKILL"), limitMs);
  try {
    await Promise.all(texts.map((text) => running.shown(text)));
  } finally {
    clearTimeout(timer);
  }
}

/** 25 pictures a second, a key frame every second; the cameras look different. */
async function makeClip(
  path: string,
  { index, bytesPerSecond }: { readonly index: number; readonly bytesPerSecond?: number },
): Promise<void> {
  const bits = (bytesPerSecond ?? 0) * 8;
  // Noise can't be compressed, so the rate asked for is the rate that comes.
  const picture = bits === 0
    ? `testsrc2=size=320x180:rate=25,hue=h=${index * 90}`
    : `testsrc2=size=320x180:rate=25,noise=alls=${90 + index}:allf=t`;
  const rate = bits === 0 ? [] : ["-b:v", `${bits}`, "-maxrate", `${bits}`, "-bufsize", `${bits}`];
  await runFfmpeg([
    ...["-y", "-f", "lavfi", "-i", picture, "-t", `${CLIP_SECONDS}`, "-pix_fmt", "yuv420p"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-sc_threshold", "0", "-bf", "0"],
    ...["-g", "25", "-keyint_min", "25", ...rate, path],
  ]);
}
