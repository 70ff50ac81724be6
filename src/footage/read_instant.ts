/**
 * Reads an instant for commands that are to start fast: the library of phrases is
 * loaded only for a phrase.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { type InstantContext, parseWrittenInstant } from "./written_instant.ts";

/** {@linkcode parseWrittenInstant} where that is enough, else `parseInstant`, which says the rest. */
export async function readInstant(text: string, context: InstantContext): Promise<UnixMs> {
  const written = parseWrittenInstant(text, context);
  if (written !== undefined) return written;
  const { parseInstant } = await import("./instant.ts");
  return parseInstant(text, context);
}
