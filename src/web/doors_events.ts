/**
 * What the web server asks about events.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box } from "../model/vision.ts";

/** Something that was seen, or that happened to a camera. */
export interface EventFacts {
  readonly eventId: string;
  readonly kind: string;
  readonly class: string | null;
  readonly cameraId: string;
  readonly startMs: UnixMs;
  /** Null while it goes on, and for an instant. */
  readonly endMs: UnixMs | null;
  /** Null for what is not seen. */
  readonly score: number | null;
  readonly zones: readonly string[];
  readonly crossings: readonly {
    readonly line: string;
    readonly atMs: UnixMs;
    readonly direction: string;
  }[];
  readonly hasPicture: boolean;
  /** Why there was no stream or no footage; null for what was seen. */
  readonly cause: string | null;
  readonly detail: string | null;
  /** Where the thing was. */
  readonly boxes: readonly { readonly atMs: UnixMs; readonly box: Box }[];
}

export interface EventQuestion {
  /** Null for all. */
  readonly cameraIds: readonly string[] | null;
  readonly kind: string | null;
  readonly class: string | null;
  readonly zone: string | null;
  readonly fromMs: UnixMs | null;
  readonly toMs: UnixMs | null;
  readonly limit: number;
}

/** What was seen, when cameras were away, where recording has gaps. */
export interface EventDoor {
  /** The newest first. */
  list(
    question: EventQuestion,
  ): Promise<{ readonly events: readonly EventFacts[]; readonly isCut: boolean }>;
  get(eventId: string): Promise<EventFacts | undefined>;
  picture(eventId: string, part: "whole" | "crop"): Promise<Uint8Array | undefined>;
}
