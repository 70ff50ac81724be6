import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  CAMERA_ID_PATTERN,
  type CameraSource,
  parseSource,
  sourceLabel,
} from "../../src/model/camera.ts";

const OPTIONS = { loop: true, resolvePath: (path: string) => `/base/${path}` };

const SOURCES: readonly { readonly text: string; readonly source: CameraSource }[] = [
  { text: "rtsp://10.0.0.5/a", source: { kind: "rtsp", url: "rtsp://10.0.0.5/a" } },
  { text: "RTSPS://host:322", source: { kind: "rtsp", url: "RTSPS://host:322" } },
  { text: "http://host/a.mjpg?x=1", source: { kind: "http", url: "http://host/a.mjpg?x=1" } },
  { text: "https://[fe80::1]:8443/", source: { kind: "http", url: "https://[fe80::1]:8443/" } },
  { text: "rtsp://u:p@ss/w:rd@host/a", source: { kind: "rtsp", url: "rtsp://u:p@ss/w:rd@host/a" } },
  { text: "test://1280x720@25", source: { kind: "test", width: 1280, height: 720, fps: 25 } },
  { text: "test://64x36@29.97", source: { kind: "test", width: 64, height: 36, fps: 29.97 } },
  { text: "test://64x36@120", source: { kind: "test", width: 64, height: 36, fps: 120 } },
  { text: "yard.mp4", source: { kind: "file", path: "/base/yard.mp4", loop: true } },
  { text: "a b/c:d.mp4", source: { kind: "file", path: "/base/a b/c:d.mp4", loop: true } },
];

for (const { text, source } of SOURCES) {
  Deno.test(`parseSource() takes "${text}" as ${source.kind}`, () => {
    deepStrictEqual(parseSource(text, OPTIONS), { ok: true, source });
  });
}

const ADDRESS = "an address like rtsp://user:password@192.0.2.10/stream";
const TEST_CARD = "test://WIDTHxHEIGHT@FPS, for example test://1280x720@25";
const TEST_LIMITS = "an even width and height, and 1 to 120 frames per second";

const REFUSED = [
  { text: "", problem: "a URL or the path of a video file" },
  { text: "  ", problem: "a URL or the path of a video file" },
  { text: "rtsp://", problem: ADDRESS },
  { text: "rtsp:///stream", problem: ADDRESS },
  { text: "rtsp://user:pw@/stream", problem: ADDRESS },
  { text: "rtsp://ho st/stream", problem: ADDRESS },
  { text: "https://", problem: "an address like http://user:password@192.0.2.10/stream" },
  {
    text: "ftp://host/a.mp4",
    problem: "an rtsp, rtsps, http or https URL, test://WIDTHxHEIGHT@FPS, or a file path",
  },
  { text: "test://1280x720", problem: TEST_CARD },
  { text: "test://1280x720@", problem: TEST_CARD },
  { text: "test://9x720@25", problem: TEST_CARD },
  { text: "test://1280x720@25fps", problem: TEST_CARD },
  { text: "test://1281x720@25", problem: TEST_LIMITS },
  { text: "test://1280x721@25", problem: TEST_LIMITS },
  { text: "test://1280x720@0", problem: TEST_LIMITS },
  { text: "test://1280x720@121", problem: TEST_LIMITS },
];

for (const { text, problem } of REFUSED) {
  Deno.test(`parseSource() refuses "${text}" and says what would be right`, () => {
    deepStrictEqual(parseSource(text, OPTIONS), { ok: false, problem });
  });
}

Deno.test("parseSource() plays a file once when it is not to be looped", () => {
  const parsed = parseSource("yard.mp4", { ...OPTIONS, loop: false });
  deepStrictEqual(parsed, {
    ok: true,
    source: { kind: "file", path: "/base/yard.mp4", loop: false },
  });
});

const LABELS: readonly { readonly source: CameraSource; readonly label: string }[] = [
  {
    source: { kind: "rtsp", url: "rtsp://u:p@ss/word@10.0.0.5/a" },
    label: "rtsp://u:***@10.0.0.5/a",
  },
  { source: { kind: "http", url: "http://host/a?token=t0k" }, label: "http://host/a?token=***" },
  { source: { kind: "file", path: "/srv/a.mp4", loop: false }, label: "/srv/a.mp4" },
  { source: { kind: "test", width: 64, height: 36, fps: 29.97 }, label: "test://64x36@29.97" },
];

for (const { source, label } of LABELS) {
  Deno.test(`sourceLabel() shows a source of kind "${source.kind}" as ${label}`, () => {
    strictEqual(sourceLabel(source), label);
  });
}

Deno.test("sourceLabel() of a test source is a text that parseSource() takes", () => {
  const source: CameraSource = { kind: "test", width: 640, height: 360, fps: 12.5 };
  deepStrictEqual(parseSource(sourceLabel(source), OPTIONS), { ok: true, source });
});

const IDS = [
  { id: "front", isValid: true },
  { id: "a", isValid: true },
  { id: "cam-2", isValid: true },
  { id: "x".repeat(64), isValid: true },
  { id: "x".repeat(65), isValid: false },
  { id: "", isValid: false },
  { id: "-front", isValid: false },
  { id: "front-", isValid: false },
  { id: "Front", isValid: false },
  { id: "../up", isValid: false },
  { id: "front\n", isValid: false },
];

for (const { id, isValid } of IDS) {
  Deno.test(`CAMERA_ID_PATTERN ${isValid ? "takes" : "refuses"} ${JSON.stringify(id)}`, () => {
    strictEqual(CAMERA_ID_PATTERN.test(id), isValid);
  });
}
