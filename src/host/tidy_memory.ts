/**
 * Has V8 collect what a Worker has left lying about. By itself V8 waits until the buffers
 * of fragments that nobody uses any more add up to 64 MB, in each Worker, and longer for
 * other garbage; and a busy box, where fragments wait, leaves much of both. A camera's
 * Worker lives in a quarter of that.
 *
 * Only where the program is started with V8's `--expose-gc`, as the executable is; elsewhere
 * nothing is done.
 *
 * @module
 */

/** So much may lie about, in bytes. */
export const MOST_LEFT_BYTES = 8 * 1024 * 1024;

/** How often is looked, in milliseconds: collecting takes some 20 ms. */
const LOOK_MS = 10_000;

/** Decides when to collect. */
export class LeftMemory {
  /** The least that was used since it was last collected. */
  #leastBytes = Infinity;

  /** Takes what is used now, garbage included. */
  isDue(usedBytes: number): boolean {
    this.#leastBytes = Math.min(this.#leastBytes, usedBytes);
    return usedBytes - this.#leastBytes >= MOST_LEFT_BYTES;
  }

  /** It was collected; so much is really used. */
  collected(usedBytes: number): void {
    this.#leastBytes = usedBytes;
  }
}

/** What it is done with. */
export interface MemoryTools {
  readonly collect: () => void;
  readonly usedBytes: () => number;
}

/** Looks once. */
export function tidyNow(left: LeftMemory, { collect, usedBytes }: MemoryTools): void {
  if (!left.isDue(usedBytes())) return;
  collect();
  left.collected(usedBytes());
}

/** Keeps this thread tidy for as long as it lives; a thread that has nothing else to do may end. */
export function keepMemoryTidy(): void {
  const collect = (globalThis as { readonly gc?: () => void }).gc;
  if (collect === undefined) return;
  const left = new LeftMemory();
  const tools = { collect, usedBytes: usedByThisThread };
  Deno.unrefTimer(setInterval(() => tidyNow(left, tools), LOOK_MS));
}

function usedByThisThread(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
