/**
 * The runs that recording is judged by: for each number of cameras all that can
 * run side by side on this box, each run carried out once, whatever asks for it.
 *
 * Cost, capacity and memory are three looks at the same runs.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { removeIfThere } from "../host/durable.ts";
import { checkRecorded, type RecordedCheck, sizesOfFrames } from "./capacity_check.ts";
import { CLIP_SECONDS, makeClip } from "./clip.ts";
import { median } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import type { Contestant, RunningContestant } from "./recording_contestant.ts";
import { type Clip, copyContestant, lookbackContestant } from "./recording_lookback.ts";
import { type ContestantResult, keepsUp, runSideBySide, type Windows } from "./recording_run.ts";

export const CAMERA_COUNTS = [1, 4, 16, 64] as const;

/** Names of Lookback's forms in the report. */
export const PLAIN = "Lookback without stills";
export const STILLS = "Lookback with stills";
export const STILLS_FAR = "Lookback with stills, key frame each 4 s";
export const STILLS_HARD = "Lookback with stills, hard clip";

/** Name of a form with several cameras in a Worker. */
export function sharedName(form: string, camerasPerWorker: number): string {
  return camerasPerWorker === 1 ? form : `${form}, ${camerasPerWorker} in a Worker`;
}

export interface Clips {
  readonly scene: Clip;
  /** The same scene with a key frame each 4 s. */
  readonly far: Clip;
  readonly hard: Clip;
  /** Bytes of each frame of `scene`. */
  readonly sceneSizes: readonly number[];
}

/** What one contestant did, and for Lookback whether all frames are there. */
export interface Run extends ContestantResult {
  readonly check: RecordedCheck | undefined;
  /** Why there are no numbers. */
  readonly failure?: string;
}

/** Why a contestant did not do the work of so many cameras, undefined when it did. */
export function shortfall(run: Run): string | undefined {
  if (run.failure !== undefined) return run.failure;
  const [fault] = run.check?.faults ?? [];
  if (fault !== undefined) return `${fault} (${run.check!.faults.length} cameras with a fault)`;
  if (keepsUp(run)) return undefined;
  if (run.pace !== null) return `it took ${(run.pace * 100).toFixed(1)} % of the frames due`;
  return `it was ${Math.max(...run.lagMs)} ms behind`;
}

export interface RunsOptions extends MeasureOptions {
  /** Cameras that share a Worker, for the runs with several; 1 alone leaves those out. */
  readonly workerSizes: readonly number[];
}

/** Six windows of half a batch in the short form: as many with a batch's end as without. */
const WINDOWS: Readonly<Record<MeasureOptions["form"], Windows>> = {
  short: { warmUpMs: 5_000, count: 6, windowMs: 5_000 },
  long: { warmUpMs: 20_000, count: 10, windowMs: 30_000 },
};

/** Those that decode every frame: their cost is steady, and so high that a short look is exact. */
const OTHERS: Readonly<Record<MeasureOptions["form"], Windows>> = {
  short: { warmUpMs: 5_000, count: 5, windowMs: 3_000 },
  long: { warmUpMs: 10_000, count: 10, windowMs: 10_000 },
};

/** How long others run at most, start and end included, in seconds. */
export function longestSeconds(form: MeasureOptions["form"]): number {
  const { warmUpMs, count, windowMs } = OTHERS[form];
  return (warmUpMs + count * windowMs) / 1_000 + 30;
}

const NOTHING = {
  cpuSeconds: [],
  mainBytes: [],
  childrenBytes: [],
  pace: null,
  lagMs: [],
  check: undefined,
} as const;

/** Cameras by whose cost it is judged whether more are worth trying. */
const FEW = 16;

/** Why so many cameras can't be carried, by what a camera took among a few; undefined if they may be. */
function tooMuch(cameras: number, few: Run): string | undefined {
  if (few.cpuSeconds.length === 0) return undefined;
  const wanted = median(few.cpuSeconds) * cameras / 60;
  if (wanted <= navigator.hardwareConcurrency) return undefined;
  return `not tried: at ${median(few.cpuSeconds).toFixed(2)} CPU-s a camera-minute it would take ` +
    `${wanted.toFixed(1)} processors of ${navigator.hardwareConcurrency}`;
}

export function countedCameras(count: number): string {
  return `${count} ${count === 1 ? "camera" : "cameras"}`;
}

