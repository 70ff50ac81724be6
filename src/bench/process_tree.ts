/**
 * Processes as /proc shows them: who is whose child, what they read, how much
 * memory they hold. `cat` reads the files, because Deno keeps /proc to itself.
 *
 * In:  process ids. Out: plain numbers; a process that has ended meanwhile is left out.
 * Not here: the processor's time (process_cpu.ts).
 *
 * @module
 */

import { runChild } from "../host/process.ts";

/** Clock ticks a second in /proc; 100 on every Linux that Deno runs on (proc(5)). */
const TICKS_PER_SECOND = 100;

/** One process. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** CPU seconds of its children that have ended and were waited for. */
  readonly endedChildrenSeconds: number;
}

/** Reads the line of /proc/PID/stat; undefined when it is none. */
export function parseStat(line: string): ProcessFacts | undefined {
  // The name in brackets may hold anything, blanks and brackets too.
  const match = /^(\d+) \(.*\) \S (\d+) (.*)$/s.exec(line);
  if (match === null) return undefined;
  // Behind the parent; cutime and cstime are the fields 16 and 17 of proc(5), counted from 1.
  const fields = match[3]!.split(" ").map(Number);
  const [userTicks, systemTicks] = [fields[11]!, fields[12]!];
  return {
    pid: Number(match[1]),
    parent: Number(match[2]),
    endedChildrenSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND,
  };
}

/** A process and all below it, the process itself first. */
export function treeOf(all: readonly ProcessFacts[], pid: number): ProcessFacts[] {
  const tree = all.filter((each) => each.pid === pid);
  // Grows while it is walked, until the last one has no children.
  for (const { pid: parent } of tree) tree.push(...all.filter((each) => each.parent === parent));
  return tree;
}

/** All processes that this user may see. */
export async function readProcesses(): Promise<ProcessFacts[]> {
  const text = await catFiles("/proc/[0-9]*/stat");
  return text.split("\n").flatMap((line) => parseStat(line) ?? []);
}

/** Bytes that the processes have read from files and pipes so far, together. */
export async function bytesRead(pids: readonly number[]): Promise<number> {
  return sumOfLines(await catOf(pids, "io"), /^rchar: (\d+)$/gm);
}

/**
 * Memory of processes together, in bytes: proportional set size, in which a page
 * that several processes share is counted once.
 */
export async function memoryBytes(pids: readonly number[]): Promise<number> {
  return sumOfLines(await catOf(pids, "smaps_rollup"), /^Pss:\s+(\d+) kB$/gm) * 1_024;
}

/**
 * Memory of processes together, in bytes: all that is resident, also what is shared. Of a
 * process that is alone on the box it is what {@linkcode memoryBytes} gives too; beside its
 * like, with which it shares the pages of the program, it is what it would take alone.
 */
export async function residentBytes(pids: readonly number[]): Promise<number> {
  return sumOfLines(await catOf(pids, "smaps_rollup"), /^Rss:\s+(\d+) kB$/gm) * 1_024;
}

/** Sum of the numbers that a pattern finds. */
export function sumOfLines(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
}

async function catOf(pids: readonly number[], file: string): Promise<string> {
  return pids.length === 0
    ? ""
    : await catFiles(pids.map((pid) => `/proc/${pid}/${file}`).join(" "));
}

async function catFiles(patterns: string): Promise<string> {
  // One that ended while its file was to be read is left out.
  const args = ["-c", `cat ${patterns} 2>/dev/null || true`];
  const { stdout } = await runChild({ command: "sh", args });
  return new TextDecoder().decode(stdout);
}
