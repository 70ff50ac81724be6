/**
 * The payloads that go out, field by field. docs/mqtt.md has its tables from here,
 * and so has the AsyncAPI document.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { alertParts, occurrenceShape, ruleShape } from "../model/alert_fields.ts";
import { SCHEMA_VERSION } from "./message.ts";

const time = z.iso.datetime();

const version = z.literal(SCHEMA_VERSION).describe("Changes when a field changes its meaning");

const ofCamera = {
  "schema_version": version,
  "camera_id": z.string().describe("The camera"),
  timestamp: time.describe("When this was said"),
};

const ofBox = {
  "schema_version": version,
  "camera_id": z.null().describe("Null: this is about the whole box"),
  timestamp: time.describe("When this was said"),
};

const share = z.number().min(0).max(1);

const boxSchema = z.object({
  x: share.describe("Left edge"),
  y: share.describe("Upper edge"),
  width: share.describe("Width"),
  height: share.describe("Height"),
});

export const CAMERA_STATES = ["online", "offline", "stalled", "paused"] as const;
export type MqttCameraState = typeof CAMERA_STATES[number];

export const cameraStatusSchema = z.object({
  ...ofCamera,
  state: z.enum(CAMERA_STATES).describe(
    "`online`: it is recorded; `offline`: it gives no stream, or is not to be recorded; " +
      "`stalled`: its recorder does not answer; `paused`: the disk takes nothing",
  ),
  since: time.nullable().describe("Since when it is so; null in a last will"),
  cause: z.string().nullable().describe("Why it is not online; null while it is"),
  detail: z.string().describe("More for people; may be empty"),
  fps: z.number().describe("Frames a second, over the last seconds"),
  bitrate: z.number().describe("Bits a second, over the last seconds"),
});

export const telemetrySchema = z.object({
  ...ofCamera,
  fps: z.number().describe("Frames a second, over the last seconds"),
  bitrate: z.number().describe("Bits a second, over the last seconds"),
  frames: z.int().describe("Frames since the camera's recorder began"),
  lag_ms: z.int().nullable().describe(
    "Length of the video that waits for the disk, in ms; null while there is no stream",
  ),
  queued_bytes: z.int().describe("The same in bytes"),
  rows_pending: z.int().describe("Rows that wait for the database"),
  restarts: z.int().describe("How often the recorder was started again"),
  cpu_percent: z.number().nullable().describe(
    "Load of the whole box's processors, 0 to 100; null where it does not say",
  ),
  temperature_celsius: z.number().nullable().describe(
    "The box's highest temperature; null where it does not say",
  ),
});

export const EVENT_PHASES = ["start", "update", "end"] as const;

export const eventSchema = z.object({
  ...ofCamera,
  event_id: z.string().describe("The event; the same in all its messages"),
  phase: z.enum(EVENT_PHASES).describe("What happened to it; updates come once a second at most"),
  kind: z.enum(["object_detected", "motion_detected"]).describe("What it is"),
  class: z.string().nullable().describe("What was seen, such as `person`; null for movement"),
  score: share.describe("Highest score so far; for movement the share of the picture"),
  start: time.describe("When it began"),
  end: time.nullable().describe("When it ended; null while it goes on"),
  zones: z.array(z.string()).describe("Zones that it was in"),
  lines: z.array(z.object({
    line: z.string().describe("Name of the line"),
    direction: z.enum(["to-left", "to-right"]).describe("As seen from its first point"),
    time: time.describe("When"),
  })).describe("Lines that it crossed"),
  box: boxSchema.describe("Where it was in its best picture, in shares of the picture"),
  box_time: time.describe("When that was"),
  picture_path: z.string().nullable().describe("That picture, below the storage root"),
  crop_path: z.string().nullable().describe("The same, cut out"),
});

export const alertSchema = z.object({
  ...ofCamera,
  alert_id: alertParts.id,
  ...ruleShape,
  ...occurrenceShape,
  test: alertParts.test,
});

export const configurationSchema = z.object({
  ...ofCamera,
  name: z.string().describe("Its name for people"),
  recording_enabled: z.boolean().describe("Whether it is recorded"),
  motion_sensitivity: share.nullable().describe("0 to 1; null where it is not looked at"),
  detection_fps: z.number().nullable().describe("Pictures a second that are looked at, or null"),
  stills_enabled: z.boolean().describe("Whether stills are made"),
  settings: z.record(z.string(), z.unknown()).nullable().describe(
    "Its entry in the settings, with defaults filled in and secrets masked; null where the file " +
      "can't be read",
  ),
});

const fault = z.object({
  code: z.string().describe("Stable, for programs"),
  text: z.string().describe("For people"),
}).nullable();

const correlation = z.string().nullable().describe("As it was asked with; null without one");

export const configurationResultSchema = z.object({
  ...ofCamera,
  correlation_id: correlation,
  ok: z.boolean().describe("Whether the change is in effect"),
  applied: z.record(z.string(), z.unknown()).nullable().describe("What was changed"),
  text: z.string().nullable().describe("What reading the settings again did"),
  error: fault.describe("Why nothing was changed; null where it was"),
});

export const streamStatusSchema = z.object({
  ...ofCamera,
  online: z.boolean().describe(
    "Whether there is a stream now; if not, the rest is of the last one",
  ),
  codec: z.string().nullable().describe("Name of the video's codec; null before it is known"),
  width: z.int().nullable().describe("In pixels"),
  height: z.int().nullable().describe("In pixels"),
  key_frame_interval_ms: z.int().nullable().describe(
    "From key frame to key frame, as recorded last",
  ),
  viewers: z.int().describe("Live views now"),
});

export const resultsSchema = z.object({
  ...ofCamera,
  frame: z.object({
    run: z.int().describe("Run of the camera's stream"),
    pts: z.int().describe("Presentation time in ticks of the run"),
  }).nullable().describe("The recorded frame; null where another stream is looked at"),
  moving: z.array(boxSchema).describe("What moves, in shares of the picture"),
  detections: z.array(z.object({
    class: z.string().describe("What it is"),
    score: share.describe("How sure the detector is"),
    box: boxSchema.describe("Where it is"),
  })).nullable().describe("What was found; null where no detector looked at this picture"),
});

export const HEALTH_COMPONENTS = [
  ...["recorder", "writer", "vision", "disk", "clock", "mqtt"] as const,
] as const;
export type HealthComponent = typeof HEALTH_COMPONENTS[number];

export const HEALTH_STATES = ["ok", "warning", "fault", "offline"] as const;

export const healthSchema = z.object({
  ...ofBox,
  component: z.enum(HEALTH_COMPONENTS).describe("Part of Lookback"),
  state: z.enum(HEALTH_STATES).describe("How it does; `offline`: Lookback does not run"),
  detail: z.string().describe("What is wrong; empty where nothing is"),
});

export const COMMAND_STATES = ["accepted", "done", "failed", "refused"] as const;

export const commandResultSchema = z.object({
  schema_version: version,
  camera_id: z.string().nullable().describe("The camera it was about; null for none"),
  timestamp: time.describe("When this was said"),
  correlation_id: correlation,
  command: z.string().nullable().describe("What was asked; null where that can't be read"),
  state: z.enum(COMMAND_STATES).describe(
    "`accepted`: more follows; `refused`: it was not begun",
  ),
  result: z.record(z.string(), z.unknown()).nullable().describe("What came of it"),
  error: fault.describe("What went wrong; null where nothing did"),
});

export const presenceSchema = z.object({
  ...ofCamera,
  motion: z.boolean().describe("Whether something moves, or anything is seen"),
  classes: z.array(z.string()).describe("What is seen now"),
});

export type CameraStatusPayload = z.output<typeof cameraStatusSchema>;
export type EventPayload = z.output<typeof eventSchema>;
export type AlertPayload = z.output<typeof alertSchema>;
export type CommandResultPayload = z.output<typeof commandResultSchema>;
export type ConfigurationResultPayload = z.output<typeof configurationResultSchema>;
