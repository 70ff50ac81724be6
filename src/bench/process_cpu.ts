/**
 * Processor time of whole process trees, exact to the microsecond.
 *
 * The kernel's own clock of each process is asked (clock_getcpuclockid(3)): the
 * ticks of /proc count hundredths of a second, and copying a camera takes about
 * one of them in ten seconds.
 *
 * In:  process ids at the tops of trees. Out: CPU seconds so far, children that
 *      have ended included.
 *
 * @module
 */

import { type Libc, openLibc } from "../host/libc.ts";
import { type ProcessFacts, readProcesses, treeOf } from "./process_tree.ts";

const SYMBOLS = {
  "clock_gettime": { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Kind of clock that counts what the scheduler gave all threads of a process together. */
const CPUCLOCK_SCHED = 2;

/** Number by which the kernel knows the clock of a process (its MAKE_PROCESS_CPUCLOCK). */
export function cpuClockId(pid: number): number {
  return (~pid << 3) | CPUCLOCK_SCHED;
}

/** What was read of some trees at one moment. */
export interface CpuReading {
  readonly atMs: number;
  /** CPU seconds so far, in the order of the trees asked for. */
  readonly seconds: readonly number[];
  /** Process ids of each tree, its top first. */
  readonly pids: readonly (readonly number[])[];
}

export class CpuMeter implements Disposable {
  readonly #libc: Libc<typeof SYMBOLS>;

  /** @throws {Error} If the C library can't be loaded. */
  constructor() {
    this.#libc = openLibc(SYMBOLS);
  }

  /** @param tops For each tree the processes at its tops. */
  async read(tops: readonly (readonly number[])[]): Promise<CpuReading> {
    const all = await readProcesses();
    const trees = tops.map((pids) => pids.flatMap((pid) => treeOf(all, pid)));
    // Not before all is listed: the clocks are then read within a moment.
    const atMs = performance.now();
    return {
      atMs,
      seconds: trees.map((tree) => tree.reduce((sum, each) => sum + this.#secondsOf(each), 0)),
      pids: trees.map((tree) => tree.map(({ pid }) => pid)),
    };
  }

  [Symbol.dispose](): void {
    this.#libc.close();
  }

  #secondsOf({ pid, endedChildrenSeconds }: ProcessFacts): number {
    const time = new BigInt64Array(2);
    // It may have ended since it was listed; its parent has its time in the next reading.
    if (this.#libc.symbols.clock_gettime(cpuClockId(pid), time) !== 0) return endedChildrenSeconds;
    return Number(time[0]) + Number(time[1]) / 1e9 + endedChildrenSeconds;
  }
}
