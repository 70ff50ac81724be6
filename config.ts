/**
 * The settings: their shape, defaults and meaning. The only place that knows
 * how the file looks.
 *
 * In:   the text of a YAML file (keys in snake_case, durations in seconds).
 * Out:  {@linkcode Settings}, complete and checked, or one OperatorError that
 *       lists every mistake of the file. Nothing starts half-configured.
 * Not here: finding the file (src/app/config/load_config.ts), the environment
 *       (src/app/config/layers.ts), and whether folders, video files and
 *       programs named in it exist.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { alertsInFull, alertsSchema, toAlerts } from "./src/app/config/alerts.ts";
import { findConflicts } from "./src/app/config/conflicts.ts";
import { configInvalid, fileMistakes, shownPath } from "./src/app/config/mistakes.ts";
import {
  cameraRetentionSchema,
  retentionSchema,
  toFreeRoom,
  toLimits,
  toUpkeep,
  upkeepSchema,
  type UpkeepSettings,
} from "./src/app/config/upkeep.ts";
import { numberFrom, pathSchema, sourceSchema } from "./src/app/config/values.ts";
import {
  cameraVisionSchema,
  toVision,
  visionInFull,
  visionSchema,
} from "./src/app/config/vision.ts";
import { mqttInFull, mqttSchema, toMqtt } from "./src/app/config/mqtt.ts";
import { toWeb, webInFull, webSchema } from "./src/app/config/web.ts";
import type { AlertSettings } from "./src/alert/settings.ts";
import { InvariantError } from "./src/base/errors.ts";
import { readYaml, type YamlReading } from "./src/base/yaml_mistakes.ts";
import { type Camera, CAMERA_ID_PATTERN, parseSource } from "./src/model/camera.ts";
import type { FreeRoom, RetentionLimits } from "./src/model/retention.ts";
import type { VisionSettings } from "./src/model/vision_settings.ts";
import type { MqttSettings } from "./src/mqtt/settings.ts";
import type { WebSettings } from "./src/web/settings.ts";

/** Everything that can be set, with defaults filled in. Paths are absolute. */
export interface Settings {
  /** Storage root: database, recordings, frames and exports lie below it. */
  readonly root: string;
  /** The id that the storage root must have; null where any will do. */
  readonly rootIdentity: string | null;
  /** Shortest length of one recording; it ends at the first key frame from there on. */
  readonly batchDurationMs: number;
  readonly stills: {
    readonly enabled: boolean;
    readonly everyMs: number;
    /** JPEG quality from 1 to 100. */
    readonly quality: number;
  };
  /** Longest stretch of video that the recorder holds back before it is written. */
  readonly fragmentMs: number;
  /** Cameras that may share one Worker. */
  readonly camerasPerWorker: number;
  /** Limits of all cameras together; the first one that is reached counts. */
  readonly retention: RetentionLimits & { readonly keepFree: FreeRoom };
  readonly upkeep: UpkeepSettings;
  readonly alerts: AlertSettings;
  /** Null where the web server is off. */
  readonly web: WebSettings | null;
  /** Null where MQTT is off. */
  readonly mqtt: MqttSettings | null;
  /** How many films are made at once under the root, by all processes. */
  readonly exportConcurrent: number;
  /** Absolute path, or the name of a program on PATH. */
  readonly ffmpegPath: string;
  /** Absolute path, or the name of a program on PATH. */
  readonly ffprobePath: string;
  readonly logLevel: LogLevel;
  /** In the order of the file, the disabled ones too. Ids are unique. */
  readonly cameras: readonly CameraSettings[];
  /** The file that was read; null where there is none. */
  readonly configPath: string | null;
}

export interface CameraSettings extends Camera {
  /** False keeps the camera's entry and its footage, but does not record it. */
  readonly enabled: boolean;
  readonly stillsEnabled: boolean;
  /** Limits of this camera, beside those of all. */
  readonly retention: RetentionLimits;
  /** How its pictures are looked at; null where they are not. */
  readonly vision: VisionSettings | null;
}

