/**
 * Messages to and from detectors. Plain data only.
 *
 * A line is what jobs travel over: to a detector process, and in it to one of its
 * Workers. Over each line there is one job at a time, so a line's sender decides
 * what waits.
 *
 * @module
 */

import type { OperatorAdvice, OperatorErrorCode } from "../base/errors.ts";
import type { Detection } from "../model/vision.ts";
import type { Crop } from "./detector_crop.ts";
import type { ModelDescription } from "./model_description.ts";

/** What a detector's Worker loads. */
export interface DetectorModel {
  /** The native library's part for Node. Absolute. */
  readonly bindingPath: string;
  /** Absolute. */
  readonly modelPath: string;
  readonly description: ModelDescription;
}

/** Pieces of one picture to look at. */
export interface DetectorJob {
  readonly type: "look";
  readonly id: number;
  readonly crops: readonly Crop[];
  /** Boxes below this score are left out. */
  readonly floor: number;
}

/** To a detector's Worker. */
export type ToDetector = { readonly type: "load"; readonly model: DetectorModel } | DetectorJob;

/** To a detector process (detector_frames.ts). */
export type ToDetectorProcess =
  /** First: one Worker for each line. */
  | { readonly type: "load"; readonly model: DetectorModel; readonly lines: number }
  /** A job; the pieces' bytes come behind it, one after the other. */
  | {
    readonly type: "look";
    readonly line: number;
    readonly id: number;
    readonly floor: number;
    readonly crops: readonly (Pick<Crop, "area"> & { readonly sizeBytes: number })[];
  };

/** An {@linkcode OperatorError} as it crosses a Worker. */
export interface PlainOperatorError {
  readonly code: OperatorErrorCode;
  readonly message: string;
  readonly advice: OperatorAdvice;
}

/** What became of a job, over the line that it came from. */
export type DetectorAnswer =
  | {
    readonly type: "seen";
    readonly id: number;
    readonly detections: readonly Detection[];
    /** How long the Worker took for it, in milliseconds. */
    readonly tookMs: number;
  }
  | { readonly type: "not-seen"; readonly id: number; readonly reason: string };

/** From a detector's Worker. */
export type FromDetector =
  | { readonly type: "ready" }
  /** The model can't be used on this machine; nothing to try again. */
  | { readonly type: "unusable"; readonly error: PlainOperatorError }
  | DetectorAnswer;

/** From a detector process. */
export type FromDetectorProcess =
  /** All lines take jobs. */
  | { readonly type: "ready" }
  | Extract<FromDetector, { readonly type: "unusable" }>
  | { readonly type: "answer"; readonly line: number; readonly answer: DetectorAnswer }
  /** It can't go on. */
  | { readonly type: "failed"; readonly reason: string };

/** A line, as its sender has it. */
export interface DetectorLine {
  send(job: DetectorJob): void;
  /** Hears the answers; null when nobody listens. */
  onAnswer: ((answer: DetectorAnswer) => void) | null;
}
