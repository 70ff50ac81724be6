/**
 * Running as a service does: stop, start again, refuse a second one, adapt to
 * odd sources.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { loggedFrames, openArchive } from "../support/archive.ts";
import { type ClipCodec, makeClip } from "../support/clips.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const LAB =
  "batch: { duration_seconds: 2 }\ncameras:\n  - { id: lab, source: test://320x180@25 }\n";

Deno.test("run ends within 10 s of SIGTERM with every frame in a batch, and goes on with the next id", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, LAB);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using running = startLookback(["run"], { cwd: root });
    await running.shown("Recording avc1");
    const signalledAt = performance.now();
    running.kill(signal);
    const { code, stderr } = await running.finished;
    strictEqual(code, 0, stderr);
    ok(performance.now() - signalledAt < 10_000);
  }
  const frames = await loggedFrames(root, "lab");
  deepStrictEqual(frames.map(({ frameId }) => frameId), frames.map((_, index) => index + 1));
  using archive = openArchive(root);
  const batches = archive.batchesSince("lab", frames[0]!.atMs);
  strictEqual(new Set(batches.map(({ run }) => run)).size, 2);
  strictEqual(batches.at(-1)!.endingFrameId, frames.length);
  strictEqual(batches.reduce((sum, { frameCount }) => sum + frameCount, 0), frames.length);
});

Deno.test("run refuses a root that another run holds and names the holder's pid", async () => {
  await using folder = await tempFolder();
  await writeConfig(folder.path, LAB);
  await using holder = startLookback(["run"], { cwd: folder.path });
  await holder.shown("Recording avc1");
  const second = await lookback(["run", "--for", "1s"], { cwd: folder.path });
  strictEqual(second.code, 1);
  match(second.stderr, /Cannot record under .*: another Lookback does already/);
  ok(second.stderr.includes(`pid: ${holder.pid}`), second.stderr);
  const status = await lookback(["status", "--json"], { cwd: folder.path });
  strictEqual(JSON.parse(status.stdout).recording, true);
});

Deno.test("run encodes what MP4 players don't take, says so once, and loses no frame", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const codecs: readonly ClipCodec[] = ["mpeg4", "mjpeg", "vp9"];
  for (const codec of codecs) {
    await makeClip(join(root, `${codec}.${codec === "vp9" ? "webm" : "mov"}`), {
      codec,
      seconds: 3,
    });
  }
  const cameras = codecs.map((codec) =>
    `  - { id: ${codec}, source: ${codec}.${codec === "vp9" ? "webm" : "mov"} }\n`
  );
  await writeConfig(root, `cameras:\n${cameras.join("")}`);
  const run = await lookback(["run", "--until-end"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);
  for (const codec of codecs) {
    strictEqual((await loggedFrames(root, codec)).length, 75, codec);
    const said = run.stderr.split("\n").filter((line) =>
      line.includes(`capture ${codec}:`) && line.includes("encoded to H.264")
    );
    strictEqual(said.length, 1, run.stderr);
  }
});

Deno.test("run keeps trying a source that is not there, and records the others meanwhile", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, `${LAB}  - { id: gone, source: no-such-file.mp4 }\n`);
  const run = await lookback(["run", "--for", "4s"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);
  const said = run.stderr.split("\n").filter((line) => line.includes("capture gone"));
  strictEqual(said.length, 1, run.stderr);
  match(said[0]!, /Not recording \(camera-unreachable\): there is no such file/);
  ok((await loggedFrames(root, "lab")).length > 50);
});