const LOG_LEVELS = ["trace", "debug", "info", "warning", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The file looked for in the working folder and in the folder of `--root`. */
export const CONFIG_FILE_NAME = "lookback.yaml";

/** The file of an installed service. */
export const SYSTEM_CONFIG_PATH = "/etc/lookback/lookback.yaml";

/** Storage root of an installed service: recordings do not belong below /etc. */
export const SYSTEM_ROOT = "/var/lib/lookback";

/** The smallest useful file: a real camera and one that needs no hardware. */
export const EXAMPLE_CONFIG = `cameras:
  - id: front
    source: rtsp://user:password@192.0.2.10/stream1
  - id: lab
    source: test://1280x720@25
`;

// Shape of the file

const ID_NEED = 'lower-case letters, digits and "-", at most 64, no "-" at either end';

const cameraSchema = z.strictObject({
  id: z.string({ error: `${ID_NEED}; a number in quotes` })
    .regex(CAMERA_ID_PATTERN, { error: ID_NEED })
    .meta({
      description: "Short name of the camera, part of every path and never changed",
      examples: ["front", "yard-2"],
    }),
  name: z.string({ error: "text in quotes" })
    .refine((name) => /\S/.test(name) && !/\p{Cc}/u.test(name), { error: "text on one line" })
    .optional()
    .meta({ description: "Name for people (default: the id)", examples: ["Front door"] }),
  source: sourceSchema.meta({
    description: "An rtsp, rtsps, http or https URL, a video file (relative to the folder of " +
      "this file, played as if live), or a synthetic camera (test://WIDTHxHEIGHT@FPS)",
    examples: ["rtsp://user:password@192.0.2.10/stream1", "yard.mp4", "test://1280x720@25"],
  }),
  loop: z.boolean().default(false).describe("Whether a video file starts again when it ends"),
  geo_location: z.strictObject({
    lat: numberFrom([-90, 90], { what: "degrees" }).describe("Latitude in degrees, WGS 84"),
    lon: numberFrom([-180, 180], { what: "degrees" }).describe("Longitude in degrees, WGS 84"),
  }, { error: "latitude and longitude, such as { lat: 12.9716, lon: 77.5946 }" })
    .optional()
    .meta({
      description: "Where the camera stands; copied into every frame's record",
      examples: [{ lat: 12.9716, lon: 77.5946 }],
    }),
  enabled: z.boolean().default(true)
    .describe("Whether the camera is recorded; its footage stays either way"),
  stills: z.strictObject({
    enabled: z.boolean().optional().meta({
      description: "Whether this camera has stills (default: stills.enabled of the whole file)",
      examples: [true],
    }),
  }).prefault({}).describe("Stills of this camera only"),
  retention: cameraRetentionSchema,
  vision: cameraVisionSchema,
}).meta({ title: "Camera" });

const configSchema = z.strictObject({
  storage: z.strictObject({
    root: pathSchema.optional().meta({
      description: "Folder that database, recordings, frames and exports lie below, relative to " +
        `the folder of this file (default: that folder; ${SYSTEM_ROOT} for ${SYSTEM_CONFIG_PATH})`,
      examples: ["/mnt/footage"],
    }),
    identity: z.string({ error: "text in quotes" })
      .regex(/^[\w-]{1,64}$/, { error: 'letters, digits, "-" and "_", at most 64' })
      .optional()
      .meta({
        description: "Id that the storage root must have, so that nothing is written to another " +
          "disk; lookback status shows it",
        examples: ["0b7c5a52-9d0e-4f3a-8a39-6f2d3c1b7e10"],
      }),
  }).prefault({}).describe("Where everything is kept"),
  batch: z.strictObject({
    duration_seconds: numberFrom([1, 3600], { what: "a number of seconds" }).default(10)
      .describe("Length of one recording; it ends at the first key frame from there on"),
  }).prefault({}).describe("How footage is cut into files"),
  stills: z.strictObject({
    enabled: z.boolean().default(true).describe("Whether stills are made"),
    every_seconds: numberFrom([0.2, 60], { what: "a number of seconds" }).default(1)
      .describe("Time from one still to the next"),
    quality: numberFrom([1, 100], { what: "a whole number", whole: true }).default(85)
      .describe("JPEG quality; higher is better and larger"),
  }).prefault({}).describe("JPEG pictures made beside the recording"),
  recorder: z.strictObject({
    fragment_ms: numberFrom([40, 1000], { what: "a whole number of milliseconds", whole: true })
      .default(120)
      .describe("Length of a fragment; shorter means less delay and more overhead"),
  }).prefault({}).describe("How the recorder works"),
  capture: z.strictObject({
    cameras_per_worker: numberFrom([1, 64], { what: "a whole number of cameras", whole: true })
      .default(1)
      .describe("Cameras that share one thread; more take less memory, and share its faults"),
  }).prefault({}).describe("How cameras are spread over threads"),
  retention: retentionSchema,
  upkeep: upkeepSchema,
  vision: visionSchema,
  alerts: alertsSchema,
  web: webSchema,
  mqtt: mqttSchema,
  export: z.strictObject({
    concurrent: numberFrom([1, 16], { what: "a whole number", whole: true }).default(2)
      .describe("How many films are made at once; further ones wait for their turn"),
  }).prefault({}).describe("How footage is handed out"),
  ffmpeg: z.strictObject({
    path: pathSchema.optional().meta({
      description: "The ffmpeg program: a name on PATH, or with a / a path from the folder of " +
        "this file",
      examples: ["/usr/local/bin/ffmpeg"],
    }),
    probe_path: pathSchema.optional().meta({
      description: "The ffprobe program (default: the one beside ffmpeg.path, else on PATH)",
      examples: ["/usr/local/bin/ffprobe"],
    }),
  }).prefault({}).describe("The programs that Lookback drives"),
  log: z.strictObject({
    level: z.enum(LOG_LEVELS).default("info").describe("The least grave events that are logged"),
  }).prefault({}).describe("What is logged"),
  cameras: z.array(cameraSchema, { error: 'a list of cameras: each begins with "- id:"' })
    .default([]).describe("The cameras to record"),
}, { error: 'settings, such as "cameras:"' }).meta({ title: "Lookback configuration" });

/** Settings as a file may write them. */
export type ConfigInput = z.input<typeof configSchema>;

/** Settings in the file's own shape, with defaults filled in. */
export type Config = z.output<typeof configSchema>;
type CameraConfig = Config["cameras"][number];

/** The file's shape as JSON Schema (draft 7, which every YAML editor reads). */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
}

