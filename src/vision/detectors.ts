/**
 * The detectors of all cameras: cameras that want the same one share it, and one
 * that no camera wants any more is closed.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { DetectorChoice } from "../model/vision_settings.ts";
import type { Detector } from "./detector.ts";
import type { DetectorModel } from "./detector_messages.ts";
import { HttpDetector } from "./http_detector.ts";
import { BUILTIN_MODEL } from "./model_builtin.ts";
import { ModelDetector } from "./model_detector.ts";
import { readModelFolder } from "./model_folder.ts";
import { findDetector } from "./native_library.ts";

/** From so many cores on, a second picture at a time leaves enough for recording. */
const CORES_FOR_TWO = 4;

export interface DetectorsParts {
  /** The storage root. Absolute. */
  readonly root: string;
  readonly clock: Clock;
}

/** A camera's share in a detector; disposing of the last one closes it. */
export interface DetectorShare extends AsyncDisposable {
  /** Undefined where only movement is looked for. */
  readonly detector: Detector | undefined;
}

interface Opened {
  readonly detector: Detector;
  shares: number;
}

const NO_DETECTOR: DetectorShare = {
  detector: undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

export class Detectors {
  readonly #parts: DetectorsParts;
  readonly #opened = new Map<string, Opened>();

  constructor(parts: DetectorsParts) {
    this.#parts = parts;
  }

  /** A share in the detector for a choice. */
  share(choice: DetectorChoice): DetectorShare {
    if (choice.kind === "motion") return NO_DETECTOR;
    const key = JSON.stringify(choice);
    const opened = this.#opened.get(key) ?? { detector: this.#open(choice), shares: 0 };
    this.#opened.set(key, opened);
    opened.shares += 1;
    let isHeld = true;
    return {
      detector: opened.detector,
      [Symbol.asyncDispose]: async () => {
        if (!isHeld) return;
        isHeld = false;
        opened.shares -= 1;
        if (opened.shares > 0 || this.#opened.get(key) !== opened) return;
        this.#opened.delete(key);
        await opened.detector.close();
      },
    };
  }

  /** How often those that are used failed and were started again. */
  get restarts(): number {
    return [...this.#opened.values()]
      .reduce((sum, { detector }) => sum + detector.counters.restarts, 0);
  }

  /** Closes all of them, shared or not. */
  async close(): Promise<void> {
    const all = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(all.map(({ detector }) => detector.close()));
  }

  #open(choice: Exclude<DetectorChoice, { readonly kind: "motion" }>): Detector {
    const { clock } = this.#parts;
    if (choice.kind === "http") return new HttpDetector({ ...choice, clock });
    return new ModelDetector({
      findModel: () => this.#findModel(choice),
      workers: navigator.hardwareConcurrency >= CORES_FOR_TWO ? 2 : 1,
      clock,
    });
  }

  async #findModel(
    choice: Extract<DetectorChoice, { readonly kind: "builtin" | "model" }>,
  ): Promise<DetectorModel> {
    const own = choice.kind === "model" ? await readModelFolder(choice.folder) : undefined;
    // Where an embedded ffmpeg lies too; whoever records may write there.
    const { binding, model } = await findDetector([join(this.#parts.root, "data", "bin")]);
    return {
      bindingPath: binding,
      modelPath: own?.path ?? model,
      description: own?.description ?? BUILTIN_MODEL,
    };
  }
}
