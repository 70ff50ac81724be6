/**
 * Runs contestants side by side, each with its cameras, and reads in windows what each
 * takes: processor, memory, and how much of its clips it reads.
 *
 * Side by side they have the same seconds of the same machine. Only those run
 * together whose sum leaves processors idle.
 *
 * @module
 */

import { join } from "node:path";
import { lagMs } from "./capacity_lag.ts";
import { pause } from "./lookback_process.ts";
import type { Contestant, RunningContestant } from "./recording_contestant.ts";
import { CpuMeter, type CpuReading } from "./process_cpu.ts";
import { bytesRead, memoryBytes, residentBytes } from "./process_tree.ts";

export interface Windows {
  /** After all have begun, at least: start-up is not recording. */
  readonly warmUpMs: number;
  readonly count: number;
  readonly windowMs: number;
}

/** What one contestant took; each list has one number for each window. */
export interface ContestantResult {
  readonly name: string;
  /** CPU seconds for a minute of one camera. */
  readonly cpuSeconds: readonly number[];
  /** Of the first process, resident; and of all below it together, proportional. */
  readonly mainBytes: readonly number[];
  readonly childrenBytes: readonly number[];
  /**
   * How many of the bytes that its cameras sent it has read: 1 when it keeps up. Not of
   * Lookback, which reads them more than once; its frames are counted.
   */
  readonly pace: number | null;
  /** Only Lookback: age of the newest logged frame of the camera that is furthest behind. */
  readonly lagMs: readonly number[];
}

/** Less than this is falling behind: two frames of a hundred. */
const LEAST_PACE = 0.98;

/** A frame waits for its fragment, 120 ms, and for its turn; what is older has queued up. */
const MOST_LAG_MS = 1_000;

/** Whether it did its work as fast as the cameras sent. */
export function keepsUp({ pace, lagMs }: ContestantResult): boolean {
  return (pace ?? 1) >= LEAST_PACE && lagMs.every((each) => each <= MOST_LAG_MS);
}

/** A contestant and how many cameras it is given. */
export interface Entrant {
  readonly contestant: Contestant;
  readonly cameras: number;
}

export interface SideBySide {
  readonly entrants: readonly Entrant[];
  readonly windows: Windows;
  /** An existing folder; each contestant gets one below it. */
  readonly folder: string;
  /** Called when all have ended, before their folders go. */
  readonly onEnded?: (index: number, running: RunningContestant) => Promise<void>;
}

/**
 * How much longer than the warm-up it may take to have worked off what waited during the start. Who
 * then is behind still has fallen behind.
 */
const LONGEST_SETTLING_MS = 40_000;

/** Results in the order of the entrants. */
export async function runSideBySide(options: SideBySide): Promise<ContestantResult[]> {
  const folder = await Deno.makeTempDir({ dir: options.folder, prefix: "run-" });
  const running: RunningContestant[] = [];
  try {
    await startAll(options.entrants, { folder, running });
    await pause(options.windows.warmUpMs);
    await settled(running);
    const results = await measure(options, running);
    const stopping = running.splice(0);
    await Promise.all(stopping.map((each) => each.stop()));
    for (const [index, each] of stopping.entries()) await options.onEnded?.(index, each);
    return results;
  } finally {
    await Promise.allSettled(running.map((each) => each.stop()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts all at once, in folders of their own. Who has begun is in `running`, whoever fails. */
async function startAll(
  entrants: readonly Entrant[],
  { folder, running }: { readonly folder: string; readonly running: RunningContestant[] },
): Promise<void> {
  const starting = await Promise.allSettled(
    entrants.map(async ({ contestant, cameras }, index) => {
      const own = join(folder, `${index}`);
      await Deno.mkdir(own);
      return await contestant.start({ cameras, folder: own });
    }),
  );
  running.push(...starting.flatMap((each) => each.status === "fulfilled" ? [each.value] : []));
  const failed = starting.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Resolves when nobody is behind any more. */
async function settled(running: readonly RunningContestant[]): Promise<void> {
  const deadline = performance.now() + LONGEST_SETTLING_MS;
  const isBehind = async () =>
    (await lagOf(running)).some((lag) => lag !== undefined && lag > MOST_LAG_MS);
  while (performance.now() < deadline && await isBehind()) await pause(1_000);
}

/** What was seen at the end of a window. */
interface Sight {
  readonly cpu: CpuReading;
  /** For each contestant. */
  readonly memory: readonly { readonly main: number; readonly children: number }[];
  readonly lag: readonly (number | undefined)[];
}

async function measure(
  { entrants, windows }: SideBySide,
  running: readonly RunningContestant[],
): Promise<ContestantResult[]> {
  using meter = new CpuMeter();
  const tops = running.map(({ pids }) => pids);
  const first = await meter.read(tops);
  const readBefore = await Promise.all(first.pids.map(bytesRead));
  const readFromMs = performance.now();
  const sights: Sight[] = [];
  for (let window = 0; window < windows.count; window += 1) {
    const dueMs = first.atMs + (window + 1) * windows.windowMs;
    await pause(Math.max(0, dueMs - performance.now()));
    const cpu = await meter.read(tops);
    sights.push({ cpu, memory: await memoryOf(cpu), lag: await lagOf(running) });
  }
  const readAfter = await Promise.all(sights.at(-1)!.cpu.pids.map(bytesRead));
  const readSeconds = (performance.now() - readFromMs) / 1_000;
  return entrants.map(({ contestant: { name, clipBytesPerSecond }, cameras }, index) => ({
    name,
    cpuSeconds: sights.map(({ cpu }, window) => {
      const before = window === 0 ? first : sights[window - 1]!.cpu;
      const minutes = (cpu.atMs - before.atMs) / 60_000;
      return (cpu.seconds[index]! - before.seconds[index]!) / minutes / cameras;
    }),
    mainBytes: sights.map(({ memory }) => memory[index]!.main),
    childrenBytes: sights.map(({ memory }) => memory[index]!.children),
    pace: running[index]!.recorded !== undefined
      ? null
      : (readAfter[index]! - readBefore[index]!) / (readSeconds * clipBytesPerSecond * cameras),
    lagMs: sights.flatMap(({ lag }) => lag[index] ?? []),
  }));
}

function memoryOf({ pids }: CpuReading): Promise<Sight["memory"]> {
  return Promise.all(pids.map(async ([top, ...below]) => ({
    main: await residentBytes([top!]),
    children: await memoryBytes(below),
  })));
}

function lagOf(running: readonly RunningContestant[]): Promise<(number | undefined)[]> {
  return Promise.all(
    running.map(({ recorded }) =>
      recorded === undefined ? undefined : lagMs(recorded.root, recorded.cameraIds)
    ),
  );
}