// Meaning of the file

/** Reads the text of a configuration: what it says, or every mistake in it. */
export function readConfig(text: string): YamlReading<Config> {
  return readYaml(text, { schema: configSchema, rules: findConflicts });
}

/**
 * Reads the text of a configuration.
 *
 * @param place The file, absolute or relative to `cwd`; its relative paths
 * start at its folder.
 *
 * @throws {OperatorError} With code "config-invalid" and a line for each mistake.
 */
export function parseConfig(
  text: string,
  place: { readonly path: string; readonly cwd: string },
): Settings {
  const path = resolve(place.cwd, place.path);
  const reading = readConfig(text);
  if (!reading.ok) throw configInvalid(fileMistakes(shownPath(path, place.cwd), reading.mistakes));
  return toSettings(reading.value, { path, cwd: place.cwd, typedKeys: new Set() });
}

/** What a configuration does not say itself. */
export interface ConfigPlace {
  /** The file that was read, absolute; null where there is none. */
  readonly path: string | null;
  readonly cwd: string;
  /**
   * Keys such as "storage.root" whose values were typed in a shell: their
   * relative paths start at `cwd`, those of the file at the file's folder.
   */
  readonly typedKeys: ReadonlySet<string>;
}

/** What a checked configuration means. Without a file the working folder stands in for its folder. */
export function toSettings(config: Config, { path, cwd, typedKeys }: ConfigPlace): Settings {
  const folder = path === null ? cwd : dirname(path);
  const folderOf = (key: string) => typedKeys.has(key) ? cwd : folder;
  const { root = path === SYSTEM_CONFIG_PATH ? SYSTEM_ROOT : folder } = config.storage;
  return {
    root: resolve(folderOf("storage.root"), root),
    rootIdentity: config.storage.identity ?? null,
    batchDurationMs: toMs(config.batch.duration_seconds),
    stills: {
      enabled: config.stills.enabled,
      everyMs: toMs(config.stills.every_seconds),
      quality: config.stills.quality,
    },
    fragmentMs: config.recorder.fragment_ms,
    camerasPerWorker: config.capture.cameras_per_worker,
    retention: { ...toLimits(config.retention), keepFree: toFreeRoom(config.retention) },
    upkeep: toUpkeep(config.upkeep),
    alerts: toAlerts(config.alerts, folderOf),
    web: toWeb(config.web, folderOf),
    mqtt: toMqtt(config.mqtt, folderOf),
    exportConcurrent: config.export.concurrent,
    ...toPrograms(config.ffmpeg, folderOf),
    logLevel: config.log.level,
    cameras: config.cameras.map((camera) => toCamera(camera, { config, folderOf })),
    configPath: path,
  };
}

