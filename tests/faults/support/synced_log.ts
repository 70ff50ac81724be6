/**
 * What the program made durable, read from its log at level "trace"
 * (src/host/durable.ts says there what it synced, in order).
 *
 * @module
 */

import { isAbsolute, relative } from "node:path";

/** A sync that had ended at a time. */
export interface Synced {
  readonly kind: "file" | "folder";
  /** Relative to the storage root; "" is the root itself. */
  readonly path: string;
  /** Length of the file then. */
  readonly sizeBytes: number;
  /** Wall time at which it was said. */
  readonly atMs: number;
}

const LINE = /^(\S+) trace host: Synced (?:(\d+) bytes of|folder) (.*)$/;

/** The syncs below a root, in the order of the log. */
export function readSyncs(log: string, root: string): Synced[] {
  return log.split("\n").flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, at, sizeBytes, path] = match;
    const below = relative(root, path!);
    if (below.startsWith("..") || isAbsolute(below)) return [];
    const kind = sizeBytes === undefined ? "folder" : "file";
    return [{ kind, path: below, sizeBytes: Number(sizeBytes ?? 0), atMs: Date.parse(at!) }];
  });
}
