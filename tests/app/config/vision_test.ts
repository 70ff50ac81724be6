import { deepStrictEqual, match } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { OperatorError } from "../../../src/base/errors.ts";
import type { VisionSettings } from "../../../src/model/vision_settings.ts";

const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

/** How a camera is looked at, with the lines of `vision` for all and of its own. */
function visionOf(common: string, own = "{}"): VisionSettings | null {
  const camera = `{ id: front, source: "test://640x360@25", vision: ${own} }`;
  return parseConfig(`vision: ${common}\ncameras:\n  - ${camera}\n`, PLACE).cameras[0]!.vision;
}

/** The mistakes of a camera's own lines, without the place in front. */
function mistakesOf(own: string): readonly string[] {
  try {
    visionOf("{}", own);
    return [];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return error.message.split("\n").slice(1)
      .map((line) => line.replace(/^ *lookback\.yaml:\d+:\d+ cameras\[0\]\.vision\.?/, ""));
  }
}

const DEFAULTS: VisionSettings = {
  fps: 5,
  source: null,
  detector: { kind: "builtin" },
  sensitivity: 0.5,
  masks: [],
  zones: [],
  lines: [],
  classes: null,
  minScore: {},
};

Deno.test("parseConfig() looks at a camera where vision is switched on for all or for it", () => {
  deepStrictEqual(visionOf("{}"), null);
  deepStrictEqual(visionOf("{ enabled: true }"), DEFAULTS);
  deepStrictEqual(visionOf("{}", "{ enabled: true }"), DEFAULTS);
  deepStrictEqual(visionOf("{ enabled: true }", "{ enabled: false }"), null);
});

Deno.test("parseConfig() reads every key of vision, a camera's own before those of all", () => {
  const common =
    "{ enabled: true, fps: 3, detector: motion, sensitivity: 0.2, classes: [person], " +
    "min_score: { person: 0.5, vehicle: 0.6 } }";
  deepStrictEqual(visionOf(common), {
    ...DEFAULTS,
    fps: 3,
    detector: { kind: "motion" },
    sensitivity: 0.2,
    classes: ["person"],
    minScore: { person: 0.5, vehicle: 0.6 },
  });
  const own = "{ source: film/small.mp4, fps: 10, detector: http://192.0.2.4:8080/detect, " +
    "sensitivity: 1, masks: [[[0, 0], [0.5, 0], [0, 0.5]]], classes: [cell phone, dog], " +
    "zones: [{ name: Front drive, polygon: [[0, 0], [1, 0], [1, 1]], classes: [dog], after_seconds: 2.5 }], " +
    "lines: [{ name: gate, from: [0, 0.5], to: [1, 0.5], direction: to-left, classes: [dog] }], " +
    "min_score: { vehicle: 0.7 } }";
  deepStrictEqual(visionOf(common, own), {
    fps: 10,
    source: { kind: "file", path: "/srv/site/film/small.mp4", loop: false },
    detector: { kind: "http", url: "http://192.0.2.4:8080/detect", timeoutMs: 4_000 },
    sensitivity: 1,
    masks: [[{ x: 0, y: 0 }, { x: 0.5, y: 0 }, { x: 0, y: 0.5 }]],
    zones: [{
      name: "Front drive",
      polygon: [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 1, y: 1 }],
      classes: ["dog"],
      afterMs: 2_500,
    }],
    lines: [{
      name: "gate",
      from: { x: 0, y: 0.5 },
      to: { x: 1, y: 0.5 },
      direction: "to-left",
      classes: ["dog"],
    }],
    classes: ["cell phone", "dog"],
    minScore: { person: 0.5, vehicle: 0.7 },
  });
});

const DETECTORS = [
  { text: "builtin", detector: { kind: "builtin" } },
  { text: "motion", detector: { kind: "motion" } },
  { text: "./model", detector: { kind: "model", folder: "/srv/site/model" } },
  { text: "/opt/yolox/", detector: { kind: "model", folder: "/opt/yolox" } },
  { text: "https://a/b", detector: { kind: "http", url: "https://a/b", timeoutMs: 4_000 } },
] as const;

for (const { text, detector } of DETECTORS) {
  Deno.test(`parseConfig() takes "${text}" for a detector of kind ${detector.kind}`, () => {
    deepStrictEqual(visionOf(`{ enabled: true, detector: "${text}" }`)?.detector, detector);
  });
}

