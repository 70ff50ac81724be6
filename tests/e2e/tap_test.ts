/**
 * `lookback tap`, beside a Lookback that records: what other programs get.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { loggedFrames } from "../support/archive.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CAMERA = "batch: { duration_seconds: 2 }\n" +
  'cameras:\n  - { id: front, source: "test://128x72@25" }\n';

/** Reads from a socket until so many bytes have come. */
async function readBytes(path: string, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  using connection = await Deno.connect({ transport: "unix", path });
  const bytes = new Uint8Array(sizeBytes);
  for (let filled = 0; filled < sizeBytes;) {
    const count = await connection.read(bytes.subarray(filled));
    if (count === null) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
}

/** What ffmpeg finds in the beginning of a stream of parts, whatever it thinks of the cut end. */
async function checkWithFfmpeg(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(path, bytes);
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-i", path, "-f", "framecrc", "-"],
  }).output();
  const text = new TextDecoder().decode(stdout);
  ok(text.includes("#dimensions 0: 128x72"), text);
  ok(text.split("\n").filter((line) => line.startsWith("0,")).length >= 2, text);
}

Deno.test("tap gives pictures with time and id at the rate asked for, to a pipe and to several clients", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, CAMERA);
  const arguments_ = ["tap", "--camera", "front", "--fps", "5"];
  // Started before there is anything to see.
  await using piped = startLookback(arguments_, { cwd: root });
  await piped.shown('waiting  "front" is not being recorded now');
  await using _run = startLookback(["run"], { cwd: root });
  await piped.shown('live     "front"');
  const socket = join(root, "tap.sock");
  const raw = ["--format", "raw", "--size", "64x36", "--socket", socket];
  await using served = startLookback([...arguments_, ...raw], { cwd: root });
  const parts = join(root, "parts.sock");
  await using other = startLookback([...arguments_, "--socket", parts], { cwd: root });
  await Promise.all([served.shown("socket "), other.shown("socket ")]);
  const frameBytes = 64 * 36 * 3;
  // One that reads nothing: it must hold up neither the others nor recording.
  using _idle = await Deno.connect({ transport: "unix", path: socket });
  const [multipart, ...both] = await Promise.all([
    readBytes(parts, 20_000),
    readBytes(socket, 500 + 8 * frameBytes),
    readBytes(socket, 500 + 8 * frameBytes),
  ]);
  await checkWithFfmpeg(join(root, "parts.mpjpeg"), multipart);
  for (const bytes of both) {
    const end = bytes.indexOf(0x0a);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
    deepStrictEqual(header, {
      ...{ format: "lookback-tap-1", camera_id: "front", pixel_format: "rgb24" },
      ...{ width: 64, height: 36, frame_bytes: frameBytes, fps: 5 },
    });
    // The lower left corner of the test card is red, when none of what moves is there.
    const corners = Array.from({ length: 8 }, (_, number) => {
      const [red, green] = bytes.subarray(end + 1 + (number + 1) * frameBytes - 64 * 3);
      return red! > 200 && green! < 60;
    });
    ok(corners.filter((isRed) => isRed).length >= 4, corners.join(" "));
  }
  served.kill("SIGINT");
  strictEqual((await served.finished).code, 0);
  deepStrictEqual(await Deno.lstat(socket).catch((error) => error.name), "NotFound");
  // A busy machine loses pictures for it: it is ended when it has had ten.
  await piped.said(/(?:X-Lookback-Frame-Id: [^]*?){9}X-Lookback-Frame-Id: (\d+)\r\n/);
  piped.kill("SIGINT");
  const { code, stdout, stderr } = await piped.finished;
  strictEqual(code, 0, stderr);
  match(stderr, /done {5}\d+ pictures/);
  const heads = [...stdout.matchAll(
    /X-Lookback-Timestamp: (\S+)\r\nX-Lookback-Frame-Id: (\d+)\r\n/g,
  )].map(([, timestamp, id]) => ({ timestamp: timestamp!, id: Number(id) }));
  ok(heads.length >= 10, `${heads.length} pictures`);
  const logged = new Map((await loggedFrames(root, "front")).map((each) => [each.frameId, each]));
  for (const { timestamp, id } of heads) {
    // The wall time of a new stream is learnt in its first seconds.
    const awayMs = Date.parse(timestamp) - logged.get(id)!.atMs;
    ok(Math.abs(awayMs) <= 100, `frame ${id} is ${awayMs} ms away`);
  }
  const steps = heads.slice(1).map(({ id }, index) => id - heads[index]!.id);
  // Every fifth frame of 25 a second, but for those that a busy machine lost.
  ok(steps.every((step) => step % 5 === 0), `${steps}`);
  ok(steps.filter((step) => step === 5).length > steps.length / 2, `${steps}\n${stderr}`);
});

Deno.test("tap refuses a camera that nobody knows", async () => {
  await using folder = await tempFolder();
  await writeConfig(folder.path, CAMERA);
  const { code, stderr } = await lookback(["tap", "--camera", "frnt"], { cwd: folder.path });
  strictEqual(code, 2);
  match(stderr, /did you mean --camera front/);
});
