import { deepStrictEqual, doesNotMatch, strictEqual } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { layerConfig } from "../../../src/app/config/layers.ts";
import { reportData, reportYaml } from "../../../src/app/config/report.ts";

const FILE = `storage: { root: footage }
cameras:
  - id: front
    source: rtsp://ann:hunter2@10.0.0.5/stream1
    geo_location: { lat: 1, lon: 2 }
`;

const LAYERS = layerConfig({
  file: { path: "/srv/site/lookback.yaml", text: FILE },
  environment: { LOOKBACK_STILLS_QUALITY: "70" },
  rootFlag: "/mnt/all",
  cwd: "/srv/site",
});

const OPTIONS = { shownFile: "lookback.yaml" };

Deno.test("reportYaml() shows every value with its origin, in the file's shape", () => {
  strictEqual(
    reportYaml(LAYERS, OPTIONS),
    `storage:
  root: /mnt/all # flag --root
batch:
  duration_seconds: 10 # default
stills:
  enabled: true # default
  every_seconds: 1 # default
  quality: 70 # environment LOOKBACK_STILLS_QUALITY
recorder:
  fragment_ms: 120 # default
capture:
  cameras_per_worker: 1 # default
retention:
  keep_free: 2 GB # default
upkeep:
  canary_every_minutes: 60 # default
  scrub_mb_per_second: 4 # default
vision:
  enabled: false # default
  fps: 5 # default
  detector: builtin # default
  sensitivity: 0.5 # default
alerts:
  rules: [] # default
  webhook: [] # default
  command: [] # default
  log: true # default
web:
  behind_proxy: false # default
  webrtc:
    enabled: true # default
    ice_servers: [] # default
    hosts: [] # default
  live:
    max_viewers: 64 # default
    max_renditions: 2 # default
  sessions:
    hours: 168 # default
mqtt:
  enabled: false # default
  prefix: "" # default
  allow_commands: false # default
  home_assistant: false # default
  camera_wills: true # default
  results: true # default
  queue:
    max_messages: 10000 # default
    max_hours: 24 # default
export:
  concurrent: 2 # default
ffmpeg:
  path: ffmpeg # default
  probe_path: ffprobe # default
log:
  level: info # default
cameras:
  - id: front # lookback.yaml:3
    source: rtsp://ann:***@10.0.0.5/stream1 # lookback.yaml:4
    loop: false # default
    geo_location:
      lat: 1 # lookback.yaml:5
      lon: 2 # lookback.yaml:5
    enabled: true # default
    stills:
      enabled: true # default
    retention: {} # default
    vision:
      enabled: false # default
    name: front # default
`,
  );
});

Deno.test("reportYaml() shows what a file would have to say for the same settings", () => {
  const text = "vision: { enabled: true, detector: ./model }\n" +
    "cameras: [{ id: yard, source: film/yard.mp4, loop: true, vision: { source: film/small.mp4 } }]\n";
  const place = { path: "/srv/site/lookback.yaml", cwd: "/srv/site" };
  const layers = layerConfig({
    file: { path: place.path, text },
    environment: {},
    cwd: place.cwd,
  });
  deepStrictEqual(parseConfig(reportYaml(layers, OPTIONS), place), layers.settings);
});

Deno.test("reportData() has an origin for every value", () => {
  const { config, origins } = reportData(LAYERS, OPTIONS);
  strictEqual((config as { stills: { quality: number } }).stills.quality, 70);
  strictEqual(origins["storage.root"], "flag --root");
  strictEqual(origins["stills.quality"], "environment LOOKBACK_STILLS_QUALITY");
  strictEqual(origins["cameras[0].geo_location.lat"], "lookback.yaml:5");
  strictEqual(origins["cameras[0].name"], "default");
});

Deno.test("reportYaml() shows an empty list of cameras with its origin", () => {
  const layers = layerConfig({ file: null, environment: {}, cwd: "/srv" });
  strictEqual(
    reportYaml(layers, { shownFile: null }).trimEnd().split("\n").at(-1),
    "cameras: [] # default",
  );
});

const SECRET_SOURCES = [
  "rtsp://ann:hunter2@10.0.0.5/stream1",
  "rtsp://ann:hunter2/x@10.0.0.5/stream1",
  "rtsp://ann:a'hunter2\"b@10.0.0.5/stream1",
  "rtsp://ann:a@hunter2@10.0.0.5/stream1",
  "http://10.0.0.5/video?user=ann&password=hunter2",
  "http://hunter2@10.0.0.5/",
] as const;

for (const source of SECRET_SOURCES) {
  Deno.test(`reportYaml() and reportData() keep the password of ${source}`, () => {
    const environment = { LOOKBACK_CAMERAS: JSON.stringify([{ id: "a", source }]) };
    const layers = layerConfig({ file: null, environment, cwd: "/srv" });
    doesNotMatch(reportYaml(layers, OPTIONS), /hunter2/);
    doesNotMatch(JSON.stringify(reportData(layers, OPTIONS)), /hunter2/);
  });
}

Deno.test("reportYaml() leaves the rate of a synthetic camera alone", () => {
  const environment = { LOOKBACK_CAMERAS: "[{ id: a, source: 'test://640x360@25' }]" };
  const layers = layerConfig({ file: null, environment, cwd: "/srv" });
  strictEqual(/source: (\S+)/.exec(reportYaml(layers, OPTIONS))?.[1], "test://640x360@25");
});
