/**
 * What a wrong configuration is answered with: one line for each mistake.
 *
 * @module
 */

import { deepStrictEqual, doesNotMatch, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { EXAMPLE_CONFIG, parseConfig } from "../config.ts";
import { OperatorError } from "../src/base/errors.ts";

const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

/** What parseConfig throws for a text, or null where it is content. */
function refusal(text: string): OperatorError | null {
  try {
    parseConfig(text, PLACE);
    return null;
  } catch (thrown) {
    ok(thrown instanceof OperatorError, `Threw ${thrown}`);
    strictEqual(thrown.code, "config-invalid");
    return thrown;
  }
}

/** The lines of the mistakes, without the file's name in front. */
function mistakesOf(text: string): readonly string[] {
  const lines = refusal(text)?.message.split("\n").slice(1) ?? [];
  return lines.map((line) => line.replace(/^ {2}lookback\.yaml:/, ""));
}

/** A file whose first camera, on line 2, has these lines beside its id. */
function cameraWith(...lines: readonly string[]): string {
  return ["cameras:", "  - id: front", ...lines.map((line) => `    ${line}`), ""].join("\n");
}

const SOURCE = "source: test://640x360@25";
const CAMERA_KEYS = "id, name, source, loop, geo_location, enabled, stills, retention, " +
  "vision";
const TOP_KEYS = "storage, batch, stills, recorder, capture, retention, upkeep, vision, alerts, " +
  "web, mqtt, export, ffmpeg, log, cameras";

const MISTAKES: readonly { name: string; text: string; lines: readonly string[] }[] = [
  {
    name: "an empty file",
    text: "",
    lines: ['1:1: found nothing, need settings, such as "cameras:"'],
  },
  {
    name: "a file of comments",
    text: "# cameras:\n",
    lines: ['1:1: found nothing, need settings, such as "cameras:"'],
  },
  {
    name: "a list",
    text: "# mine\n- id: front\n",
    lines: ['2:1: found a list, need settings, such as "cameras:"'],
  },
  {
    name: "a plain text",
    text: "hello",
    lines: ['1:1: found "hello", need settings, such as "cameras:"'],
  },
  {
    name: "a tab as indentation",
    text: "batch:\n\tduration_seconds: 5\n",
    lines: ["2:1: found a tab as indentation, need spaces"],
  },
  {
    name: "a list that is not closed",
    text: "cameras: [\n",
    lines: [
      "2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and " +
      "end with a ]",
    ],
  },
  {
    name: "a second document",
    text: "cameras: []\n---\ncameras: []\n",
    lines: ["2:1: found a second document, need one for each file"],
  },
  {
    name: "a key written twice",
    text: "log: { level: info }\ncameras: []\nlog: { level: debug }\n",
    lines: ["3:1 log: found a second time, need it once (first on line 1)"],
  },
  {
    name: "a misspelt key",
    text: "batch:\n  # shorter\n  duration_secs: 5\n",
    lines: ['3:3 batch.duration_secs: unknown key, did you mean "duration_seconds"?'],
  },
  {
    name: "unknown keys that are near no other",
    text: `resolution: 4\n${cameraWith(SOURCE, "fps: 25")}`,
    lines: [
      `1:1 resolution: unknown key, known here: ${TOP_KEYS}`,
      `5:5 cameras[0].fps: unknown key, known here: ${CAMERA_KEYS}`,
    ],
  },
  {
    name: "sections without content",
    text: "batch:\ncameras:\n",
    lines: [
      "1:1 batch: found nothing, need keys and values",
      '2:1 cameras: found nothing, need a list of cameras: each begins with "- id:"',
    ],
  },
  {
    name: "numbers out of range",
    text: "batch: { duration_seconds: 0.5 }\nstills: { every_seconds: 0.1, quality: 101 }\n" +
      "recorder: { fragment_ms: 40.5 }\n",
    lines: [
      "1:10 batch.duration_seconds: found 0.5, need a number of seconds from 1 to 3600",
      "2:11 stills.every_seconds: found 0.1, need a number of seconds from 0.2 to 60",
      "2:31 stills.quality: found 101, need a whole number from 1 to 100",
      "3:13 recorder.fragment_ms: found 40.5, need a whole number of milliseconds from 40 to 1000",
    ],
  },
  {
    name: "numbers that are texts",
    text: "batch:\n  duration_seconds: 10s\nrecorder:\n  fragment_ms: .inf\n",
    lines: [
      '2:3 batch.duration_seconds: found "10s", need a number of seconds from 1 to 3600',
      "4:3 recorder.fragment_ms: found Infinity, need a whole number of milliseconds from 40 to 1000",
    ],
  },
  {
    name: "a level that does not exist",
    text: "log:\n  level: warn\n",
    lines: ['2:3 log.level: found "warn", need one of trace, debug, info, warning, error'],
  },
  {
    name: "paths that only a shell understands",
    text: `storage: { root: ~/footage }\nffmpeg: { path: "" }\n${cameraWith("source: ~/a.mp4")}`,
    lines: [
      '1:12 storage.root: found "~/footage", need a path without control characters and without ' +
      '"~", which only shells know',
      '2:11 ffmpeg.path: found "", need a path without control characters and without "~", which ' +
      "only shells know",
      '5:5 cameras[0].source: found "~/a.mp4", need a path without control characters and ' +
      'without "~", which only shells know',
    ],
  },
  {
    name: "sizes that are none",
    text: "retention:\n  max_size: 500 gigs\n  keep_free: 60%\n",
    lines: [
      '2:3 retention.max_size: found "500 gigs", need a size from 1 MB on such as "500 GB", ' +
      '"2 TB" or "20 GiB", or a number of bytes',
      '3:3 retention.keep_free: found "60%", need a size such as "2 GB" or "20 GiB", a number of ' +
      'bytes, a share of the disk up to "50%", or 0',
    ],
  },
  {
    name: "limits that leave no footage",
    text: cameraWith(SOURCE, "retention: { days: 0, max_size: 100 }"),
    lines: [
      "4:18 cameras[0].retention.days: found 0, need a number of days from 0.01 to 36500",
      "4:27 cameras[0].retention.max_size: found 100, need a size from 1 MB on such as " +
      '"500 GB", "2 TB" or "20 GiB", or a number of bytes',
    ],
  },
  {
    name: "a share of the disk as a limit",
    text: "retention: { max_size: 50%, days: ten }\n",
    lines: [
      '1:14 retention.max_size: found "50%", need a size from 1 MB on such as "500 GB", "2 TB" ' +
      'or "20 GiB", or a number of bytes',
      '1:29 retention.days: found "ten", need a number of days from 0.01 to 36500',
    ],
  },
  {
    name: "upkeep that is none",
    text: "upkeep: { canary_every_minutes: hourly, scrub_mb_per_second: -1 }\n",
    lines: [
      '1:11 upkeep.canary_every_minutes: found "hourly", need a number of minutes from 0 to 10080',
      "1:41 upkeep.scrub_mb_per_second: found -1, need a number of megabytes a second from 0 to 10000",
    ],
  },
  {
    name: "an identity with blanks",
    text: "storage: { identity: my disk }\n",
    lines: [
      '1:12 storage.identity: found "my disk", need letters, digits, "-" and "_", at most 64',
    ],
  },
  {
    name: "a camera that is no camera",
    text: "cameras:\n  - front\n",
    lines: ['2:5 cameras[0]: found "front", need keys and values'],
  },
  {
    name: "cameras that lack keys",
    text: "cameras:\n  - name: Front\n",
    lines: [
      '2:5 cameras[0].id: found nothing, need lower-case letters, digits and "-", at most 64, no ' +
      '"-" at either end; a number in quotes',
      "2:5 cameras[0].source: found nothing, need a URL or the path of a video file",
    ],
  },
  {
    name: "an id with other characters",
    text: `cameras: [{ id: Front door, ${SOURCE} }]`,
    lines: [
      '1:13 cameras[0].id: found "Front door", need lower-case letters, digits and "-", at most ' +
      '64, no "-" at either end',
    ],
  },
  {
    name: "an id used twice, at the second, even where other keys are wrong",
    text: "cameras:\n  - id: yard\n    source: a.mp4\n  - id: yard\n    loop: maybe\n",
    lines: [
      "4:5 cameras[1].source: found nothing, need a URL or the path of a video file",
      '4:5 cameras[1].id: found "yard", need an id that cameras[0] does not have',
      '5:5 cameras[1].loop: found "maybe", need true or false',
    ],
  },
  {
    name: "a source of an unknown kind",
    text: cameraWith("source: rtps://x"),
    lines: [
      '3:5 cameras[0].source: found "rtps://x", need an rtsp, rtsps, http or https URL, ' +
      "test://WIDTHxHEIGHT@FPS, or a file path",
    ],
  },
  {
    name: "a synthetic camera of odd width",
    text: cameraWith("source: test://1281x720@25"),
    lines: [
      '3:5 cameras[0].source: found "test://1281x720@25", need an even width and height, and 1 ' +
      "to 120 frames per second",
    ],
  },
  {
    name: "a live source that shall start again",
    text: cameraWith(SOURCE, "loop: true"),
    lines: [
      "4:5 cameras[0].loop: found true for a live source, need false: only a file can start again",
    ],
  },
  {
    name: "places that are not on Earth",
    text: cameraWith(SOURCE, "geo_location: { lat: 91, lon: east }"),
    lines: [
      "4:21 cameras[0].geo_location.lat: found 91, need degrees from -90 to 90",
      '4:30 cameras[0].geo_location.lon: found "east", need degrees from -180 to 180',
    ],
  },
  {
    name: "a place that is a list",
    text: cameraWith(SOURCE, "geo_location: [12.9, 77.5]"),
    lines: [
      "4:5 cameras[0].geo_location: found a list, need latitude and longitude, such as " +
      "{ lat: 12.9716, lon: 77.5946 }",
    ],
  },
  {
    name: "names that are not one line of text",
    text: `cameras:\n  - { id: a, name: 7, ${SOURCE} }\n  - { id: b, name: "x\\ny", ${SOURCE} }\n`,
    lines: [
      "2:14 cameras[0].name: found 7, need text in quotes",
      '3:14 cameras[1].name: found "x\\ny", need text on one line',
    ],
  },
];

for (const { name, text, lines } of MISTAKES) {
  Deno.test(`parseConfig() refuses ${name}`, () => {
    deepStrictEqual(mistakesOf(text), lines);
  });
}

Deno.test("parseConfig() reports all mistakes at once, in the order of the file", () => {
  const text =
    "log: { level: all }\nbatch:\n  seconds: 5\ncameras:\n  - id: a\n    source: x://y\n";
  strictEqual(
    refusal(text)?.toText(),
    `Cannot use configuration "lookback.yaml": found 3 mistakes
  lookback.yaml:1:8 log.level: found "all", need one of trace, debug, info, warning, error
  lookback.yaml:3:3 batch.seconds: unknown key, known here: duration_seconds
  lookback.yaml:6:5 cameras[0].source: found "x://y", need an rtsp, rtsps, http or https URL, test://WIDTHxHEIGHT@FPS, or a file path
  fix: correct the file at the lines and columns named, then try again
  more: docs/troubleshooting.md#config-invalid`,
  );
});

Deno.test("parseConfig() prints 100 mistakes and counts the rest", () => {
  const lines = mistakesOf(Array.from({ length: 130 }, (_, index) => `key${index}: 1\n`).join(""));
  strictEqual(lines.length, 101);
  strictEqual(lines.at(-1)?.trim(), "… and 30 more");
});

Deno.test("parseConfig() names a file outside the working folder by its whole path", () => {
  throws(() => parseConfig("", { path: "/etc/lookback/lookback.yaml", cwd: "/srv/site" }), {
    code: "config-invalid",
    message: /\n {2}\/etc\/lookback\/lookback\.yaml:1:1: found nothing/,
  });
});

const SECRETS = [
  "source: rtps://admin:hunter2@10.0.0.5/stream1",
  "source: rtsp://admin:hunter2 x@10.0.0.5/stream1",
  "source: 'x://admin:hun/hunter2@10.0.0.5'",
  "source: ftp://10.0.0.5/a?password=hunter2",
  "sauce: rtsp://admin:hunter2@10.0.0.5/stream1",
  "? rtsp://admin:hunter2@10.0.0.5/stream1\n    : 1",
  "source: !rtsp://admin:hunter2@10.0.0.5/stream1",
  "source: *rtsp://admin:hunter2@10.0.0.5/stream1",
  "name: [rtsp://admin:hunter2@10.0.0.5/stream1]",
  "loop: rtsp://admin:hunter2@10.0.0.5/stream1",
] as const;

for (const line of SECRETS) {
  Deno.test(`parseConfig() keeps the password to itself in ${JSON.stringify(line)}`, () => {
    const error = refusal(cameraWith(line));
    ok(error !== null);
    doesNotMatch(error.toText(), /hunter2/);
  });
}

Deno.test("parseConfig() answers settings or an OperatorError whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
    refusal(text);
  }));
});

Deno.test("parseConfig() answers settings or an OperatorError when a good file is damaged", () => {
  const edit = fc.record({
    at: fc.nat({ max: EXAMPLE_CONFIG.length }),
    drop: fc.nat({ max: 12 }),
    insert: fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom("\n", ": ", "- ", "{", "[", "&a ", "*a", "\t", "loop: true", "geo_location:"),
    ),
  });
  fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
    refusal(edits.reduce(
      (text, { at, drop, insert }) => text.slice(0, at) + insert + text.slice(at + drop),
      EXAMPLE_CONFIG,
    ));
  }));
});
