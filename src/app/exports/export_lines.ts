/**
 * What `lookback export` says for programs, beside the receipt: how far it is, on
 * standard error, one JSON object a line; and with `--preview` what there is. The
 * command writes it, the web server's exports (export_run.ts) read it.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import type { OperatorError } from "../../base/errors.ts";
import { isoUtc } from "../../base/units.ts";
import type { Survey } from "../../footage/export_job.ts";

const lineSchema = z.discriminatedUnion("state", [
  /** Others are at work; `running` of them. */
  z.object({ state: z.literal("waiting"), running: z.number() }),
  z.object({ state: z.literal("running"), written_bytes: z.number(), total_bytes: z.number() }),
  z.object({
    state: z.literal("failed"),
    code: z.string(),
    text: z.string(),
    fix: z.array(z.string()),
  }),
]);

/** One line of progress. */
export type ExportLine = z.infer<typeof lineSchema>;

/** Undefined for a line that is for people. */
export function readExportLine(text: string): ExportLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function failedLine(error: OperatorError): ExportLine {
  const { code, message, advice } = error;
  return { state: "failed", code, text: message, fix: [...advice.fix] };
}

const instant = z.iso.datetime({ precision: 3 });

export const previewSchema = z.object({
  start: instant,
  end: instant,
  /** The request as it was understood and what there is for it, for people. */
  understood: z.array(z.string()),
  frames: z.number(),
  bytes: z.number(),
  gaps: z.array(
    z.object({ start: instant, end: instant, cause: z.string(), detail: z.string() }),
  ),
});

/** What there is for a request. */
export type PreviewJson = z.infer<typeof previewSchema>;

export function previewJson(survey: Survey, understood: readonly string[]): PreviewJson {
  const { request: { window }, frames, recordedBytes, gaps } = survey;
  return {
    start: isoUtc(window.fromMs),
    end: isoUtc(window.toMs),
    understood: [...understood],
    frames,
    bytes: recordedBytes,
    gaps: gaps.map(({ window, cause, detail }) => ({
      start: isoUtc(window.fromMs),
      end: isoUtc(window.toMs),
      cause,
      detail,
    })),
  };
}
