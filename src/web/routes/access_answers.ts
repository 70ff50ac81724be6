/**
 * Shapes that several routes about users and rights share, and what a refusal
 * becomes over HTTP.
 *
 * @module
 */

import { z } from "@hono/zod-openapi";
import { isoUtc, unixMs } from "../../base/units.ts";
import { Refusal, type RefusalKind } from "../access/refusal.ts";
import { ROLES } from "../needs.ts";
import { Problem, type ProblemStatus } from "../problem.ts";

export const roleSchema = z.enum(ROLES).openapi({
  description: "viewer: watch and read; operator: export and share too; administrator: all",
  example: "viewer",
});

export const camerasSchema = z.union([
  z.literal("all"),
  z.array(z.string().min(1).max(64)).max(1_000),
]).openapi({ description: "All cameras, or the ids of some", example: ["front", "yard"] });

export const isoSchema = z.string().openapi({
  description: "ISO 8601 in UTC",
  example: "2026-11-21T20:57:09.340Z",
});

/** A body without anything in it; further words are a mistake. */
export const nothingSchema = z.strictObject({}).openapi({ example: {} });

export const idParams = z.object({
  id: z.string().regex(/^[\da-f]{16}$/).openapi({ example: "1f0c9b7e5d3a2468" }),
});

export function iso(atMs: number): string {
  return isoUtc(unixMs(atMs));
}

interface JsonContent<S extends z.ZodType> {
  content: { "application/json": { schema: S } };
}

/** A body of JSON that must be there. */
export function jsonBody<S extends z.ZodType>(schema: S): JsonContent<S> & { required: true } {
  return { required: true, content: { "application/json": { schema } } };
}

export function jsonAnswer<S extends z.ZodType>(
  description: string,
  schema: S,
): JsonContent<S> & { description: string } {
  return { description, content: { "application/json": { schema } } };
}

const STATUS: Readonly<Record<RefusalKind, ProblemStatus>> = {
  invalid: 400,
  unknown: 404,
  exists: 409,
  full: 409,
  "last-administrator": 409,
  "password-wrong": 403,
  "password-weak": 422,
};

const CODES: Readonly<Record<RefusalKind, string>> = {
  invalid: "request-invalid",
  unknown: "unknown",
  exists: "exists",
  full: "full",
  "last-administrator": "last-administrator",
  "password-wrong": "password-wrong",
  "password-weak": "password-weak",
};

/** Does it; a refusal becomes a problem document. */
export async function orProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Problem(STATUS[error.kind], CODES[error.kind], error.message);
  }
}
