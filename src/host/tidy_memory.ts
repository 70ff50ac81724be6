/**
 * Has V8 collect what a Worker has left lying about. By itself V8 waits until the buffers
 * of fragments that nobody uses any more add up to 64 MB, in each Worker, and longer for
 * other garbage; and a busy box, where fragments wait, leaves much of both. A camera's
 * Worker lives in a quarter of that. And what the upkeep Worker's test exports left would stay
 * until it has done much else: 26 MB of eight cameras.
 *
 * Only where the program is started with V8's `--expose-gc`, as the executable is; elsewhere
 * nothing is done.
 *
 * @module
 */

/** So much may lie about of what V8 keeps itself, and of buffers, in bytes. */
export const MOST_LEFT: Used = { heapBytes: 2 * 1024 * 1024, bufferBytes: 8 * 1024 * 1024 };

/** How often is looked, in milliseconds: collecting takes some 25 ms. */
const LOOK_MS = 10_000;

/** What is used, garbage included. */
export interface Used {
  readonly heapBytes: number;
  /** Buffers lie outside of the heap, and come and go by megabytes while all is well. */
  readonly bufferBytes: number;
}

/** Decides when to collect. */
export class LeftMemory {
  /** The least that was used since it was last collected. */
  #least: Used = { heapBytes: Infinity, bufferBytes: Infinity };

  /** Takes what is used now. */
  isDue(used: Used): boolean {
    this.#least = {
      heapBytes: Math.min(this.#least.heapBytes, used.heapBytes),
      bufferBytes: Math.min(this.#least.bufferBytes, used.bufferBytes),
    };
    return used.heapBytes - this.#least.heapBytes >= MOST_LEFT.heapBytes ||
      used.bufferBytes - this.#least.bufferBytes >= MOST_LEFT.bufferBytes;
  }

  /** It was collected; so much is really used. */
  collected(used: Used): void {
    this.#least = used;
  }
}

/** What it is done with. */
export interface MemoryTools {
  readonly collect: () => void;
  readonly used: () => Used;
}

/** Looks once. */
export function tidyNow(left: LeftMemory, { collect, used }: MemoryTools): void {
  if (!left.isDue(used())) return;
  collect();
  left.collected(used());
}

/** Keeps this thread tidy for as long as it lives; a thread that has nothing else to do may end. */
export function keepMemoryTidy(): void {
  const collect = (globalThis as { readonly gc?: () => void }).gc;
  if (collect === undefined) return;
  const left = new LeftMemory();
  const tools = { collect, used: usedByThisThread };
  Deno.unrefTimer(setInterval(() => tidyNow(left, tools), LOOK_MS));
}

function usedByThisThread(): Used {
  const { heapUsed, external } = Deno.memoryUsage();
  return { heapBytes: heapUsed, bufferBytes: external };
}
