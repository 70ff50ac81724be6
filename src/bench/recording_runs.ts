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
import { checkRecorded, type RecordedCheck, sizesOfFrames } from "./capacity_check.ts";
import { CLIP_SECONDS, makeClip, sceneClip } from "./clip.ts";
import { median } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import type { Contestant, RunningContestant } from "./recording_contestant.ts";
import { type Clip, copyContestant, lookbackContestant } from "./recording_lookback.ts";
import {
  type ContestantResult,
  type Entrant,
  keepsUp,
  runSideBySide,
  type Windows,
} from "./recording_run.ts";
import { type LookbackCommand, preferredCommand } from "./start_commands.ts";

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

/**
 * In the short form whole batches: three with a few cameras, in windows of half a batch, as many
 * with a batch's end as without; two with a crowd, whose ends lie anywhere. In its first minute a
 * process compiles for speed what it has run often enough, and collects its start's garbage: a
 * quarter more for one camera. A crowd has gone through some of it when its last camera begins.
 */
function windowsOf(form: MeasureOptions["form"], cameras: number): Windows {
  if (form === "long") return { warmUpMs: 40_000, count: 10, windowMs: 30_000 };
  return cameras < FEW
    ? { warmUpMs: 35_000, count: 6, windowMs: 5_000 }
    : { warmUpMs: 12_000, count: 5, windowMs: 4_000 };
}

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

/** Contestants, by their names, with so many cameras each. */
interface Group {
  readonly cameras: number;
  readonly names: readonly string[];
}

const COPY = "copy";

/** They leave most of the box idle, and have the same windows. */
const SMALL: readonly Group[] = [
  { cameras: 1, names: [COPY, PLAIN, STILLS, STILLS_FAR, STILLS_HARD] },
  { cameras: 4, names: [COPY, PLAIN, STILLS] },
];

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

