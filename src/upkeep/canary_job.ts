/**
 * Lets the canary out: every hour or so, one camera after the other. What fails
 * is said in the log and shown by `lookback status`.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { FootageIndex } from "../footage/footage_index.ts";
import { removeIfThere } from "../host/durable.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { CANARY_FOLDER, testCamera } from "./canary.ts";

/** The first one comes when a batch or two are closed, in milliseconds after the start. */
const FIRST_MS = 60_000;

/** Pause while it is switched off, in milliseconds. */
const PAUSE_MS = 60_000;

export interface CanaryJobParts {
  /** Absolute. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked anew for each round; null switches it off. */
  readonly everyMs: () => number | null;
  readonly cameraIds: () => readonly string[];
  readonly ffmpegPath: () => string;
  readonly random: () => number;
  /** Opened for each camera, because a damaged database is replaced. */
  readonly openIndex: () => FootageIndex & Disposable;
  readonly send: (entry: LedgerEntry) => Promise<void>;
}

export class CanaryJob {
  readonly #parts: CanaryJobParts;

  constructor(parts: CanaryJobParts) {
    this.#parts = parts;
  }

  /** Goes on until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { root, clock, everyMs } = this.#parts;
    // What a crash left.
    await this.#guarded(() => removeIfThere(join(root, CANARY_FOLDER), "with-content"), signal);
    await clock.sleep(Math.min(FIRST_MS, everyMs() ?? PAUSE_MS), signal);
    while (!signal.aborted) {
      const beganAt = clock.monotonic();
      if (everyMs() !== null) await this.round(signal);
      const leftMs = (everyMs() ?? PAUSE_MS) - (clock.monotonic() - beganAt);
      await clock.sleep(Math.max(0, leftMs), signal);
    }
  }

  /** Tests every camera once. */
  async round(signal: AbortSignal): Promise<void> {
    for (const cameraId of this.#parts.cameraIds()) {
      if (signal.aborted) return;
      await this.#guarded(() => this.#test(cameraId, signal), signal);
    }
  }

  async #test(cameraId: string, signal: AbortSignal): Promise<void> {
    const { clock, log, ffmpegPath, random, openIndex, send } = this.#parts;
    using index = openIndex();
    const nowMs = clock.now();
    const options = { index, ffmpegPath: ffmpegPath(), nowMs, random, signal };
    const result = await testCamera(cameraId, options);
    if (result === undefined) return;
    if (!result.ok) {
      log.error("Newly recorded footage of {camera} can't be exported: {reason}", {
        camera: cameraId,
        reason: result.detail,
      });
    }
    await send({ type: "check", kind: "canary", cameraId, atMs: clock.now(), ...result });
  }

  async #guarded(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      this.#parts.log.error("Cannot test newly recorded footage: {reason}", {
        reason: messageOf(error),
      });
    }
  }
}
