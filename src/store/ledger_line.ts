/**
 * Ledger entries as lines of text: one JSON object each, keys in snake_case, with
 * the number of the line. A batch's line also has what the database gave it.
 *
 * Pure.
 *
 * @module
 */

import type { BatchEntry, DeletionEntry, LedgerEntry, RunStartEntry } from "../model/ledger.ts";

/** Of a batch: its id and its place in the camera's chain; null chains where it has no hashes. */
export interface BatchPlace {
  readonly batchId: number;
  readonly previousChain: string | null;
  readonly chain: string | null;
}

/** A piece that deletions took out of a chain: the value before it, and its last one. */
export interface ChainBreak {
  readonly previousChain: string;
  readonly chain: string;
}

/** A batch as the ledger keeps it; hashes are null where a version without them recorded it. */
export type LedgerBatch =
  & Omit<BatchEntry, "recordingSha256" | "framesSha256">
  & { readonly recordingSha256: string | null; readonly framesSha256: string | null }
  & BatchPlace;

/** What of a camera is never counted again, though its batches are deleted. */
export interface CameraNewest {
  readonly frameId: number;
  readonly batchId: number;
  readonly chain: string | null;
}

/** A run's start as the ledger keeps it: with the runs that it found open, which a crash cut off. */
export type LedgerRunStart = RunStartEntry & {
  readonly closed: readonly { readonly run: number; readonly endedMs: number }[];
};

/** A deletion as the ledger keeps it: enough to do without the lines of the batches that went. */
export type LedgerDeletion = DeletionEntry & {
  readonly breaks: readonly ChainBreak[];
  /** Null where the camera never had a batch. */
  readonly newest: CameraNewest | null;
};

export type LedgerRecord =
  | Exclude<LedgerEntry, BatchEntry | DeletionEntry | RunStartEntry>
  | LedgerBatch
  | LedgerRunStart
  | LedgerDeletion;

const TYPES: ReadonlySet<unknown> = new Set<LedgerRecord["type"]>([
  "camera",
  "run-start",
  "run-end",
  "batch",
  "event",
  "run-shift",
  "deletion",
  "removed",
  "repair",
  "check",
  "vision-event",
  "vision-deletion",
]);

/** A line that was read. */
export interface NumberedRecord {
  readonly sequence: number;
  readonly record: LedgerRecord;
}

export function writeLedgerLine(sequence: number, record: LedgerRecord): string {
  return `${JSON.stringify(withSnakeKeys({ sequence, ...record }))}\n`;
}

/** Reads a line; undefined when it is not one of the ledger's. */
export function readLedgerLine(line: string): NumberedRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== "object") return undefined;
  const { sequence, ...record } = withCamelKeys(value) as Record<string, unknown>;
  if (!Number.isSafeInteger(sequence) || !TYPES.has(record.type)) return undefined;
  if (typeof record.cameraId !== "string") return undefined;
  return { sequence: sequence as number, record: record as unknown as LedgerRecord };
}

/** Plain data with its keys as texts have them, at any depth. */
export function withSnakeKeys(value: unknown): unknown {
  return renameKeys(value, toSnake);
}

/** The other way round. */
export function withCamelKeys(value: unknown): unknown {
  return renameKeys(value, toCamel);
}

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]),
  );
}

/** "recordingSha256" becomes "recording_sha256". */
const toSnake = remembering((key) =>
  key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
);

const toCamel = remembering((key) =>
  key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
);

/** Keys that are remembered. The ledger has some 60; damaged lines may have any. */
const MOST_KEYS = 1_000;

/** A million lines have the same few keys. */
function remembering(rename: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const renamed = rename(key);
    if (known.size < MOST_KEYS) known.set(key, renamed);
    return renamed;
  };
}
