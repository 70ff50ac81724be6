/**
 * Ledger entries as lines of text: one JSON object each, keys in snake_case, with
 * the number of the line. A batch's line also has what the database gave it.
 *
 * Pure.
 *
 * @module
 */

import type { BatchEntry, DeletionEntry, LedgerEntry } from "../model/ledger.ts";

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

export type LedgerRecord =
  | Exclude<LedgerEntry, BatchEntry | DeletionEntry>
  | LedgerBatch
  | (DeletionEntry & { readonly breaks: readonly ChainBreak[] });

/** A line that was read. */
export interface NumberedRecord {
  readonly sequence: number;
  readonly record: LedgerRecord;
}

export function writeLedgerLine(sequence: number, record: LedgerRecord): string {
  return `${JSON.stringify(renameKeys({ sequence, ...record }, toSnake))}\n`;
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
  const { sequence, ...record } = renameKeys(value, toCamel) as Record<string, unknown>;
  if (!Number.isSafeInteger(sequence) || typeof record.type !== "string") return undefined;
  if (typeof record.cameraId !== "string") return undefined;
  return { sequence: sequence as number, record: record as unknown as LedgerRecord };
}

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]),
  );
}

/** "recordingSha256" becomes "recording_sha256". */
function toSnake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toCamel(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
