/**
 * What recording costs: processor time for a minute of one camera, next to
 * copying alone, to decoding, and to the programs that people use instead.
 *
 * @module
 */

import { CLIP_SECONDS, SCENE_TEXT } from "./clip.ts";
import { type Figure, median, type Section, type Target } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import type { Contestant } from "./recording_contestant.ts";
import { type Clip, decodeContestant } from "./recording_lookback.ts";
import {
  CAMERA_COUNTS,
  countedCameras,
  longestSeconds,
  PLAIN,
  type RecordingRuns,
  type Run,
  shortfall,
  STILLS,
} from "./recording_runs.ts";
import { singleRuns } from "./recording_single.ts";
import { programText } from "./start_commands.ts";

/** Other programs of the same duty that are installed here. */
export interface Peers {
  readonly contestants: readonly Contestant[];
  /** What is not installed, with its package. */
  readonly missing: readonly string[];
}

export interface PeerOptions {
  readonly folder: string;
  /** How long the clip must last at least. */
  readonly seconds: number;
  readonly ffmpegPath: string;
}

export interface RecordingCostOptions extends MeasureOptions {
  readonly runs: RecordingRuns;
  /** None where Lookback measures itself. */
  readonly findPeers?: (clip: Clip, options: PeerOptions) => Promise<Peers>;
}

/** More cameras than this are not tried with programs that decode every frame. */
const MOST_OTHERS: Readonly<Record<MeasureOptions["form"], number>> = { short: 4, long: 16 };

/** So many of them run side by side: more would slow each other down. */
const SIDE_BY_SIDE_CAMERAS = 1;

const HOW = "CPU seconds (user and system, the whole process tree, ended children included, by " +
  "the kernel's clock of each process) for a minute of one camera. Each sample is one window " +
  "after the start-up: 35 s after it with 1 and 4 cameras, 12 s with more, and up to 40 s later " +
  "where somebody is still behind. Paced copies and all forms of Lookback with 1 and with 4 cameras " +
  "run side by side in the same windows; so do paced copy and Lookback with a Worker for each " +
  "camera with 16, its forms with 8 in a Worker with 16; those that decode every " +
  "frame run side by side with one camera, else alone. The test export that comes once an hour " +
  "(canary) is off, here, for the capacity and for the memory: it would come a minute after the " +
  "start, into a window; the soak has it. " +
  `The clip: ${SCENE_TEXT}. The hard clip is a test card in motion under strong noise. ` +
  "OpenCV: one process a camera, paced, decodes every frame, a JPEG a second, a JSON line a " +
  "frame, an SQLite row a batch, keeps no video. Motion: one daemon, keeps the camera's packets " +
  "all the time (movie_passthrough) and a JPEG a second, all servers off. Those other programs " +
  "keep up when they read at least 98 % of the bytes that are due; of Lookback every frame is " +
  "compared with the source";

export async function measureRecordingCost(options: RecordingCostOptions): Promise<Section> {
  const { runs } = options;
  const seen: Seen[] = [];
  for (const cameras of CAMERA_COUNTS) {
    for (const run of await runs.lookbackAt(cameras)) seen.push({ cameras, run });
  }
  const { scene, hard } = await runs.clips();
  const peers = await options.findPeers?.(scene, {
    ...options,
    seconds: longestSeconds(options.form),
  });
  const decode = decodeContestant(scene, options.ffmpegPath);
  const others = [decode, ...peers?.contestants ?? []];
  const most = MOST_OTHERS[options.form];
  seen.push(...await runOthers(runs, { others, most }));
  const names = (peers?.contestants ?? []).map(({ name }) => name);
  options.onProgress("ffmpeg by itself, not paced");
  return {
    id: "recording-cost",
    title: "Recording cost",
    how: `${HOW}. ${programText(await runs.lookback())}`,
    figures: [
      ...figuresOf(seen, names),
      ...await singleRuns({ scene, hard, ffmpegPath: options.ffmpegPath }),
    ],
    notes: notesOf(seen, { peers, most }),
  };
}

/** A run with so many cameras. */
export interface Seen {
  readonly cameras: number;
  readonly run: Run;
}

