/**
 * CPU time of processes, as Linux counts it. Needs all of Deno's permissions:
 * it keeps /proc closed otherwise.
 *
 * @module
 */

/** Clock ticks a second in /proc; fixed at 100 on every Linux that Deno runs on (man 5 proc). */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of its children that have ended, in seconds. */
  readonly cpuSeconds: number;
}

/** CPU seconds so far of a process and of all below it. */
export function cpuSecondsOfTree(pid: number): number {
  const all = [...Deno.readDirSync("/proc")]
    .filter(({ name }) => /^\d+$/.test(name))
    .flatMap(({ name }) => timesOf(Number(name)) ?? []);
  const tree = new Set([pid]);
  // Children have higher numbers than their parents except after a wrap: go round until stable.
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const each of all) if (tree.has(each.parent)) tree.add(each.pid);
  }
  return all.filter((each) => tree.has(each.pid))
    .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

function timesOf(pid: number): ProcessTimes | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch (error) {
    // It ended between listing and reading (ESRCH when between opening and reading).
    if (error instanceof Deno.errors.NotFound || String(error).includes("No such process")) {
      return undefined;
    }
    throw error;
  }
  // The name in brackets may hold anything, blanks and brackets too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, parent] = fields;
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { pid, parent: parent!, cpuSeconds: ticks / TICKS_PER_SECOND };
}
