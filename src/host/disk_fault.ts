/**
 * What an error of the disk means: full, read-only, gone, or failed.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";

/** Subset of the causes of gaps (model/ledger.ts). */
export type DiskFault = "disk-full" | "disk-missing" | "disk-failed";

const CODES: Readonly<Record<string, DiskFault>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
};

/** SQLite's words where it gives no code (sqlite.org/rescode.html, SQLITE_FULL). */
const FULL = /database or disk is full|No space left|quota exceeded/i;

/** Names the fault behind an error of a write. */
export function diskFaultOf(error: unknown): DiskFault {
  if (error instanceof RootMissing) return "disk-missing";
  const { code } = error as { readonly code?: unknown };
  const known = typeof code === "string" ? CODES[code] : undefined;
  return known ?? (FULL.test(messageOf(error)) ? "disk-full" : "disk-failed");
}

/** What lies at the storage root's place is not the disk that recording began on. */
export class RootMissing extends Error {
  override readonly name = "RootMissing";
}
