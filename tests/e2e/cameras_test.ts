/**
 * The commands that look at cameras, as their users type them.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { makeClip } from "../support/clips.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SECRET = "s3cr3t-p4ss";

Deno.test("cameras probe describes a file and writes its picture, and never over another file", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await makeClip(join(cwd, "yard.mp4"), { seconds: 3, gop: 50, audio: true });
  const args = ["cameras", "probe", "yard.mp4", "--still", "yard.jpg"];
  const first = await lookback(args, { cwd });
  strictEqual(first.code, 0, first.stderr);
  match(
    first.stdout,
    /^stream {3}h264 320x180, 25 fps, key frame every 2 s, \d+ kbit\/s, audio aac 48 kHz mono$/m,
  );
  const picture = await Deno.readFile(join(cwd, "yard.jpg"));
  deepStrictEqual([...picture.slice(0, 2)], [0xff, 0xd8]);
  const second = await lookback(args, { cwd });
  strictEqual(second.code, 2);
  match(second.stderr, /it is there already[^]*--still/);
});

Deno.test("cameras probe --json gives programs the same facts", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  const path = await makeClip(join(cwd, "yard.mp4"), { seconds: 2 });
  const { code, stdout } = await lookback(["cameras", "probe", "yard.mp4", "--json"], { cwd });
  strictEqual(code, 0);
  const { video, ...rest } = JSON.parse(stdout);
  deepStrictEqual(rest, { source: path, ok: true, audio: null, still: null });
  const { bits_per_second: bitsPerSecond, ...shape } = video;
  ok(bitsPerSecond > 0);
  deepStrictEqual(
    shape,
    JSON.parse('{"codec":"h264","width":320,"height":180,"fps":25,"key_frame_seconds":1}'),
  );
});

Deno.test("cameras probe knows a configured camera by its id, and hides its password when it fails", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `rtsp://viewer:${SECRET}@127.0.0.1:${listener.addr.port}/a`;
  listener.close();
  await writeConfig(cwd, `cameras:\n  - { id: net, source: "${url}" }\n`);
  const { code, stdout, stderr } = await lookback(["cameras", "probe", "net"], { cwd });
  strictEqual(code, 1);
  match(stdout, /^source {3}rtsp:\/\/viewer:\*\*\*@/m);
  match(stdout, /^problem {2}nothing listens at the camera's address and port/m);
  ok(!`${stdout}${stderr}`.includes(SECRET));
});

Deno.test("cameras list shows every camera, enabled or not, without passwords", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(
    cwd,
    `cameras:\n  - { id: net, name: Yard, source: "rtsp://viewer:${SECRET}@192.0.2.7/a" }\n` +
      "  - { id: lab, enabled: false, source: test://64x36@25 }\n",
  );
  const { code, stdout } = await lookback(["cameras", "list"], { cwd });
  strictEqual(code, 0);
  strictEqual(
    stdout,
    "net  enabled   rtsp://viewer:***@192.0.2.7/a  (Yard)\nlab  disabled  test://64x36@25\n",
  );
  const json = await lookback(["cameras", "list", "--json"], { cwd });
  ok(!json.stdout.includes(SECRET));
  const { cameras } = JSON.parse(json.stdout);
  deepStrictEqual(
    cameras.map(({ id, enabled }: { id: string; enabled: boolean }) => ({ id, enabled })),
    [{ id: "net", enabled: true }, { id: "lab", enabled: false }],
  );
});

const WRONG = [
  { args: ["cameras", "probe"], says: /missing required argument 'source'/ },
  { args: ["cameras", "probe", "ftp://host/a"], says: /it is no source[^]*rtsp/ },
  { args: ["cameras", "look"], says: /unknown command 'look'/ },
  { args: ["cameras", "list"], says: /Cannot find a configuration file/ },
  { args: ["cameras", "discover", "--timeout", "soon"], says: /soon/ },
  { args: ["cameras", "discover", "--user", "admin"], says: /ONVIF_PASSWORD/ },
];

for (const { args, says } of WRONG) {
  Deno.test(`${args.join(" ")} ends with exit code 2 and says what would be right`, async () => {
    await using folder = await tempFolder();
    const { code, stderr } = await lookback(args, { cwd: folder.path });
    strictEqual(code, 2, stderr);
    match(stderr, says);
  });
}
