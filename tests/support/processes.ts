/**
 * What other processes do: whose children they are, whether they are there, how
 * much memory they hold. A shell reads /proc for it, because tests may not, and
 * not every machine has `ps`.
 *
 * @module
 */

import { until } from "./until.ts";

/** One process, as /proc shows it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Name of the program, at most 15 characters. */
  readonly name: string;
  /** One letter of proc(5): "R" runs, "S" sleeps, "T" is stopped, "Z" has ended. */
  readonly state: string;
}

/** All processes that this user may see. */
export async function allProcesses(): Promise<readonly ProcessFacts[]> {
  // A process may end while its file is read: what is missing is left out.
  const text = await shell("cat /proc/[0-9]*/stat 2>/dev/null || true");
  return text.split("\n").flatMap((line) => {
    const match = /^(\d+) \((.*)\) (\S) (\d+) /s.exec(line);
    if (match === null) return [];
    const [, pid, name = "", state = "", parent] = match;
    return [{ pid: Number(pid), parent: Number(parent), name, state }];
  });
}

/** The children of a process that have not ended. */
export async function childrenOf(pid: number): Promise<readonly ProcessFacts[]> {
  return (await allProcesses()).filter(({ parent, state }) => parent === pid && state !== "Z");
}

/** Those of some processes that have not ended. */
export async function stillThere(pids: readonly number[]): Promise<readonly number[]> {
  const alive = (await allProcesses()).filter(({ state }) => state !== "Z").map(({ pid }) => pid);
  return pids.filter((pid) => alive.includes(pid));
}

/**
 * Waits until none of some processes is there any more.
 *
 * @returns How long it took, in milliseconds.
 * @throws {Error} With those that are left, after `limitMs`.
 */
export async function untilGone(pids: readonly number[], limitMs: number): Promise<number> {
  return await until(async () => (await stillThere(pids)).length === 0, {
    limitMs,
    what: `the end of processes ${pids.join(", ")}`,
  });
}

/** The arguments that a process was started with. */
export async function argumentsOf(pid: number): Promise<readonly string[]> {
  return (await shell(`cat /proc/${pid}/cmdline 2>/dev/null || true`)).split("\0");
}

/** Memory of a process that is in RAM now, in bytes. */
export async function memoryOf(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await shell(`cat /proc/${pid}/status`))?.[1];
  if (kilobytes === undefined) throw new Error(`Cannot find the memory of process ${pid}`);
  return Number(kilobytes) * 1_024;
}

async function shell(script: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script] })
    .output();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`Cannot run "${script}": ${new TextDecoder().decode(stderr)}`);
  return text;
}
