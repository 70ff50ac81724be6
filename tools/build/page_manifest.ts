/**
 * The list of the page's files, as `dist/page/manifest.json` has it; the web server
 * serves what stands there and nothing else (src/web/routes/assets.ts).
 *
 * @module
 */

import { extname } from "node:path";

/** A file of the page, as it is served. */
export interface PageFile {
  /** Below the folder of the manifest, for example "assets/main-AB12CD34.js". */
  readonly path: string;
  /** With the charset where it has one. */
  readonly type: string;
  readonly bytes: number;
  /** The same packed with gzip, as a file beside it; null where that saves nothing. */
  readonly gzip: { readonly path: string; readonly bytes: number } | null;
  /** The name changes with the contents: it may be kept for ever. */
  readonly isHashed: boolean;
}

export interface PageManifest {
  /** What it was made of: SHA-256 of all inputs. */
  readonly inputs: string;
  /** The page itself. */
  readonly index: string;
  readonly files: readonly PageFile[];
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
};

/** Media type of a file by its name. */
export function typeOf(path: string): string {
  const type = TYPES[extname(path)];
  if (type === undefined) throw new TypeError(`Cannot tell the type of "${path}"`);
  return type;
}

/** Bytes that a browser gets for a file. */
export function sentBytes({ bytes, gzip }: PageFile): number {
  return gzip?.bytes ?? bytes;
}