/** Each is tried with more cameras until it falls behind. */
async function runOthers(
  runs: RecordingRuns,
  { others, most }: { readonly others: readonly Contestant[]; readonly most: number },
): Promise<Seen[]> {
  const seen: Seen[] = [];
  let left = others;
  for (const cameras of CAMERA_COUNTS.filter((count) => count <= most)) {
    const groups = cameras <= SIDE_BY_SIDE_CAMERAS ? [left] : left.map((each) => [each]);
    for (const group of groups) {
      for (const run of await runs.others(cameras, group)) seen.push({ cameras, run });
    }
    const failed = new Set(seen.flatMap(({ run }) => shortfall(run) === undefined ? [] : run.name));
    left = left.filter(({ name }) => !failed.has(name));
  }
  return seen;
}

/** Figures of all runs that did their whole work. */
export function figuresOf(seen: readonly Seen[], peerNames: readonly string[]): Figure[] {
  const done = seen.filter(({ run }) => shortfall(run) === undefined);
  return done.map(({ cameras, run }) => {
    const copy = done.find((each) => each.cameras === cameras && each.run.name.includes("copy"));
    const target = targetOf({ cameras, run }, { done, copy, peerNames });
    return {
      name: figureName({ cameras, run }),
      unit: "CPU-s",
      samples: run.cpuSeconds,
      ...(copy === undefined || copy.run === run ? {} : { comparedWith: figureName(copy) }),
      ...(target === undefined ? {} : { target }),
    };
  });
}

function figureName({ cameras, run }: Seen): string {
  return `${run.name}, ${countedCameras(cameras)}`;
}

/** What copying may be multiplied by, and what comes on top, in CPU seconds. */
const COPY_FACTOR = 3;
const COPY_EXTRA = 0.1;

/** How much cheaper stills must be than with programs that decode every frame. */
const PEER_FACTOR = 10;

function targetOf(
  { cameras, run }: Seen,
  others: {
    readonly done: readonly Seen[];
    readonly copy: Seen | undefined;
    readonly peerNames: readonly string[];
  },
): Target | undefined {
  const cost = median(run.cpuSeconds);
  if (isForm(run.name, PLAIN) && others.copy !== undefined) {
    const most = COPY_FACTOR * median(others.copy.run.cpuSeconds) + COPY_EXTRA;
    const text = `at most ${COPY_FACTOR} x paced copy + ${COPY_EXTRA} = ${most.toFixed(2)} CPU-s`;
    return { text, isMet: cost <= most };
  }
  if (!isForm(run.name, STILLS)) return undefined;
  const costs = others.peerNames.flatMap((name) => {
    // With as many cameras, or else with the most that it carries.
    const peer = others.done.findLast((each) => each.run.name === name && each.cameras <= cameras);
    return peer === undefined ? [] : [{ name, cost: median(peer.run.cpuSeconds) }];
  });
  if (costs.length === 0) return undefined;
  const most = Math.min(...costs.map(({ cost }) => cost)) / PEER_FACTOR;
  const ratios = costs.map((peer) => `${peer.name} is ${(peer.cost / cost).toFixed(1)} x`);
  return {
    text: `at most a tenth of each peer = ${most.toFixed(2)} CPU-s; ${ratios.join(", ")}`,
    isMet: cost <= most,
  };
}

function isForm(name: string, form: string): boolean {
  return name === form || (name.startsWith(`${form}, `) && name.endsWith(" in a Worker"));
}

function notesOf(
  seen: readonly Seen[],
  { peers, most }: { readonly peers: Peers | undefined; readonly most: number },
): string[] {
  return [
    ...seen.flatMap(({ cameras, run }) => {
      const reason = shortfall(run);
      return reason === undefined
        ? []
        : [`${run.name} does not carry ${countedCameras(cameras)} here: ${reason}`];
    }),
    ...(peers?.missing ?? []).map((name) => `Not installed, so not measured: ${name}`),
    ...(peers === undefined ? ["OpenCV and Motion are measured by ./dev bench"] : []),
    `What decodes every frame is not tried with more than ${most} cameras; with more, Lookback is ` +
    "held against the cost of each peer with the most that it carries",
    `ffmpeg by itself works through ${CLIP_SECONDS} s again and again as fast as it can`,
  ];
}
