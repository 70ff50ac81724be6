/**
 * Single values that several sections of the settings have: numbers, paths, sources.
 *
 * @module
 */

import * as z from "zod";
import { parseSource } from "../../model/camera.ts";
import { KIND_ONLY } from "./conflicts.ts";

/** A number with its bounds; `what` completes "need WHAT from MIN to MAX". */
export function numberFrom(
  [min, max]: readonly [number, number],
  { what, whole = false }: { readonly what: string; readonly whole?: boolean },
): z.ZodNumber {
  const error = `${what} from ${min} to ${max}`;
  const schema = whole ? z.int({ error }) : z.number({ error });
  return schema.min(min, { error }).max(max, { error });
}

const PATH_NEED = 'a path without control characters and without "~", which only shells know';

export function isPlainPath(path: string): boolean {
  return !/^\s*$|^~|\p{Cc}/u.test(path);
}

export const pathSchema = z.string({ error: "a path" }).refine(isPlainPath, { error: PATH_NEED });

export const sourceSchema = z.string({ error: "a URL or the path of a video file" })
  .check((context) => {
    const parsed = parseSource(context.value, KIND_ONLY);
    const isFile = parsed.ok && parsed.source.kind === "file";
    if (parsed.ok && (!isFile || isPlainPath(context.value))) return;
    const message = parsed.ok ? PATH_NEED : parsed.problem;
    context.issues.push({ code: "custom", message, input: context.value });
  });