export class RecordingRuns {
  readonly #options: RunsOptions;
  readonly #runs = new Map<string, Promise<readonly (readonly Run[])[]>>();
  #clips: Promise<Clips> | undefined;
  #lookback: Promise<LookbackCommand> | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get workerSizes(): readonly number[] {
    return this.#options.workerSizes;
  }

  /** Those that cameras play, made when they are first asked for. */
  clips(): Promise<Clips> {
    return this.#clips ??= this.#makeClips();
  }

  /** The program that records. */
  lookback(): Promise<LookbackCommand> {
    return this.#lookback ??= preferredCommand();
  }

  /** Copy and all forms of Lookback with this many cameras; from 16 on in several runs. */
  async lookbackAt(cameras: number): Promise<readonly Run[]> {
    const small = SMALL.findIndex((group) => group.cameras === cameras);
    const runs = small >= 0
      ? [...(await this.#at(SMALL))[small]!]
      : cameras < 64
      ? [...await this.#alone(cameras, [COPY, PLAIN, STILLS])]
      : [...await this.plainAt(cameras), ...await this.stillsAt(cameras)];
    for (const size of this.workerSizes.filter((size) => size > 1 && size <= cameras)) {
      const names = [sharedName(PLAIN, size), ...(cameras < 64 ? [sharedName(STILLS, size)] : [])];
      runs.push(...await this.#alone(cameras, names));
    }
    return runs;
  }

  /** Lookback with stills, alone; or beside others, if it carries its cameras even so. */
  async stillsAt(cameras: number): Promise<readonly Run[]> {
    const failure = await this.#tooMuch(cameras, STILLS);
    if (failure !== undefined) return [{ name: STILLS, ...NOTHING, failure }];
    const beside = await this.#carriedBeside(cameras, STILLS);
    if (beside !== undefined) return [beside];
    return await this.#alone(cameras, [STILLS]);
  }

  /** Lookback without stills, beside as many copies; or more, if it carries its cameras even so. */
  async plainAt(cameras: number): Promise<readonly Run[]> {
    const beside = await this.#carriedBeside(cameras, PLAIN);
    if (beside !== undefined) return [beside];
    const failure = await this.#tooMuch(cameras, PLAIN);
    if (failure === undefined) return await this.#alone(cameras, [COPY, PLAIN]);
    return [...await this.#alone(cameras, [COPY]), { name: PLAIN, ...NOTHING, failure }];
  }

  /** Others than Lookback, side by side. */
  async others(cameras: number, contestants: readonly Contestant[]): Promise<readonly Run[]> {
    const entrants = contestants.map((contestant) => ({ contestant, cameras }));
    return await this.#run(OTHERS[this.#options.form], entrants);
  }

  /**
   * Why so many cameras are not tried: in the short form, where 16 have shown that they would take
   * more than all processors.
   */
  async #tooMuch(cameras: number, name: string): Promise<string | undefined> {
    if (this.#options.form === "long" || cameras <= FEW) return undefined;
    return tooMuch(cameras, (await this.lookbackAt(FEW)).find((run) => run.name === name)!);
  }

  /** The run in which all forms stand side by side, unless this one fell behind there. */
  async #carriedBeside(cameras: number, name: string): Promise<Run | undefined> {
    if (cameras > FEW) return undefined;
    const run = (await this.lookbackAt(cameras)).find((each) => each.name === name)!;
    return shortfall(run) === undefined ? run : undefined;
  }

  async #alone(cameras: number, names: readonly string[]): Promise<readonly Run[]> {
    return (await this.#at([{ cameras, names }]))[0]!;
  }

  /** The runs of groups that stand side by side, group by group. */
  #at(groups: readonly Group[]): Promise<readonly (readonly Run[])[]> {
    const key = groups.map(({ cameras, names }) => `${cameras}: ${names.join(", ")}`).join("; ");
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const runs = this.#runGroups(groups);
    this.#runs.set(key, runs);
    return runs;
  }

  async #runGroups(groups: readonly Group[]): Promise<readonly (readonly Run[])[]> {
    const contestants = await this.#contestants();
    const entrants = groups.map(({ cameras, names }) =>
      names.map((name) => ({ cameras, contestant: contestants(name) }))
    );
    const windows = windowsOf(this.#options.form, groups[0]!.cameras);
    const runs = [...await this.#run(windows, entrants.flat())];
    // One that fails takes those beside it along: each group is given a run of its own then.
    if (groups.length > 1 && runs.some(({ failure }) => failure !== undefined)) {
      const alone: (readonly Run[])[] = [];
      for (const group of entrants) alone.push(await this.#run(windows, group));
      return alone;
    }
    return entrants.map(({ length }) => runs.splice(0, length));
  }

  /** Contestants by their names. */
  async #contestants(): Promise<(name: string) => Contestant> {
    const clips = await this.clips();
    const { ffmpegPath, workerSizes } = this.#options;
    const lookback = await this.lookback();
    const forms = [1, ...workerSizes].flatMap((camerasPerWorker) => {
      const common = { camerasPerWorker, ffmpegPath, lookback, isCanaryOff: true };
      const named = (name: string) => sharedName(name, camerasPerWorker);
      return [
        { ...common, name: named(PLAIN), clip: clips.scene, stills: false },
        { ...common, name: named(STILLS), clip: clips.scene, stills: true },
        { ...common, name: named(STILLS_FAR), clip: clips.far, stills: true },
        { ...common, name: named(STILLS_HARD), clip: clips.hard, stills: true },
      ];
    });
    return (name) => {
      const form = forms.find((each) => each.name === name);
      return form === undefined
        ? copyContestant(clips.scene, ffmpegPath)
        : lookbackContestant(form);
    };
  }

  async #run(windows: Windows, entrants: readonly Entrant[]): Promise<readonly Run[]> {
    const { folder, onProgress } = this.#options;
    onProgress(entrantsText(entrants));
    const { sceneSizes } = await this.clips();
    const checks = new Map<number, RecordedCheck>();
    const onEnded = async (index: number, { recorded }: RunningContestant) => {
      const { name } = entrants[index]!.contestant;
      const isScene = name !== STILLS_FAR && name !== STILLS_HARD;
      if (recorded === undefined || !isScene) return;
      checks.set(index, await checkRecorded(recorded, sceneSizes));
    };
    try {
      const results = await runSideBySide({ entrants, windows, folder, onEnded });
      return results.map((result, index) => ({ ...result, check: checks.get(index) }));
    } catch (error) {
      // One number of cameras that is too much is an answer, not the end of the bench.
      const failure = messageOf(error);
      onProgress(`failed: ${failure}`);
      return entrants.map(({ contestant: { name } }) => ({ name, ...NOTHING, failure }));
    }
  }

  async #makeClips(): Promise<Clips> {
    const { folder, ffmpegPath, onProgress } = this.#options;
    onProgress("making clips");
    const make = async (picture: "scene" | "hard", gop: number): Promise<string> => {
      const path = join(folder, `${picture}-${gop}.mp4`);
      await makeClip(path, { picture, gop, ffmpegPath });
      return path;
    };
    const made = [sceneClip(folder, ffmpegPath), make("scene", 100), make("hard", 25)];
    const [scene, far, hard] = await Promise.all(made.map(async (making): Promise<Clip> => {
      const path = await making;
      return { path, bytesPerSecond: (await Deno.stat(path)).size / CLIP_SECONDS };
    }));
    return {
      ...{ scene: scene!, far: far!, hard: hard! },
      sceneSizes: await sizesOfFrames(scene!.path, ffmpegPath),
    };
  }
}

/** "1 camera: copy; Lookback and 4 cameras: copy", for people. */
function entrantsText(entrants: readonly Entrant[]): string {
  const groups = Map.groupBy(entrants, ({ cameras }) => cameras);
  return [...groups].map(([cameras, group]) =>
    `${countedCameras(cameras)}: ${group.map(({ contestant: { name } }) => name).join("; ")}`
  ).join(" and ");
}
