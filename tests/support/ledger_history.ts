/**
 * Random histories of a ledger: what two cameras send to the writer, in groups,
 * with batches that come and go, times that are put right, and entries that are
 * sent again.
 *
 * @module
 */

import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runEndEntry,
  runStartEntry,
  visionEntry,
} from "./ledger_entries.ts";

/** Seconds from one batch to the next: a day has some eight. */
const STEP_SECONDS = 10_000;

/** Batches whose lines lie in one log. */
const BATCHES_OF_LOG = 3;

const FRAMES_BYTES = 75_000;

const STEPS = [
  ...["camera", "run", "end", "event", "shift", "repair", "check", "again"],
  ...["seen", "seen", "forget"],
  // More often, so that there is something to delete.
  ...["batch", "batch", "batch", "batch", "delete", "removed"],
] as const;

interface Step {
  readonly kind: typeof STEPS[number];
  readonly cameraId: string;
  readonly number: number;
  /** Ends a group. */
  readonly isLast: boolean;
}

interface LiveBatch {
  readonly id: number;
  readonly recordingPath: string;
  readonly framesPath: string;
}

/** What the writer would know of a camera. */
interface CameraState {
  readonly id: string;
  run: number;
  batches: number;
  readonly live: LiveBatch[];
  readonly logs: Map<string, number>;
  listed: { files: string[]; logBytes: number };
  readonly runs: number[];
}

/** Groups of entries, each right when those before it are committed. */
export function ledgerHistory(): fc.Arbitrary<LedgerEntry[][]> {
  const step = fc.record({
    kind: fc.constantFrom(...STEPS),
    cameraId: fc.constantFrom("front", "yard"),
    number: fc.nat(1_000),
    isLast: fc.boolean(),
  });
  return fc.array(step, { minLength: 1, maxLength: 80 }).map((steps) => new History().play(steps));
}

class History {
  readonly #cameras = new Map<string, CameraState>();
  readonly #sent: LedgerEntry[] = [];
  #batchId = 0;
  #time = 0;

  play(steps: readonly Step[]): LedgerEntry[][] {
    const groups: LedgerEntry[][] = [[]];
    for (const step of steps) {
      this.#time += 1;
      const entry = this.#entryOf(step);
      if (entry === undefined) continue;
      groups.at(-1)!.push(entry);
      this.#sent.push(entry);
      if (step.isLast) groups.push([]);
    }
    return groups.filter((group) => group.length > 0);
  }

  #entryOf(step: Step): LedgerEntry | undefined {
    const { kind, cameraId, number } = step;
    const camera = this.#cameraOf(cameraId);
    const atMs = at(this.#time);
    switch (kind) {
      case "camera":
        return { ...cameraEntry(cameraId), name: `Name ${number % 3}`, atMs };
      case "run":
        camera.run = at(camera.batches * STEP_SECONDS) + this.#time;
        camera.runs.push(camera.run);
        return runStartEntry(cameraId, camera.run);
      case "end":
        return { ...runEndEntry(cameraId, camera.run), atMs };
      case "event":
        return eventEntry(this.#time, { cameraId, untilMs: number % 2 === 0 ? null : at(number) });
      case "seen":
        return this.#seen(camera, number);
      case "forget":
        return this.#forget(camera);
      case "shift":
        return this.#shift(camera, number);
      case "repair":
        return {
          type: "repair",
          cameraId,
          atMs,
          kind: "tail-cut",
          path: `a${number}`,
          detail: "b",
        };
      case "check":
        return {
          ...{ type: "check", cameraId, atMs, ok: number % 3 > 0, detail: `d${number}` },
          kind: number % 2 === 0 ? "canary" : "scrub",
        };
      case "again":
        return this.#again(number);
      case "batch":
        return this.#batch(camera);
      case "delete":
        return this.#delete(camera, number);
      case "removed":
        return this.#removed(camera);
    }
  }

  #cameraOf(id: string): CameraState {
    let camera = this.#cameras.get(id);
    if (camera === undefined) {
      const listed = { files: [], logBytes: 0 };
      camera = { id, run: at(0), batches: 0, live: [], logs: new Map(), listed, runs: [at(0)] };
      this.#cameras.set(id, camera);
    }
    return camera;
  }

  #shift(camera: CameraState, number: number): LedgerEntry {
    const run = camera.runs[number % camera.runs.length]!;
    return { type: "run-shift", cameraId: camera.id, run, shiftMs: (number - 500) * 7_654_321 };
  }

  /** Something that the writer knows already; not a batch, which may be deleted meanwhile. */
  #again(number: number): LedgerEntry | undefined {
    const known = this.#sent.slice(-20).filter(({ type }) =>
      ["event", "repair", "vision-event"].includes(type)
    );
    return known[number % known.length];
  }

  /** Something in a camera's run, which goes on or has ended; or more of it. */
  #seen(camera: CameraState, number: number): LedgerEntry {
    const startMs = unixMs(camera.run);
    const endMs = number % 2 === 0 ? null : unixMs(startMs + number * 10);
    const eventId = `${camera.id}-${camera.run}-${number % 3}`;
    const score = number / 1_000;
    return visionEntry(0, { cameraId: camera.id, eventId, startMs, endMs, score });
  }

  #forget(camera: CameraState): LedgerEntry | undefined {
    const seen = this.#sent.find((entry) =>
      entry.type === "vision-event" && entry.cameraId === camera.id
    );
    if (seen?.type !== "vision-event") return undefined;
    const atMs = at(this.#time);
    const { cameraId, eventId } = seen;
    const files = [`data/events/${eventId}.jpg`];
    return { type: "vision-deletion", cameraId, atMs, eventIds: [eventId], files };
  }

  #batch(camera: CameraState): LedgerEntry {
    const number = camera.batches;
    camera.batches += 1;
    this.#batchId += 1;
    const log = `data/frames/${camera.id}/${Math.floor(number / BATCHES_OF_LOG)}.jsonl`;
    const offset = camera.logs.get(log) ?? 0;
    camera.logs.set(log, offset + FRAMES_BYTES);
    const batch = batchEntry(number, {
      cameraId: camera.id,
      run: camera.run,
      startMs: at(number * STEP_SECONDS),
      endMs: at(number * STEP_SECONDS + 10),
      framesPath: log,
      framesOffset: offset,
    });
    const { recordingPath, framesPath } = batch;
    camera.live.push({ id: this.#batchId, recordingPath, framesPath });
    return batch;
  }

  /** The oldest ones, as retention does. */
  #delete(camera: CameraState, number: number): LedgerEntry | undefined {
    const gone = camera.live.splice(0, 1 + number % 4);
    if (gone.length === 0) return undefined;
    const left = new Set(camera.live.map(({ framesPath }) => framesPath));
    const logs = [...new Set(gone.map(({ framesPath }) => framesPath))]
      .filter((path) => !left.has(path));
    const files = [...gone.map(({ recordingPath }) => recordingPath), ...logs];
    camera.listed.files.push(...files);
    for (const log of logs) {
      camera.listed.logBytes += camera.logs.get(log)!;
      // Should a batch come for the same hour, its log begins anew.
      camera.logs.delete(log);
    }
    const batchIds = gone.map(({ id }) => id);
    const atMs = unixMs(at(this.#time));
    return { type: "deletion", cameraId: camera.id, atMs, cause: "age", batchIds, files };
  }

  #removed(camera: CameraState): LedgerEntry | undefined {
    const { files, logBytes } = camera.listed;
    camera.listed = { files: [], logBytes: 0 };
    if (files.length === 0) return undefined;
    return { type: "removed", cameraId: camera.id, files, logBytes };
  }
}
