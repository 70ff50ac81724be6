/**
 * What the web server asks about films: previews, exports, cases.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { TimeWindow } from "../model/window.ts";
import type { ByteBody } from "./doors.ts";

/** A stretch as a person or a program gives it: two instants, or the words of the prompt. */
export type AskedRange =
  | { readonly window: TimeWindow }
  /** As typed: "yesterday 14:05", "1m30s". Times without a zone are the box's own. */
  | { readonly at: string; readonly duration: string };

/** What there is for an export, before it is made. */
export interface ExportPreview {
  readonly window: TimeWindow;
  /** The request as it was understood and what there is for it: the words of the prompt. */
  readonly understood: readonly string[];
  readonly frames: number;
  /** About what the film will have. */
  readonly bytes: number;
  readonly gaps: readonly (TimeWindow & { readonly cause: string; readonly detail: string })[];
  /** 0 to 1. */
  readonly coverage: number;
}

/** How a film is to be made. */
export interface ExportWish {
  readonly cameraId: string;
  readonly range: AskedRange;
  readonly mode: "exact" | "strict" | "keyframe";
  readonly gaps: "keep" | "join";
  /** What is burnt in: "boxes", "clock", "name". */
  readonly overlay: readonly string[];
}

/** An export that was asked for here, or a film that was made elsewhere. */
export interface ExportFacts {
  readonly exportId: string;
  readonly cameraId: string;
  readonly window: TimeWindow;
  readonly state: "waiting" | "running" | "done" | "failed";
  /** 0 to 1. */
  readonly progress: number;
  /** Null unless it failed. */
  readonly error: { readonly code: string; readonly text: string } | null;
  /** Name of the film; null until it is there. */
  readonly file: string | null;
  readonly bytes: number | null;
  readonly createdMs: UnixMs;
  /** Who asked for it; null for a film that was made at a prompt or by a command. */
  readonly by: string | null;
  /** The case that it belongs to. */
  readonly caseId: string | null;
}

/** Several cameras, one stretch of time, one archive. */
export interface CaseFacts {
  readonly caseId: string;
  readonly title: string;
  readonly window: TimeWindow;
  readonly createdMs: UnixMs;
  readonly by: string;
  /** "done" when no export is left to do; there may have been failures. */
  readonly state: "running" | "done" | "failed";
  readonly exports: readonly ExportFacts[];
}

/** Bytes with the name that they are saved under. */
export interface NamedBody {
  readonly name: string;
  readonly body: ByteBody;
}

/** Films: made in child processes of the lowest priority, one after the other, and kept. */
export interface ExportDoor {
  /**
   * What there is.
   *
   * @throws {OperatorError} For a time or a duration that can't be read.
   * @throws {Problem} Where there is no such camera, or too many look at once.
   */
  preview(cameraId: string, range: AskedRange, signal: AbortSignal): Promise<ExportPreview>;
  /** @throws {OperatorError} As `preview`; {Problem} "exports-full" when too many wait. */
  start(wish: ExportWish, by: string): Promise<ExportFacts>;
  /** The newest first, those of others' prompts too. */
  list(): Promise<readonly ExportFacts[]>;
  get(exportId: string): Promise<ExportFacts | undefined>;
  /**
   * Cancels an export, or removes its film and receipt.
   *
   * @returns False where it is a film that was made elsewhere: those stay.
   */
  remove(exportId: string): Promise<boolean>;
  /** Undefined until the film is there. */
  film(exportId: string): Promise<NamedBody | undefined>;
  /** The receipt's own bytes: its signature counts for them. */
  receipt(exportId: string): Promise<Uint8Array | undefined>;
  /** @throws {Problem} "exports-full". */
  startCase(
    wish: {
      readonly title: string;
      readonly cameraIds: readonly string[];
      readonly window: TimeWindow;
    },
    by: string,
  ): Promise<CaseFacts>;
  cases(): readonly CaseFacts[];
  case(caseId: string): CaseFacts | undefined;
  /** Films, receipts and a manifest as one ZIP; undefined until every export has ended. */
  caseArchive(caseId: string): Promise<NamedBody | undefined>;
  /** Those that were asked for here. */
  counts(): Readonly<Record<ExportFacts["state"], number>>;
}
