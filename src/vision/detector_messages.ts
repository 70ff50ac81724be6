/**
 * Messages to and from the detector's Worker. Plain data only.
 *
 * A line is what jobs travel over: the Worker itself, or a port of a channel
 * whose other end the Worker was given, so that several threads can use one
 * Worker. Over each line there is one job at a time, so a line's sender decides
 * what waits; the Worker takes the lines in turn.
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
  /** Their bytes are transferred. */
  readonly crops: readonly Crop[];
  /** Boxes below this score are left out. */
  readonly floor: number;
}

export type ToDetector =
  | { readonly type: "load"; readonly model: DetectorModel }
  /** Another line comes as `event.ports[0]`. */
  | { readonly type: "line" }
  | DetectorJob;

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

export type FromDetector =
  | { readonly type: "ready" }
  /** The model can't be used on this machine; nothing to try again. */
  | { readonly type: "unusable"; readonly error: PlainOperatorError }
  | DetectorAnswer;

/** One end of a line: a Worker or a MessagePort. */
export interface DetectorLine {
  postMessage(message: ToDetector, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}
