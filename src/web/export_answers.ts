/**
 * Exports, cases and previews as the API says them.
 *
 * @module
 */

import { z } from "@hono/zod-openapi";
import { isoUtc } from "../base/units.ts";
import type { CaseFacts, ExportFacts, ExportPreview } from "./doors.ts";
import { type Actor, maySee } from "./needs.ts";
import { instantInAnswer } from "./query_times.ts";

export const exportIdParam = z.object({
  exportId: z.string().regex(/^(?:export|film)-[0-9a-f]{16}$/)
    .openapi({ example: "export-5f0c1d2e3a4b5c6d" }),
});

export const caseIdParam = z.object({
  caseId: z.string().regex(/^case-[0-9a-f]{16}$/).openapi({ example: "case-5f0c1d2e3a4b5c6d" }),
});

export const exportSchema = z.object({
  id: z.string().openapi({ example: "export-5f0c1d2e3a4b5c6d" }),
  camera: z.string().openapi({ example: "front" }),
  from: instantInAnswer,
  to: instantInAnswer,
  state: z.enum(["waiting", "running", "done", "failed"]),
  progress: z.number().min(0).max(1),
  error: z.object({ code: z.string(), text: z.string() }).optional()
    .openapi({ description: "Why it failed" }),
  file: z.string().optional().openapi({ description: "Name of the film, once it is there" }),
  bytes: z.int().optional(),
  created: instantInAnswer,
  by: z.string().nullable().openapi({
    description: "Who asked for it; null for films of a prompt or a command",
  }),
  caseId: z.string().optional(),
}).openapi("Export");

export const previewAnswer = z.object({
  window: z.object({ from: instantInAnswer, to: instantInAnswer }),
  understood: z.array(z.string()).openapi({
    description: "What was understood and what there is, in the words of `lookback prompt`",
  }),
  frames: z.int(),
  bytes: z.int().openapi({ description: "About what the film will have" }),
  gaps: z.array(
    z.object({ from: instantInAnswer, to: instantInAnswer, cause: z.string(), detail: z.string() }),
  ),
  coverage: z.number().min(0).max(1),
}).openapi("ExportPreview");

export const caseSchema = z.object({
  id: z.string().openapi({ example: "case-5f0c1d2e3a4b5c6d" }),
  title: z.string().openapi({ example: "Parcel, 21 November" }),
  from: instantInAnswer,
  to: instantInAnswer,
  created: instantInAnswer,
  by: z.string(),
  state: z.enum(["running", "done", "failed"]),
  exports: z.array(exportSchema),
}).openapi("Case");

export function exportJson(facts: ExportFacts): z.infer<typeof exportSchema> {
  const { exportId: id, cameraId: camera, window, state, progress, by } = facts;
  return {
    ...{ id, camera, state, progress, by },
    from: isoUtc(window.fromMs),
    to: isoUtc(window.toMs),
    created: isoUtc(facts.createdMs),
    ...(facts.error === null ? {} : { error: facts.error }),
    ...(facts.file === null ? {} : { file: facts.file }),
    ...(facts.bytes === null ? {} : { bytes: facts.bytes }),
    ...(facts.caseId === null ? {} : { caseId: facts.caseId }),
  };
}

export function previewJson(preview: ExportPreview): z.infer<typeof previewAnswer> {
  const { window, understood, frames, bytes, gaps, coverage } = preview;
  return {
    window: { from: isoUtc(window.fromMs), to: isoUtc(window.toMs) },
    understood: [...understood],
    frames,
    bytes,
    gaps: gaps.map(({ fromMs, toMs, cause, detail }) => ({
      from: isoUtc(fromMs),
      to: isoUtc(toMs),
      cause,
      detail,
    })),
    coverage,
  };
}

export function caseJson(facts: CaseFacts): z.infer<typeof caseSchema> {
  const { caseId: id, title, window, createdMs, by, state, exports } = facts;
  return {
    ...{ id, title, by, state },
    from: isoUtc(window.fromMs),
    to: isoUtc(window.toMs),
    created: isoUtc(createdMs),
    exports: exports.map(exportJson),
  };
}

/**
 * A case shows all of its cameras or nothing. One whose exports are gone no longer says
 * which they were: only who may see all cameras sees it.
 */
export function maySeeCase(actor: Actor, { exports }: CaseFacts): boolean {
  if (exports.length === 0) return actor.cameras === "all";
  return exports.every(({ cameraId }) => maySee(actor, cameraId));
}
