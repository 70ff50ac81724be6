/**
 * How a camera's pictures are looked at: what the settings say, checked and in
 * plain data.
 *
 * @module
 */

import type { CameraSource } from "./camera.ts";
import type { Point, Polygon } from "./vision.ts";

/** What finds things in pictures. */
export type DetectorChoice =
  /** Movement only. */
  | { readonly kind: "motion" }
  /** The model that the executable carries. */
  | { readonly kind: "builtin" }
  /** A folder with model.onnx and model.json; absolute. */
  | { readonly kind: "model"; readonly folder: string }
  /** A service that answers a POST of a picture. */
  | { readonly kind: "http"; readonly url: string; readonly timeoutMs: number };

/** A part of the picture with a name. */
export interface Zone {
  readonly name: string;
  readonly polygon: Polygon;
  /** Null counts every class, and movement too. */
  readonly classes: readonly string[] | null;
  /** A thing counts when it has been in it for so long (loitering), in milliseconds. */
  readonly afterMs: number;
}

/** A line that things cross. */
export interface TripLine {
  readonly name: string;
  readonly from: Point;
  readonly to: Point;
  readonly direction: "any" | "to-left" | "to-right";
  readonly classes: readonly string[] | null;
}

export interface VisionSettings {
  /** Pictures a second that are looked at. */
  readonly fps: number;
  /** A second, smaller stream of the same camera; null looks at what is recorded. */
  readonly source: CameraSource | null;
  readonly detector: DetectorChoice;
  /** From 0 (only much movement counts) to 1 (the slightest does). */
  readonly sensitivity: number;
  /** Where movement never counts. */
  readonly masks: readonly Polygon[];
  readonly zones: readonly Zone[];
  readonly lines: readonly TripLine[];
  /** Classes that count; null counts all that the detector knows. */
  readonly classes: readonly string[] | null;
  /** Lowest score that counts, by class; others have the detector's own. */
  readonly minScore: Readonly<Record<string, number>>;
}

/** How grave an alert is. */
export const PRIORITIES = ["info", "warning", "critical"] as const;
export type Priority = typeof PRIORITIES[number];