/**
 * The configuration as a file would have to say it that leaves nothing to
 * defaults and to its own place: names filled in, paths absolute.
 */
export function inFull(config: Config, settings: Settings): Config {
  return {
    ...config,
    storage: { ...config.storage, root: settings.root },
    ffmpeg: { ...config.ffmpeg, path: settings.ffmpegPath, probe_path: settings.ffprobePath },
    alerts: alertsInFull(config.alerts, settings.alerts),
    web: webInFull(config.web, settings.web),
    mqtt: mqttInFull(config.mqtt, settings.mqtt),
    cameras: config.cameras.map((camera, index) => {
      const { name, source, stillsEnabled, vision } = settings.cameras[index]!;
      return {
        ...camera,
        name,
        source: source.kind === "file" ? source.path : camera.source,
        stills: { ...camera.stills, enabled: stillsEnabled },
        vision: visionInFull(camera.vision, vision),
      };
    }),
  };
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

function toPrograms(
  { path = "ffmpeg", probe_path: probePath }: Config["ffmpeg"],
  folderOf: (key: string) => string,
): Pick<Settings, "ffmpegPath" | "ffprobePath"> {
  // As in a shell: a name without "/" is looked up on PATH.
  const locate = (program: string, key: string) =>
    program.includes("/") ? resolve(folderOf(key), program) : program;
  const ffmpegPath = locate(path, "ffmpeg.path");
  const besideFfmpeg = ffmpegPath.includes("/") ? join(dirname(ffmpegPath), "ffprobe") : "ffprobe";
  return {
    ffmpegPath,
    ffprobePath: probePath === undefined ? besideFfmpeg : locate(probePath, "ffmpeg.probe_path"),
  };
}

function toCamera(
  camera: CameraConfig,
  { config, folderOf }: {
    readonly config: Config;
    readonly folderOf: (key: string) => string;
  },
): CameraSettings {
  const folder = folderOf("cameras");
  const parsed = parseSource(camera.source, {
    loop: camera.loop,
    resolvePath: (path) => resolve(folder, path),
  });
  // sourceSchema has read the same text with the same reader.
  if (!parsed.ok) throw new InvariantError(`Source passed the schema: ${parsed.problem}`);
  return {
    id: camera.id,
    name: camera.name ?? camera.id,
    source: parsed.source,
    geoLocation: camera.geo_location ?? null,
    enabled: camera.enabled,
    stillsEnabled: camera.stills.enabled ?? config.stills.enabled,
    retention: toLimits(camera.retention),
    vision: toVision(camera.vision, {
      common: config.vision,
      commonFolder: folderOf("vision.detector"),
      cameraFolder: folder,
      loop: camera.loop,
    }),
  };
}
