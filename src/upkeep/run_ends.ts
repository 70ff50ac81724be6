/**
 * Ends of runs, where nothing but the recordings says anything of runs: a run
 * ends where its last batch ends, and nobody observed why.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { BatchEntry, RunEndEntry } from "../model/ledger.ts";

export class RunEnds {
  /** Each camera's run that the batches are at, and the end of its last batch. */
  readonly #current = new Map<string, { readonly run: number; readonly endMs: UnixMs }>();
  readonly #endedMs: (cameraId: string, run: number) => UnixMs | null;

  /** @param endedMs The end that a run has already: after the clock was set back, runs take turns. */
  constructor(endedMs: (cameraId: string, run: number) => UnixMs | null) {
    this.#endedMs = endedMs;
  }

  /** Takes the next batch of its camera. Returns the end of the run before, where another begins. */
  take({ cameraId, run, endMs }: BatchEntry): RunEndEntry[] {
    const current = this.#current.get(cameraId);
    const isSame = current?.run === run;
    this.#current.set(cameraId, {
      run,
      endMs: isSame && current.endMs > endMs ? current.endMs : endMs,
    });
    return current === undefined || isSame ? [] : [this.#end(cameraId, current)];
  }

  /** The ends of all runs that are left. */
  rest(): RunEndEntry[] {
    return [...this.#current].map(([cameraId, current]) => this.#end(cameraId, current));
  }

  #end(
    cameraId: string,
    { run, endMs }: { readonly run: number; readonly endMs: UnixMs },
  ): RunEndEntry {
    const knownMs = this.#endedMs(cameraId, run) ?? endMs;
    const atMs = knownMs > endMs ? knownMs : endMs;
    return { type: "run-end", cameraId, run, atMs, cause: "unknown" };
  }
}
