/**
 * What a decoder said last on its error stream, between the lines that tell of its
 * pictures (framecrc).
 *
 * @module
 */

import { parseFrameCrc } from "./stills_args.ts";

/** The newest line of its own words; undefined where it said nothing. */
export function decoderWords(errorTail: readonly string[]): string | undefined {
  return errorTail.findLast((line) => !line.startsWith("#") && parseFrameCrc(line) === undefined);
}