export class RecordingRuns implements AsyncDisposable {
  readonly #options: RunsOptions;
  readonly #runs = new Map<string, Promise<readonly Run[]>>();
  #clips: Promise<Clips> | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get workerSizes(): readonly number[] {
    return this.#options.workerSizes;
  }

  clips(): Promise<Clips> {
    return this.#clips ??= this.#makeClips();
  }

  /** Copy and all forms of Lookback with this many cameras; from 64 on in several runs. */
  async lookbackAt(cameras: number): Promise<readonly Run[]> {
    const shared = this.workerSizes.filter((size) => size > 1 && size <= cameras);
    if (cameras < 64) {
      const forms = [PLAIN, STILLS, ...(cameras === 1 ? [STILLS_FAR, STILLS_HARD] : [])];
      const runs = await this.#at(cameras, ["copy", ...forms]);
      const more = shared.flatMap((size) => [sharedName(PLAIN, size), sharedName(STILLS, size)]);
      return more.length === 0 ? runs : [...runs, ...await this.#at(cameras, more)];
    }
    const runs = [...await this.plainAt(cameras), ...await this.stillsAt(cameras)];
    for (const size of shared) runs.push(...await this.#at(cameras, [sharedName(PLAIN, size)]));
    return runs;
  }

  /**
   * Lookback with stills, alone on the box. In the short form it is not tried where 16 cameras
   * have shown that it would take more than all processors.
   */
  async stillsAt(cameras: number): Promise<readonly Run[]> {
    const failure = this.#options.form === "short" && cameras > FEW
      ? tooMuch(cameras, (await this.lookbackAt(FEW)).find(({ name }) => name === STILLS)!)
      : undefined;
    if (failure !== undefined) return [{ name: STILLS, ...NOTHING, failure }];
    return await this.#at(cameras, [STILLS]);
  }

  /** Lookback without stills, beside as many copies. */
  plainAt(cameras: number): Promise<readonly Run[]> {
    return this.#at(cameras, ["copy", PLAIN]);
  }

  /** Others than Lookback, side by side. */
  others(cameras: number, contestants: readonly Contestant[]): Promise<readonly Run[]> {
    return this.#run({ cameras, windows: OTHERS[this.#options.form] }, contestants);
  }

  #at(cameras: number, names: readonly string[]): Promise<readonly Run[]> {
    const key = `${cameras}: ${names.join(", ")}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const run = this.#contestants(names).then((contestants) =>
      this.#run({ cameras, windows: WINDOWS[this.#options.form] }, contestants)
    );
    this.#runs.set(key, run);
    return run;
  }

  async #contestants(names: readonly string[]): Promise<Contestant[]> {
    const clips = await this.clips();
    const { ffmpegPath, workerSizes } = this.#options;
    const forms = [1, ...workerSizes].flatMap((camerasPerWorker) => {
      const common = { camerasPerWorker, ffmpegPath };
      const named = (name: string) => sharedName(name, camerasPerWorker);
      return [
        { ...common, name: named(PLAIN), clip: clips.scene, stills: false },
        { ...common, name: named(STILLS), clip: clips.scene, stills: true },
        { ...common, name: named(STILLS_FAR), clip: clips.far, stills: true },
        { ...common, name: named(STILLS_HARD), clip: clips.hard, stills: true },
      ];
    });
    return names.map((name) => {
      const form = forms.find((each) => each.name === name);
      return form === undefined
        ? copyContestant(clips.scene, ffmpegPath)
        : lookbackContestant(form);
    });
  }

  async #run(
    extent: { readonly cameras: number; readonly windows: Windows },
    contestants: readonly Contestant[],
  ): Promise<readonly Run[]> {
    const { folder, onProgress } = this.#options;
    const names = contestants.map(({ name }) => name).join("; ");
    onProgress(`${countedCameras(extent.cameras)}: ${names}`);
    const { sceneSizes } = await this.clips();
    const checks = new Map<string, RecordedCheck>();
    const onEnded = async (name: string, { recorded }: RunningContestant) => {
      const isScene = name !== STILLS_FAR && name !== STILLS_HARD;
      if (recorded === undefined || !isScene) return;
      checks.set(name, await checkRecorded(recorded, sceneSizes));
    };
    try {
      const results = await runSideBySide({ ...extent, contestants, folder, onEnded });
      return results.map((result) => ({ ...result, check: checks.get(result.name) }));
    } catch (error) {
      // One number of cameras that is too much is an answer, not the end of the bench.
      const failure = messageOf(error);
      onProgress(`failed: ${failure}`);
      return contestants.map(({ name }) => ({ name, ...NOTHING, failure }));
    }
  }

  async #makeClips(): Promise<Clips> {
    const { folder, ffmpegPath, onProgress } = this.#options;
    onProgress("making clips");
    const make = async (picture: "scene" | "hard", gop: number): Promise<Clip> => {
      const path = join(folder, `${picture}-${gop}.mp4`);
      await makeClip(path, { picture, gop, ffmpegPath });
      return { path, bytesPerSecond: (await Deno.stat(path)).size / CLIP_SECONDS };
    };
    const scene = await make("scene", 25);
    return {
      scene,
      far: await make("scene", 100),
      hard: await make("hard", 25),
      sceneSizes: await sizesOfFrames(scene.path, ffmpegPath),
    };
  }

  /** Removes the clips. */
  async [Symbol.asyncDispose](): Promise<void> {
    const clips = await this.#clips?.catch(() => undefined);
    if (clips === undefined) return;
    for (const { path } of [clips.scene, clips.far, clips.hard]) await removeIfThere(path);
  }
}
