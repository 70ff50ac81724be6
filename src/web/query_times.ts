/**
 * Instants and stretches of time in addresses: ISO 8601, or milliseconds since
 * 1970. Texts that don't say which zone they mean are refused, not guessed.
 *
 * @module
 */

import { z } from "@hono/zod-openapi";
import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import type { TimeWindow } from "../model/window.ts";
import { Problem } from "./problem.ts";

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** The last instant that four digits of a year can name. */
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** An instant in a query; the handler gets it as {@linkcode UnixMs}. */
export const instantSchema = z.string().transform((text, context): UnixMs => {
  // A "+" of a zone arrives as a blank where it was not escaped.
  const iso = text.replace(" ", "+");
  const atMs = /^\d{1,15}$/.test(text) ? Number(text) : ISO.test(iso) ? Date.parse(iso) : NaN;
  if (Number.isFinite(atMs) && atMs <= LAST_MS) return unixMs(Math.floor(atMs));
  context.addIssue({
    code: "custom",
    message: 'an instant such as "2026-11-21T20:57:09.340Z", or milliseconds since 1970',
  });
  return z.NEVER;
}).openapi({
  type: "string",
  description: "ISO 8601 with a zone, or milliseconds since 1970-01-01T00:00:00Z",
  example: "2026-11-21T20:57:09.340Z",
});

/** `from` and `to` of a query. */
export const windowQuery = {
  from: instantSchema.openapi({ description: "Start, which belongs to the window" }),
  to: instantSchema.openapi({
    description: "End, which does not",
    example: "2026-11-21T20:58:09.340Z",
  }),
} as const;

/** An instant in an answer. */
export const instantInAnswer = z.string().openapi({
  description: "ISO 8601 in UTC",
  example: "2026-11-21T20:57:09.340Z",
});

export function isoOrNull(atMs: UnixMs | null): string | null {
  return atMs === null ? null : isoUtc(atMs);
}

/**
 * A stretch of time that may be asked for.
 *
 * @throws {Problem} 400 "window-invalid" for one that is empty or too long.
 */
export function checkedWindow(
  query: { readonly from: UnixMs; readonly to: UnixMs },
  longest: { readonly ms: number; readonly words: string },
): TimeWindow {
  const window = { fromMs: query.from, toMs: query.to };
  if (window.fromMs >= window.toMs) {
    throw new Problem(400, "window-invalid", "The end is not behind the start");
  }
  if (window.toMs - window.fromMs > longest.ms) {
    throw new Problem(400, "window-invalid", `At most ${longest.words} can be asked for at once`);
  }
  return window;
}
