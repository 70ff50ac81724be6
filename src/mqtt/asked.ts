/**
 * What may come in: changes of a camera's settings, and commands.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { CAMERA_ID_PATTERN } from "../model/camera.ts";

const ID_NEED = 'lower-case letters, digits and "-", at most 64';

const id = z.string({ error: ID_NEED }).regex(CAMERA_ID_PATTERN, { error: ID_NEED });

const correlation = z.string({ error: "text" }).min(1).max(200).optional()
  .describe("Comes back in the answers");

const instant = z.string({ error: "a time such as 2026-11-21T20:57:09Z" }).min(1).max(100);

/** Longest film that can be asked for, in seconds: a day. */
const LONGEST_SECONDS = 86_400;

const seconds = z.number({ error: "a number of seconds" }).positive().max(LONGEST_SECONDS);

/** Limits are those of the settings file, which judges all of it once more. */
export const configurationSetSchema = z.strictObject({
  correlation_id: correlation,
  name: z.string().optional().describe("Its name for people"),
  recording_enabled: z.boolean().optional().describe("Whether it is recorded"),
  motion_sensitivity: z.number().optional().describe("0 to 1; only where it is looked at"),
  detection_fps: z.number().optional().describe("Pictures a second that are looked at"),
  stills_enabled: z.boolean().optional().describe("Whether stills are made"),
});

export type ConfigurationSet = z.output<typeof configurationSetSchema>;

const exportSchema = z.strictObject({
  command: z.literal("export"),
  correlation_id: correlation,
  camera_id: id.describe("The camera"),
  at: instant.optional()
    .describe("Where it begins, as `lookback export --at` takes it (default: `seconds` ago)"),
  seconds: seconds.default(60).describe("How long it is"),
  mode: z.enum(["exact", "strict", "keyframe"]).default("exact").describe("How it is cut"),
});

const snapshotSchema = z.strictObject({
  command: z.literal("snapshot"),
  correlation_id: correlation,
  camera_id: id.describe("The camera"),
  at: instant.optional().describe("Of when (default: the newest still)"),
});

const holdSchema = z.strictObject({
  command: z.literal("hold"),
  correlation_id: correlation,
  camera_id: id.nullable().default(null).describe("The camera; null or none for all"),
  name: id.describe("Name of the hold, to release it by"),
  from: instant.describe("Where it begins"),
  to: instant.optional().describe("Where it ends"),
  seconds: seconds.optional().describe("Or how long it is"),
});

const reloadSchema = z.strictObject({
  command: z.literal("reload"),
  correlation_id: correlation,
});

const statusSchema = z.strictObject({
  command: z.literal("status"),
  correlation_id: correlation,
});

export const COMMAND_SCHEMAS = {
  export: exportSchema,
  snapshot: snapshotSchema,
  reload: reloadSchema,
  hold: holdSchema,
  status: statusSchema,
} as const;

export const commandSchema = z.discriminatedUnion("command", [
  exportSchema,
  snapshotSchema,
  reloadSchema,
  holdSchema,
  statusSchema,
], { error: `a "command": ${Object.keys(COMMAND_SCHEMAS).join(", ")}` });

export type AskedCommand = z.output<typeof commandSchema>;
export type CommandName = AskedCommand["command"];