const TRIANGLE = "[[0, 0], [1, 0], [1, 1]]";
const POLYGON_NEED = "need three or more corners, such as [[0, 0], [0.5, 0], [0.5, 1]]";
const DETECTOR_NEED =
  'need "builtin", "motion", an http or https URL, or a folder with a "/" in its ' +
  'path, such as "./model"';

const MISTAKES = [
  {
    name: "numbers out of range",
    own: "{ fps: 60, sensitivity: 5, min_score: { person: 60 } }",
    lines: [
      "fps: found 60, need a number of pictures a second from 1 to 30",
      "sensitivity: found 5, need a number from 0 to 1",
      "min_score.person: found 60, need a score from 0 to 1",
    ],
  },
  {
    name: "a key of another name",
    own: "{ zone: [] }",
    lines: ['zone: unknown key, did you mean "zones"?'],
  },
  {
    name: "detectors that are none",
    own: "{ detector: buildin }",
    lines: [`detector: found "buildin", ${DETECTOR_NEED}`],
  },
  {
    name: "a detector of another protocol",
    own: "{ detector: 'tcp://192.0.2.4:9000' }",
    lines: [`detector: found "tcp://192.0.2.4:9000", ${DETECTOR_NEED}`],
  },
  {
    name: "classes that are none",
    own: "{ classes: [Person] }",
    lines: ['classes[0]: found "Person", need the name of a thing in lower case, such as person'],
  },
  {
    name: "a list of classes without any",
    own: "{ classes: [] }",
    lines: [
      "classes: found a list, need names of things in lower case, such as [person, vehicle]; leave " +
      "it out for all",
    ],
  },
  {
    name: "a polygon of two corners",
    own: "{ masks: [[[0, 0], [1, 1]]] }",
    lines: [`masks[0]: found a list, ${POLYGON_NEED}`],
  },
  {
    name: "a polygon without a surface",
    own: "{ masks: [[[0, 0], [0.5, 0.5], [1, 1]]] }",
    lines: ["masks[0]: found a list, need corners that are not all on one line"],
  },
  {
    name: "places in percent and in pixels",
    own:
      `{ masks: [[[0, 0], [50, 0], [0, 360]]], lines: [{ name: a, from: [0, 0.1, 0.2], to: [0, 1] }] }`,
    lines: [
      "masks[0][1][0]: found 50, need a fraction of the picture from 0 to 1",
      "masks[0][2][1]: found 360, need a fraction of the picture from 0 to 1",
      "lines[0].from: found a list, need a place such as [0.25, 0.5]: fractions of the picture from " +
      "the left and the top",
    ],
  },
  {
    name: "names that are there twice",
    own: `{ zones: [{ name: a, polygon: ${TRIANGLE} }, { name: a, polygon: ${TRIANGLE} }], ` +
      "lines: [{ name: b, from: [0, 0], to: [0, 1] }, { name: b, from: [0, 0], to: [1, 1] }] }",
    lines: [
      'zones[1].name: found "a", need a name that zones[0] does not have',
      'lines[1].name: found "b", need a name that lines[0] does not have',
    ],
  },
  {
    name: "zones that lack keys",
    own: "{ zones: [{ after_seconds: -1 }] }",
    lines: [
      'zones[0].name: found nothing, need text on one line without "," and at most 64 characters',
      `zones[0].polygon: found nothing, ${POLYGON_NEED}`,
      "zones[0].after_seconds: found -1, need a number of seconds from 0 to 3600",
    ],
  },
  {
    name: "a line that is a point, and one of an unknown direction",
    own: "{ lines: [{ name: a, from: [0.5, 0.5], to: [0.5, 0.5] }, " +
      "{ name: b, from: [0, 0], to: [0, 1], direction: left }] }",
    lines: [
      "lines[0].to: found a list, need another point than `from`",
      'lines[1].direction: found "left", need one of any, to-left, to-right',
    ],
  },
] as const;

for (const { name, own, lines } of MISTAKES) {
  Deno.test(`parseConfig() refuses ${name}`, () => {
    deepStrictEqual(mistakesOf(own), lines);
  });
}

Deno.test("parseConfig() keeps the password of a second stream to itself", () => {
  const [line = ""] = mistakesOf("{ source: 'rtps://ann:hunter2@192.0.2.10/small' }");
  match(line, /^source: found "rtps:\/\/ann:\*\*\*@192\.0\.2\.10\/small", need/);
});
