/**
 * The detectors of all cameras: cameras that want the same one share it.
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

/** From so many cores on, a second Worker leaves enough for recording. */
const CORES_FOR_TWO = 4;

export interface DetectorsParts {
  /** The storage root. Absolute. */
  readonly root: string;
  readonly clock: Clock;
}

export class Detectors {
  readonly #parts: DetectorsParts;
  readonly #opened = new Map<string, Detector>();

  constructor(parts: DetectorsParts) {
    this.#parts = parts;
  }

  /** The detector for a choice; undefined where only movement is looked for. */
  of(choice: DetectorChoice): Detector | undefined {
    if (choice.kind === "motion") return undefined;
    const key = JSON.stringify(choice);
    const opened = this.#opened.get(key) ?? this.#open(choice);
    this.#opened.set(key, opened);
    return opened;
  }

  async close(): Promise<void> {
    const all = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(all.map((detector) => detector.close()));
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
