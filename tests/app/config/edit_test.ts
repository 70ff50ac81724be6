import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { maskYaml, unmaskYaml } from "../../../src/app/config/edit.ts";

const FILE = `# the yard was at rtsp://old:hidden0@192.0.2.9/
cameras:
  - id: front   # by the door
    source: rtsp://user:hidden1@192.0.2.10/stream1
  - { id: yard, source: "rtsp://user:hidden2@192.0.2.11/stream1" }
alerts:
  webhooks:
    - name: home
      url: https://example.org/hook?token=hidden3
      secret: hidden4
# password: hidden5
`;

Deno.test("maskYaml() shows no secret, also none in comments, and leaves all else alone", () => {
  const masked = maskYaml(FILE);
  ok(!masked.includes("hidden"), masked);
  ok(masked.includes("- id: front   # by the door\n"));
  ok(masked.includes('source: "rtsp://user:***@192.0.2.10/stream1"'));
  ok(masked.includes("# the yard was at rtsp://old:***@192.0.2.9/"));
  strictEqual(masked.split("\n").length, FILE.split("\n").length);
});

Deno.test("unmaskYaml() gives back the file where nothing was changed", () => {
  deepStrictEqual(unmaskYaml(maskYaml(FILE), FILE), { text: FILE, mistakes: [] });
});

Deno.test("unmaskYaml() finds a camera's secret again where the camera was moved", () => {
  const masked = maskYaml(FILE);
  const moved = masked.replace(
    "  - id: front",
    "  - id: lab\n    source: test://320x240@5\n  - id: front",
  );
  const { text, mistakes } = unmaskYaml(moved, FILE);
  deepStrictEqual(mistakes, []);
  ok(text.includes("rtsp://user:hidden1@192.0.2.10/stream1"));
  ok(text.includes("rtsp://user:hidden2@192.0.2.11/stream1"));
});

Deno.test("unmaskYaml() takes no secret to another address, and says where one is missing", () => {
  const stolen = maskYaml(FILE).replace("***@192.0.2.10", "***@198.51.100.7");
  const { text, mistakes } = unmaskYaml(stolen, FILE);
  ok(!text.includes("hidden1"));
  deepStrictEqual(mistakes.map(({ line, key }) => [line, key]), [[4, "cameras[front].source"]]);
});

Deno.test("unmaskYaml() takes a new secret as it is typed", () => {
  const edited = maskYaml(FILE).replace('secret: "***"', "secret: fresh");
  const { text, mistakes } = unmaskYaml(edited, FILE);
  deepStrictEqual(mistakes, []);
  ok(text.includes("secret: fresh\n"));
});

Deno.test("unmaskYaml() leaves a text that is no YAML to whoever checks it", () => {
  deepStrictEqual(unmaskYaml("cameras: [", FILE).mistakes, []);
});
