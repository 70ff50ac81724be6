import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  configJsonSchema,
  EXAMPLE_CONFIG,
  parseConfig,
  type Settings,
  SYSTEM_CONFIG_PATH,
} from "../config.ts";

const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

const DEFAULTS: Settings = {
  root: "/srv/site",
  batchDurationMs: 10_000,
  stills: { enabled: true, everyMs: 1_000, quality: 85 },
  fragmentMs: 200,
  ffmpegPath: "ffmpeg",
  ffprobePath: "ffprobe",
  logLevel: "info",
  cameras: [],
  configPath: "/srv/site/lookback.yaml",
};

Deno.test("parseConfig() fills in every default when only the cameras are named", () => {
  deepStrictEqual(parseConfig("cameras: []\n", PLACE), DEFAULTS);
  deepStrictEqual(parseConfig("cameras: [{ id: lab, source: test://640x360@25 }]", PLACE).cameras, [
    {
      id: "lab",
      name: "lab",
      source: { kind: "test", width: 640, height: 360, fps: 25 },
      geoLocation: null,
      enabled: true,
      stillsEnabled: true,
    },
  ]);
});

Deno.test("parseConfig() reads every key", () => {
  const text = `
storage:
  root: footage
batch:
  duration_seconds: 2.5
stills:
  enabled: false
  every_seconds: 0.29
  quality: 100
recorder:
  fragment_ms: 40
ffmpeg:
  path: ffmpeg7
  probe_path: /opt/probe
log:
  level: warning
cameras:
  - id: front
    name: Front door
    source: rtsp://user:secret@10.0.0.5/stream1
    geo_location: { lat: 12.9716, lon: 77.5946 }
    stills: { enabled: true }
  - id: yard-2
    source: film/yard.mp4
    loop: true
    enabled: false
`;
  deepStrictEqual(parseConfig(text, PLACE), {
    root: "/srv/site/footage",
    batchDurationMs: 2_500,
    stills: { enabled: false, everyMs: 290, quality: 100 },
    fragmentMs: 40,
    ffmpegPath: "ffmpeg7",
    ffprobePath: "/opt/probe",
    logLevel: "warning",
    cameras: [
      {
        id: "front",
        name: "Front door",
        source: { kind: "rtsp", url: "rtsp://user:secret@10.0.0.5/stream1" },
        geoLocation: { lat: 12.9716, lon: 77.5946 },
        enabled: true,
        stillsEnabled: true,
      },
      {
        id: "yard-2",
        name: "yard-2",
        source: { kind: "file", path: "/srv/site/film/yard.mp4", loop: true },
        geoLocation: null,
        enabled: false,
        stillsEnabled: false,
      },
    ],
    configPath: "/srv/site/lookback.yaml",
  });
});

Deno.test("EXAMPLE_CONFIG has five lines that parseConfig() accepts", () => {
  strictEqual(EXAMPLE_CONFIG.trimEnd().split("\n").length, 5);
  strictEqual(parseConfig(EXAMPLE_CONFIG, PLACE).cameras.length, 2);
});

const ROOTS = [
  { name: "at the file's folder by default", path: "conf/a.yaml", text: "", root: "/srv/conf" },
  {
    name: "relative to the file's folder",
    path: "conf/a.yaml",
    text: "storage: { root: ../all }",
    root: "/srv/all",
  },
  {
    name: "where it is absolute",
    path: "conf/a.yaml",
    text: "storage: { root: /mnt/x/ }",
    root: "/mnt/x",
  },
  {
    name: "in /var/lib for the file of an installed service",
    path: SYSTEM_CONFIG_PATH,
    text: "",
    root: "/var/lib/lookback",
  },
] as const;

for (const { name, path, text, root } of ROOTS) {
  Deno.test(`parseConfig() puts the storage root ${name}`, () => {
    const settings = parseConfig(`cameras: []\n${text}`, { path, cwd: "/srv" });
    strictEqual(settings.root, root);
  });
}

const PROGRAMS = [
  { name: "finds a bare name on PATH", text: "path: ff", programs: ["ff", "ffprobe"] },
  {
    name: "finds ffprobe beside an ffmpeg that is a path",
    text: "path: tools/ffmpeg",
    programs: ["/srv/site/tools/ffmpeg", "/srv/site/tools/ffprobe"],
  },
  {
    name: "keeps an ffprobe that is named",
    text: "path: /opt/ffmpeg, probe_path: probe",
    programs: ["/opt/ffmpeg", "probe"],
  },
] as const;

for (const { name, text, programs } of PROGRAMS) {
  Deno.test(`parseConfig() ${name}`, () => {
    const { ffmpegPath, ffprobePath } = parseConfig(`ffmpeg: { ${text} }`, PLACE);
    deepStrictEqual([ffmpegPath, ffprobePath], programs);
  });
}

Deno.test("configJsonSchema() describes every key", () => {
  const undescribed: string[] = [];
  const visit = (schema: JsonSchema, path: string) => {
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      if (part.description === undefined) undescribed.push(`${path}${key}`);
      visit(part, `${path}${key}.`);
    }
    if (schema.items !== undefined) visit(schema.items, path);
  };
  const schema = configJsonSchema() as JsonSchema;
  visit(schema, "");
  deepStrictEqual(undescribed, []);
  deepStrictEqual(schema.properties?.batch?.properties?.duration_seconds, {
    type: "number",
    minimum: 1,
    maximum: 3600,
    default: 10,
    description: "Length of one recording; it ends at the first key frame from there on",
  });
});

interface JsonSchema {
  readonly description?: string;
  readonly properties?: { readonly [key: string]: JsonSchema };
  readonly items?: JsonSchema;
}
