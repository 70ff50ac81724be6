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
  rootIdentity: null,
  batchDurationMs: 10_000,
  stills: { enabled: true, everyMs: 1_000, quality: 85 },
  fragmentMs: 120,
  camerasPerWorker: 1,
  retention: { ageMs: null, maxBytes: null, keepFree: { kind: "bytes", bytes: 2_000_000_000 } },
  upkeep: { canaryEveryMs: 3_600_000, scrubBytesPerSecond: 4_000_000 },
  alerts: { rules: [], webhooks: [], commands: [], log: true },
  web: null,
  mqtt: null,
  exportConcurrent: 2,
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
      retention: { ageMs: null, maxBytes: null },
      vision: null,
    },
  ]);
});

Deno.test("parseConfig() reads every key", () => {
  const text = `
storage:
  root: footage
  identity: disk-7
batch:
  duration_seconds: 2.5
stills:
  enabled: false
  every_seconds: 0.29
  quality: 100
recorder:
  fragment_ms: 40
capture:
  cameras_per_worker: 8
retention:
  days: 30
  max_size: 2 TB
  keep_free: 5%
upkeep:
  canary_every_minutes: 0
  scrub_mb_per_second: 0.5
vision:
  enabled: true
  fps: 2
  detector: motion
  sensitivity: 0.7
  classes: [person]
  min_score: { person: 0.6 }
alerts:
  rules: []
  webhook: []
  command: []
  log: false
export:
  concurrent: 16
ffmpeg:
  path: ffmpeg7
  probe_path: /opt/probe
log:
  level: warning
web:
  listen: "[::1]:8481"
  tls: { cert: cert.pem, key: /etc/key.pem }
  behind_proxy: true
  webrtc:
    enabled: false
    ice_servers: [{ urls: "turn:192.0.2.1:3478", username: me, password: secret }]
    port_range: [50000, 50100]
    hosts: [192.0.2.10]
  live: { max_viewers: 8, max_renditions: 0 }
  sessions: { hours: 1.5 }
mqtt:
  enabled: true
  url: wss://192.0.2.1/mqtt
  user: me
  password: secret
  ca_file: ca.pem
  cert_file: /etc/client.pem
  key_file: /etc/client.key
  client_id: gate
  prefix: site
  allow_commands: true
  home_assistant: true
  camera_wills: false
  results: false
  queue: { max_messages: 10, max_hours: 0.5 }
cameras:
  - id: front
    name: Front door
    source: rtsp://user:secret@10.0.0.5/stream1
    geo_location: { lat: 12.9716, lon: 77.5946 }
    stills: { enabled: true }
    retention: { days: 1.5, max_size: 20 GiB }
    vision: { source: rtsp://10.0.0.5/stream2 }
  - id: yard-2
    source: film/yard.mp4
    loop: true
    enabled: false
    vision: { enabled: false }
`;
  deepStrictEqual(parseConfig(text, PLACE), {
    root: "/srv/site/footage",
    rootIdentity: "disk-7",
    batchDurationMs: 2_500,
    stills: { enabled: false, everyMs: 290, quality: 100 },
    fragmentMs: 40,
    camerasPerWorker: 8,
    retention: { ageMs: 30 * 86_400_000, maxBytes: 2e12, keepFree: { kind: "share", share: 0.05 } },
    upkeep: { canaryEveryMs: null, scrubBytesPerSecond: 500_000 },
    alerts: { rules: [], webhooks: [], commands: [], log: false },
    web: {
      listen: { hostname: "::1", port: 8_481 },
      tls: { kind: "files", certPath: "/srv/site/cert.pem", keyPath: "/etc/key.pem" },
      isBehindProxy: true,
      webrtc: {
        isEnabled: false,
        iceServers: [{ urls: "turn:192.0.2.1:3478", username: "me", credential: "secret" }],
        portRange: [50_000, 50_100],
        hosts: ["192.0.2.10"],
      },
      live: { maxViewers: 8, maxRenditions: 0 },
      sessionMs: 5_400_000,
    },
    mqtt: {
      url: "wss://192.0.2.1/mqtt",
      user: "me",
      password: { kind: "text", text: "secret" },
      caPath: "/srv/site/ca.pem",
      certPath: "/etc/client.pem",
      keyPath: "/etc/client.key",
      clientId: "gate",
      prefix: "site/",
      allowCommands: true,
      homeAssistant: true,
      cameraWills: false,
      results: false,
      queue: { maxCount: 10, maxAgeMs: 1_800_000 },
    },
    exportConcurrent: 16,
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
        retention: { ageMs: 129_600_000, maxBytes: 20 * 1_024 ** 3 },
        vision: {
          fps: 2,
          source: { kind: "rtsp", url: "rtsp://10.0.0.5/stream2" },
          detector: { kind: "motion" },
          sensitivity: 0.7,
          masks: [],
          zones: [],
          lines: [],
          classes: ["person"],
          minScore: { person: 0.6 },
        },
      },
      {
        id: "yard-2",
        name: "yard-2",
        source: { kind: "file", path: "/srv/site/film/yard.mp4", loop: true },
        geoLocation: null,
        enabled: false,
        stillsEnabled: false,
        retention: { ageMs: null, maxBytes: null },
        vision: null,
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
