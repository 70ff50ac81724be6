/**
 * Reads all footage again and again in the background, slowly, and compares it
 * with its hashes: damage is found while the cause can still be dealt with, not
 * when the footage is needed.
 *
 * Round after round, the oldest row first, a batch at a time. A fault is reported
 * when it is first found, and shown (lookback status) until a round finds that
 * camera whole.
 *
 * Not here: what is examined (examiner.ts), the same at full speed (verify_archive.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { isoUtc, unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { Examiner } from "./examiner.ts";
import { type Fault, faultText } from "./fault.ts";
import {
  type CameraRound,
  type ListedFault,
  readScrubState,
  type ScrubState,
  writeScrubState,
} from "./scrub_state.ts";
import { Throttle } from "./throttle.ts";
import type { VerifyIndex } from "./verify_archive.ts";

/** A small archive is not read more often than this, in milliseconds. */
const ROUND_MS = 3_600_000;

/** How often it is written down how far the round has come, in milliseconds. */
const WRITE_MS = 60_000;

/** Pause after what can't be done now, and while it is switched off, in milliseconds. */
const PAUSE_MS = 60_000;

/**
 * A full disk can make deletion take files before their rows (deletion.ts): what
 * is missing is looked for again after this, in milliseconds.
 */
const CONFIRM_MS = 10_000;

/** Rows that are read at once. */
const PAGE = 50;

/** Faults of one camera that are reported one by one; a dead disk has more. */
const LISTED = 20;

const ALL = { cameraId: null, window: null };

const NOTHING: CameraRound = { batches: 0, bytes: 0, faults: 0, listed: [] };

export interface ScrubParts {
  /** Absolute. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked anew for each piece; null switches the scrub off. */
  readonly bytesPerSecond: () => number | null;
  /** Opened for some batches at a time, because a damaged database is replaced. */
  readonly openIndex: () => VerifyIndex & Disposable;
  readonly send: (entry: LedgerEntry) => Promise<void>;
}

export class ScrubJob {
  readonly #parts: ScrubParts;
  readonly #throttle: Throttle;
  #examiner: Examiner | undefined;
  #readBytes = 0;

  constructor(parts: ScrubParts) {
    this.#parts = parts;
    this.#throttle = new Throttle(parts.clock);
  }

