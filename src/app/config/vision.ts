/**
 * The settings of what is seen in pictures: whether, how often and with what a
 * camera's pictures are looked at, where movement counts, zones and lines.
 *
 * In:   the section `vision` of the file, and a camera's own `vision`.
 * Out:  their schemas, and what they mean.
 * Not here: whether a detector's folder holds a model (src/vision/).
 *
 * @module
 */

import { resolve } from "node:path";
import * as z from "zod";
import { InvariantError } from "../../base/errors.ts";
import { parseSource } from "../../model/camera.ts";
import type { Point, Polygon } from "../../model/vision.ts";
import type {
  DetectorChoice,
  TripLine,
  VisionSettings,
  Zone,
} from "../../model/vision_settings.ts";
import { isPlainPath, numberFrom, sourceSchema } from "./values.ts";

/** A detector's answer that takes longer is not waited for, in milliseconds: events wait for it. */
const HTTP_TIMEOUT_MS = 4_000;

/** Zones, lines and masks of a camera, each: more are no help, and cost time for each picture. */
const MOST_PLACES = 32;

// Shape of the file

const DETECTOR_NEED = '"builtin", "motion", an http or https URL, or a folder with a "/" in its ' +
  'path, such as "./model"';

const detectorSchema = z.string({ error: DETECTOR_NEED })
  .refine((text) => readDetector(text, "/") !== undefined, { error: DETECTOR_NEED });

const fpsSchema = numberFrom([1, 30], { what: "a number of pictures a second" });
const sensitivitySchema = numberFrom([0, 1], { what: "a number" });
const CLASSES_NEED = "names of things in lower case, such as [person, vehicle]";
const classesSchema = z.array(
  z.string({ error: CLASSES_NEED }).regex(
    /^[^\s\p{Lu}\p{Cc}]([^\p{Lu}\p{Cc}]*[^\s\p{Lu}\p{Cc}])?$/u,
    {
      error: "the name of a thing in lower case, such as person",
    },
  ),
  { error: CLASSES_NEED },
).min(1, { error: `${CLASSES_NEED}; leave it out for all` }).optional();
const scoresSchema = z.record(z.string(), numberFrom([0, 1], { what: "a score" }), {
  error: "a score for each name of a thing, such as { person: 0.5 }",
});

const POINT_NEED =
  "a place such as [0.25, 0.5]: fractions of the picture from the left and the top";
const fractionSchema = numberFrom([0, 1], { what: "a fraction of the picture" });
const pointSchema = z.tuple([fractionSchema, fractionSchema], { error: POINT_NEED });

const POLYGON_NEED = "three or more corners, such as [[0, 0], [0.5, 0], [0.5, 1]]";
const polygonSchema = z.array(pointSchema, { error: POLYGON_NEED })
  .min(3, { error: POLYGON_NEED })
  .refine(enclosesSomething, { error: "corners that are not all on one line" });

const NAME_NEED = 'text on one line without "," and at most 64 characters';
const nameSchema = z.string({ error: NAME_NEED })
  .refine((name) => /^[^\s,](?:[^,]*[^\s,])?$/.test(name) && !/\p{Cc}/u.test(name), {
    error: NAME_NEED,
  })
  .max(64, { error: NAME_NEED });

const zoneSchema = z.strictObject({
  name: nameSchema.describe("Name of the zone, as events tell it"),
  polygon: polygonSchema.describe("Its corners, in fractions of the picture"),
  classes: classesSchema.describe("Things that count in it (default: all, and movement too)"),
  after_seconds: numberFrom([0, 3_600], { what: "a number of seconds" }).default(0)
    .describe("How long a thing must be in it to count"),
});

const lineSchema = z.strictObject({
  name: nameSchema.describe("Name of the line, as events tell it"),
  from: pointSchema.describe("Its first point, in fractions of the picture"),
  to: pointSchema.describe("Its second point"),
  direction: z.enum(["any", "to-left", "to-right"]).default("any")
    .describe("Which crossings count, as seen when looking from the first point to the second"),
  classes: classesSchema.describe("Things that count when they cross it (default: all)"),
}).refine(({ from, to }) => from[0] !== to[0] || from[1] !== to[1], {
  path: ["to"],
  error: "another point than `from`",
});

/** A list of places with names; each name is there once. */
function placesOf<Item extends z.ZodType<{ readonly name: string }>>(item: Item, list: string) {
  return z.array(item, { error: `a list of ${list}: each begins with "- name:"` })
    .max(MOST_PLACES, { error: `at most ${MOST_PLACES} ${list}` })
    .check(({ value, issues }) => {
      for (const [index, { name }] of value.entries()) {
        const first = value.findIndex((other) => other.name === name);
        if (first === index) continue;
        const message = `a name that ${list}[${first}] does not have`;
        issues.push({ code: "custom", message, input: name, path: [index, "name"] });
      }
    }).optional();
}

/** How all cameras are looked at, as far as they do not say otherwise. */
export const visionSchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether pictures are looked at"),
  fps: fpsSchema.default(5).describe("Pictures that are looked at, for each second"),
  detector: detectorSchema.default("builtin").describe(
    "What finds things: builtin, motion (nothing but movement), the URL of a service, or a " +
      "folder with model.onnx and model.json (relative to the folder of this file)",
  ),
  sensitivity: sensitivitySchema.default(0.5)
    .describe("From 0 (only much movement counts) to 1 (the slightest does)"),
  classes: classesSchema.meta({
    description: "Things that count (default: all that the detector knows)",
    examples: [["person", "vehicle"]],
  }),
  min_score: scoresSchema.optional().meta({
    description: "Lowest score that counts, by name of the thing (default: the detector's own)",
    examples: [{ person: 0.5 }],
  }),
}).prefault({}).describe("How cameras' pictures are looked at");

