/**
 * What is seen in a camera's pictures: boxes, detections, and the events that
 * they add up to. Plain data, because it crosses Workers and goes into the ledger.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** A point of the picture, in fractions of its width and height: x to the right, y downwards, 0 to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle of the picture, in fractions of its width and height; x and y are its left upper corner. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Corners in order; the last one is joined to the first. At least three. */
export type Polygon = readonly Point[];

/** A thing that a detector found in one picture. */
export interface Detection {
  /** Plain name in lower case: "person", "vehicle", "dog". */
  readonly class: string;
  /** How sure the detector is, 0 to 1. */
  readonly score: number;
  readonly box: Box;
}

/** What was seen in one picture of a camera. */
export interface Sight {
  readonly cameraId: string;
  readonly atMs: UnixMs;
  /** The frame in its run: presentation time in ticks. Null where the pictures come from a stream of their own. */
  readonly frame: { readonly run: number; readonly pts: number } | null;
  /** What moves; empty where nothing does. */
  readonly moving: readonly Box[];
  /** Null where no detector looked at this picture. */
  readonly detections: readonly Detection[] | null;
}

/** Where a thing was at an instant. */
export interface TracePoint {
  readonly atMs: UnixMs;
  readonly box: Box;
}

/** A line that a thing went across. "left" and "right" are as seen when looking from its first point to its second. */
export interface Crossing {
  readonly line: string;
  readonly atMs: UnixMs;
  readonly direction: "to-left" | "to-right";
}

/** The picture that shows an event best. */
export interface BestPicture extends TracePoint {
  readonly score: number;
  /** Relative to the storage root; null where it could not be written. */
  readonly wholePath: string | null;
  readonly cropPath: string | null;
}

/** One visit of one thing, or one stretch of movement: from when it was first seen until it was gone. */
export interface VisionEvent {
  /** Camera, start and a number, for example "front-1795293429000-1"; unique. */
  readonly eventId: string;
  readonly cameraId: string;
  readonly kind: "motion_detected" | "object_detected";
  /** Null for movement. */
  readonly class: string | null;
  readonly startMs: UnixMs;
  /** Null while it goes on. */
  readonly endMs: UnixMs | null;
  /** Highest score; for movement the largest share of the picture that moved. */
  readonly score: number;
  readonly best: BestPicture;
  /** Thinned: at most 200 points. */
  readonly trace: readonly TracePoint[];
  /** Names of the zones that it was in, in the order of entering, as far as their rules counted it. */
  readonly zones: readonly string[];
  readonly crossings: readonly Crossing[];
}