  /** Goes on until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, bytesPerSecond } = this.#parts;
    while (!signal.aborted) {
      try {
        if (bytesPerSecond() !== null) await this.round(signal);
        else await clock.sleep(PAUSE_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.error("Cannot read footage again: {reason}", { reason: messageOf(error) });
        await clock.sleep(PAUSE_MS, signal);
      }
    }
  }

  /** Waits until a round may begin, or goes on with one; reports at its end. */
  async round(signal: AbortSignal): Promise<void> {
    const { root, clock, bytesPerSecond } = this.#parts;
    const found = await readScrubState(root);
    const isBegun = found !== undefined && found.doneId < found.toId;
    if (found !== undefined && !isBegun) {
      const leftMs = Math.min(ROUND_MS, found.begunMs + ROUND_MS - clock.now());
      await clock.sleep(Math.max(0, leftMs), signal);
      if (signal.aborted) return;
    }
    let state = isBegun ? found : this.#begin(found);
    // Nothing is recorded yet: that is no round, and the first one need not wait an hour.
    if (state.toId === 0) return await clock.sleep(PAUSE_MS, signal);
    this.#examiner = new Examiner(root, (bytes) => {
      this.#readBytes += bytes;
      return this.#throttle.take(bytes, bytesPerSecond() ?? Infinity, signal);
    });
    try {
      let writtenAt = clock.monotonic();
      while (state.doneId < state.toId && bytesPerSecond() !== null) {
        await this.#nextBatches(state, signal, (newest) => state = newest);
        if (clock.monotonic() - writtenAt < WRITE_MS) continue;
        await writeScrubState(root, state);
        writtenAt = clock.monotonic();
      }
      if (state.doneId >= state.toId) state = await this.#end(state);
    } finally {
      await writeScrubState(root, state);
    }
  }

  #begin(before: ScrubState | undefined): ScrubState {
    using index = this.#parts.openIndex();
    const known = Object.entries(before?.cameras ?? {})
      .map(([cameraId, { listed }]) => [cameraId, listed] as const);
    return {
      begunMs: this.#parts.clock.now(),
      doneId: 0,
      toId: index.newestBatchId(),
      cameras: {},
      known: Object.fromEntries(known),
    };
  }

  /** @param keep Hears how far it has come after each batch. */
  async #nextBatches(
    before: ScrubState,
    signal: AbortSignal,
    keep: (state: ScrubState) => void,
  ): Promise<void> {
    using index = this.#parts.openIndex();
    const { doneId: afterId, toId } = before;
    const page = index.page(ALL, { afterId, toId, limit: PAGE });
    // The rest of the round was deleted meanwhile.
    if (page.length === 0) keep({ ...before, doneId: toId });
    let state = before;
    for (const batch of page) {
      const beganAt = this.#readBytes;
      const faults = await this.#examine(batch, { index, signal });
      state = await this.#note(state, { batch, bytes: this.#readBytes - beganAt, faults });
      keep(state);
    }
  }

  async #examine(
    batch: Batch,
    { index, signal }: { readonly index: VerifyIndex; readonly signal: AbortSignal },
  ): Promise<Fault[]> {
    const faults = await this.#examiner!.examine(batch, index);
    if (faults.length === 0) return faults;
    if (faults.some(({ kind }) => kind.endsWith("-missing"))) {
      await this.#parts.clock.sleep(CONFIRM_MS, signal);
      signal.throwIfAborted();
    }
    // Opened anew: on a disk that is gone there is no index either, and nothing to report.
    using fresh = this.#parts.openIndex();
    return fresh.hasBatch(batch) ? faults : [];
  }

  /** Adds a batch to the round; faults that are new are reported. */
  async #note(
    state: ScrubState,
    { batch, bytes, faults }: {
      readonly batch: Batch;
      readonly bytes: number;
      readonly faults: readonly Fault[];
    },
  ): Promise<ScrubState> {
    const { cameraId, batchId } = batch;
    const before = state.cameras[cameraId] ?? NOTHING;
    const listed = faults.map((fault) => ({ key: keyOf(fault), text: faultText(fault) }));
    const camera = {
      batches: before.batches + 1,
      bytes: before.bytes + bytes,
      faults: before.faults + faults.length,
      listed: [...before.listed, ...listed].slice(0, LISTED),
    };
    const known = new Set(state.known[cameraId]?.map(({ key }) => key));
    for (const fault of camera.listed.slice(before.listed.length)) {
      if (!known.has(fault.key)) await this.#report(cameraId, fault);
    }
    return { ...state, doneId: batchId, cameras: { ...state.cameras, [cameraId]: camera } };
  }

  async #report(cameraId: string, { text }: ListedFault): Promise<void> {
    this.#parts.log.error("Recorded footage is damaged: {fault}", { fault: text });
    await this.#send(cameraId, { ok: false, detail: text });
  }

  /** Says of each camera how it is; of a damaged one only where that has changed. */
  async #end(state: ScrubState): Promise<ScrubState> {
    let ended = state;
    using index = this.#parts.openIndex();
    for (const cameraId of index.cameraIds()) {
      const [missing] = this.#examiner!.endOf(cameraId, index);
      if (missing === undefined) continue;
      const camera = ended.cameras[cameraId] ?? NOTHING;
      const fault = { key: keyOf(missing), text: faultText(missing) };
      const isKnown = state.known[cameraId]?.some(({ key }) => key === fault.key) ?? false;
      if (!isKnown) await this.#report(cameraId, fault);
      const listed = [...camera.listed.slice(0, LISTED - 1), fault];
      const changed = { ...camera, faults: camera.faults + 1, listed };
      ended = { ...ended, cameras: { ...ended.cameras, [cameraId]: changed } };
    }
    const damaged = Object.keys(state.known).filter((id) => state.known[id]!.length > 0);
    for (const cameraId of new Set([...Object.keys(ended.cameras), ...damaged])) {
      const camera = ended.cameras[cameraId] ?? NOTHING;
      if (camera.faults === 0) await this.#sayWhole(cameraId, camera, ended.begunMs);
      else if (needsSummary(camera, ended.known[cameraId] ?? [])) {
        await this.#send(cameraId, { ok: false, detail: summaryOf(camera) });
      }
    }
    return { ...ended, doneId: ended.toId };
  }

  async #sayWhole(cameraId: string, camera: CameraRound, begunMs: number): Promise<void> {
    const { batches, bytes } = camera;
    const since = isoUtc(unixMs(begunMs));
    const detail = `${batches} batches, ${(bytes / 1e6).toFixed(1)} MB read again since ${since}`;
    await this.#send(cameraId, { ok: true, detail });
  }

  async #send(
    cameraId: string,
    result: { readonly ok: boolean; readonly detail: string },
  ): Promise<void> {
    const atMs = this.#parts.clock.now();
    await this.#parts.send({ type: "check", kind: "scrub", cameraId, atMs, ...result });
  }
}

function keyOf({ batchId, kind, path, bytes }: Fault): string {
  return `${batchId} ${kind} ${path} ${bytes?.fromByte ?? ""}`;
}

/** Whether what is shown of a camera, its newest report, is not what the round found. */
function needsSummary({ faults, listed }: CameraRound, before: readonly ListedFault[]): boolean {
  const known = new Set(before.map(({ key }) => key));
  const found = new Set(listed.map(({ key }) => key));
  const isSame = known.symmetricDifference(found).size === 0;
  // A single new fault was reported by itself when it was found.
  const isSaid = faults === 1 && !known.has(listed[0]?.key ?? "");
  return !isSame && !isSaid;
}

function summaryOf({ faults, listed: [first] }: CameraRound): string {
  const more = faults === 1 ? "" : `, and ${faults - 1} more`;
  return `${first?.text ?? "damaged"}${more}`;
}