/** How one camera is looked at. */
export const cameraVisionSchema = z.strictObject({
  enabled: z.boolean().optional().describe(
    "Whether this camera's pictures are looked at (default: vision.enabled of the whole file)",
  ),
  source: sourceSchema.optional().describe(
    "A second, smaller stream of the same camera (default: what is recorded is looked at)",
  ),
  fps: fpsSchema.optional().describe("As in vision"),
  detector: detectorSchema.optional().describe("As in vision"),
  sensitivity: sensitivitySchema.optional().describe("As in vision"),
  masks: z.array(polygonSchema, { error: "a list of polygons" })
    .max(MOST_PLACES, { error: `at most ${MOST_PLACES} polygons` })
    .optional().describe("Parts of the picture in which nothing counts, each a list of corners"),
  zones: placesOf(zoneSchema, "zones").describe("Parts of the picture that have a name"),
  lines: placesOf(lineSchema, "lines").describe("Lines that things cross"),
  classes: classesSchema.describe("As in vision"),
  min_score: scoresSchema.optional().describe("As in vision; what it does not name, vision does"),
}).prefault({}).describe("How this camera's pictures are looked at");

type VisionConfig = z.output<typeof visionSchema>;
type CameraVisionConfig = z.output<typeof cameraVisionSchema>;
type WrittenPoint = z.output<typeof pointSchema>;

function enclosesSomething(corners: readonly WrittenPoint[]): boolean {
  // Too few corners are a mistake of their own.
  if (corners.length < 3) return true;
  const [first] = corners;
  const other = corners.find(([x, y]) => x !== first?.[0] || y !== first[1]);
  if (first === undefined || other === undefined) return false;
  const across = other[0] - first[0];
  const down = other[1] - first[1];
  return corners.some(([x, y]) => across * (y - first[1]) !== down * (x - first[0]));
}

// Meaning of the file

/** What a camera's settings are made of. */
export interface CameraVisionContext {
  /** The settings for all cameras. */
  readonly common: VisionConfig;
  /** Where the relative paths of the two sections start. */
  readonly commonFolder: string;
  readonly cameraFolder: string;
  /** Whether a video file starts again when it ends, as the camera's own does. */
  readonly loop: boolean;
}

/** How a camera is looked at; null where it is not. */
export function toVision(
  camera: CameraVisionConfig,
  { common, commonFolder, cameraFolder, loop }: CameraVisionContext,
): VisionSettings | null {
  if (!(camera.enabled ?? common.enabled)) return null;
  return {
    fps: camera.fps ?? common.fps,
    source: toSource(camera.source, { loop, folder: cameraFolder }),
    detector: camera.detector === undefined
      ? toDetector(common.detector, commonFolder)
      : toDetector(camera.detector, cameraFolder),
    sensitivity: camera.sensitivity ?? common.sensitivity,
    masks: (camera.masks ?? []).map(toPolygon),
    zones: (camera.zones ?? []).map(toZone),
    lines: (camera.lines ?? []).map(toLine),
    classes: camera.classes ?? common.classes ?? null,
    minScore: { ...common.min_score, ...camera.min_score },
  };
}

/**
 * A camera's section with its paths absolute, also that of a detector for all
 * cameras, and whether it counts.
 */
export function visionInFull(
  written: CameraVisionConfig,
  vision: VisionSettings | null,
): CameraVisionConfig {
  const { source = null, detector } = vision ?? {};
  return {
    ...written,
    enabled: vision !== null,
    ...(source?.kind === "file" ? { source: source.path } : {}),
    ...(detector?.kind === "model" ? { detector: detector.folder } : {}),
  };
}

function toSource(
  text: string | undefined,
  { loop, folder }: { readonly loop: boolean; readonly folder: string },
): VisionSettings["source"] {
  if (text === undefined) return null;
  const parsed = parseSource(text, { loop, resolvePath: (path) => resolve(folder, path) });
  // sourceSchema has read the same text with the same reader.
  if (!parsed.ok) throw new InvariantError(`Source passed the schema: ${parsed.problem}`);
  return parsed.source;
}

/** What a detector's text means; undefined for what means nothing. */
function readDetector(text: string, folder: string): DetectorChoice | undefined {
  if (text === "builtin" || text === "motion") return { kind: text };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    const isUrl = (scheme === "http" || scheme === "https") && URL.canParse(text);
    return isUrl ? { kind: "http", url: text, timeoutMs: HTTP_TIMEOUT_MS } : undefined;
  }
  // A bare word is rather a slip of the pen than a folder.
  const isFolder = text.includes("/") && isPlainPath(text);
  return isFolder ? { kind: "model", folder: resolve(folder, text) } : undefined;
}

function toDetector(text: string, folder: string): DetectorChoice {
  const detector = readDetector(text, folder);
  if (detector === undefined) throw new InvariantError(`Detector passed the schema: ${text}`);
  return detector;
}

function toPoint([x, y]: WrittenPoint): Point {
  return { x, y };
}

function toPolygon(corners: readonly WrittenPoint[]): Polygon {
  return corners.map(toPoint);
}

function toZone(zone: z.output<typeof zoneSchema>): Zone {
  return {
    name: zone.name,
    polygon: toPolygon(zone.polygon),
    classes: zone.classes ?? null,
    afterMs: Math.round(zone.after_seconds * 1_000),
  };
}

function toLine(line: z.output<typeof lineSchema>): TripLine {
  return {
    name: line.name,
    from: toPoint(line.from),
    to: toPoint(line.to),
    direction: line.direction,
    classes: line.classes ?? null,
  };
}
