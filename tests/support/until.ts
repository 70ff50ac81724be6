/**
 * Waiting for what sends no event: another process, a file that it writes.
 *
 * @module
 */

import { pause } from "./pause.ts";

/** Pause between two looks, in milliseconds: short beside what is measured with it. */
const LOOK_EVERY_MS = 50;

/**
 * Looks again and again until something is so.
 *
 * @param wait `limitMs` is how long it may take, `what` names it in the error.
 * @returns How long it took, in milliseconds.
 * @throws {Error} When it is not so in time.
 */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  wait: { readonly limitMs: number; readonly what: string },
): Promise<number> {
  const startedAt = performance.now();
  while (!await isSo()) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > wait.limitMs) {
      throw new Error(`Cannot wait on for ${wait.what}: not so within ${wait.limitMs} ms`);
    }
    await pause(LOOK_EVERY_MS);
  }
  return performance.now() - startedAt;
}
