/**
 * Sources that MP4 does not take as they are, and cameras that change.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isoUtc, unixMs } from "../../src/base/units.ts";
import { filesBelow, loggedFrames } from "../support/archive.ts";
import { frameMd5s, makeClip, runFfmpeg } from "../support/clips.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SECONDS = 4;

/** Sound that is recorded after another try, and sound that never is. */
const SOUNDS = [
  {
    id: "broadcast",
    file: "broadcast.ts",
    args: ["-c:a", "aac"],
    says: /repacked/,
    hasSound: true,
  },
  {
    id: "wavpack",
    file: "wavpack.mkv",
    args: ["-c:a", "wavpack"],
    says: /encoded to AAC/,
    hasSound: true,
  },
  {
    id: "telephone",
    file: "telephone.mkv",
    args: ["-c:a", "pcm_alaw", "-ar", "8000"],
    says: /encoded to AAC/,
    hasSound: true,
  },
] as const;

async function hasAudio(path: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_name", path],
  }).output();
  return new TextDecoder().decode(stdout).includes("codec_name=aac");
}

Deno.test("run copies the video and adapts the sound where MP4 can't hold it", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const clip = await makeClip(join(root, "clip.mp4"), { seconds: SECONDS });
  for (const { file, args } of SOUNDS) {
    await runFfmpeg([
      ...["-i", clip, "-f", "lavfi", "-i", `sine=duration=${SECONDS}`],
      ...["-map", "0:v", "-map", "1:a", "-c:v", "copy", ...args, join(root, file)],
    ]);
  }
  const cameras = SOUNDS.map(({ id, file }) => `  - { id: ${id}, source: ${file} }\n`).join("");
  await writeConfig(root, `cameras:\n${cameras}`);
  const run = await lookback(["run", "--until-end"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);
  for (const { id, says, hasSound } of SOUNDS) {
    const said = run.stderr.split("\n").filter((line) => line.includes(`capture ${id}:`));
    ok(said.some((line) => says.test(line)), run.stderr);
    ok(!said.some((line) => line.includes("encoded to H.264")), run.stderr);
    // What the first try recorded before its sound failed is a run of its own.
    const frames = await loggedFrames(root, id);
    const lastRun = frames.at(-1)!.run;
    strictEqual(frames.filter(({ run }) => run === lastRun).length, SECONDS * 25, id);
    const recording = (await filesBelow(join(root, "data", "recordings", id))).at(-1);
    deepStrictEqual(await frameMd5s(recording!), await frameMd5s(clip), id);
    strictEqual(await hasAudio(recording!), hasSound, id);
  }
});

Deno.test("run makes stills that are larger than a pipe holds", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await runFfmpeg([
    ...["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25,noise=alls=60:allf=t", "-t", "3"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"],
    join(root, "noise.mp4"),
  ]);
  await writeConfig(root, "cameras:\n  - { id: noise, source: noise.mp4 }\n");
  const run = await lookback(["run", "--until-end"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);
  const named = new Set((await loggedFrames(root, "noise")).map(({ imagePath }) => imagePath!));
  const stills = await filesBelow(join(root, "frames", "noise"));
  deepStrictEqual(stills, [...named].map((path) => join(root, path)).sort());
  for (const path of stills) ok((await Deno.stat(path)).size > 100_000, path);
});

Deno.test("export refuses to put two codecs into one film and says where they meet", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  for (const codec of ["h264", "h265"] as const) {
    await makeClip(join(root, `${codec}.mp4`), { codec, seconds: 3 });
    await writeConfig(root, `cameras:\n  - { id: cam, source: ${codec}.mp4 }\n`);
    strictEqual((await lookback(["run", "--until-end"], { cwd: root })).code, 0);
  }
  const frames = await loggedFrames(root, "cam");
  const at = isoUtc(frames[0]!.atMs);
  const changed = isoUtc(frames[75]!.atMs);
  const cli = (...args: string[]) =>
    lookback(["export", "--camera", "cam", ...args], { cwd: root });
  const refused = await cli("--at", at, "--duration", "60s");
  strictEqual(refused.code, 1);
  match(refused.stderr, /Cannot put two codecs into one film/);
  ok(refused.stderr.includes(changed), refused.stderr);
  const first = await cli("--at", at, "--duration", "2500ms", "--json");
  strictEqual(JSON.parse(first.stdout).receipt.delivered.frames, 63);
  const second = await cli("--at", changed, "--duration", "60s", "--json");
  strictEqual(JSON.parse(second.stdout).receipt.delivered.frames, 75);
});

Deno.test("export of one window four times at once gives four films", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, "cameras:\n  - { id: lab, source: test://320x180@25 }\n");
  strictEqual((await lookback(["run", "--for", "5s"], { cwd: root })).code, 0);
  const frames = await loggedFrames(root, "lab");
  const args = ["export", "--camera", "lab", "--at", isoUtc(unixMs(frames[10]!.atMs))]
    .concat(["--duration", "2s", "--mode", "strict", "--json"]);
  const results = await Promise.all([1, 2, 3, 4].map(() => lookback(args, { cwd: root })));
  const paths = results.map(({ code, stdout, stderr }) => {
    strictEqual(code, 0, stderr);
    return JSON.parse(stdout).path as string;
  });
  strictEqual(new Set(paths).size, 4);
  for (const path of paths) strictEqual((await frameMd5s(path)).length, 50);
  const left = (await filesBelow(join(root, "output"))).filter((path) =>
    !/\.mp4(\.json)?$/.test(path)
  );
  deepStrictEqual(left, []);
});

Deno.test("frame finds a picture at every millisecond of a recording", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await makeClip(join(root, "clip.mp4"), { seconds: 3, fps: 30 });
  await writeConfig(root, "cameras:\n  - { id: cam, source: clip.mp4 }\n");
  strictEqual((await lookback(["run", "--until-end"], { cwd: root })).code, 0);
  const frames = await loggedFrames(root, "cam");
  // Thirds of a second round to whole milliseconds: between two frames one is left over.
  const place = frames.findIndex(({ atMs }, index) => frames[index + 1]!.atMs - atMs === 34);
  const atMs = unixMs(frames[place + 1]!.atMs - 1);
  const { code, stdout, stderr } = await lookback(
    ["frame", "--camera", "cam", "--at", isoUtc(atMs), "--json"],
    { cwd: root },
  );
  strictEqual(code, 0, stderr);
  strictEqual(JSON.parse(stdout).frame_id, frames[place]!.frameId);
});
