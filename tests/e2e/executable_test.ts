/**
 * The executable as it comes to a box: one file, copied alone to an empty
 * folder, with an environment that holds nothing but the way to ffmpeg.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { isoUtc } from "../../src/base/units.ts";
import { filesBelow, loggedFrames } from "../support/archive.ts";
import { frameMd5s } from "../support/clips.ts";
import {
  buildExecutable,
  copyAlone,
  ffmpegFolder,
  installed,
  runExecutable,
  type RunOptions,
} from "../support/executable.ts";
import { writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const TWO_CAMERAS = `batch: { duration_seconds: 2 }
cameras:
  - { id: front, source: test://640x360@25 }
  - { id: yard, source: test://320x180@25 }
`;

const ONE_CAMERA = `batch: { duration_seconds: 2 }
cameras:
  - { id: front, source: test://320x180@25 }
`;

/** A figure that a person reads in the test's output. */
function figure(name: string, valueMs: number | undefined): void {
  ok(valueMs !== undefined, `${name} was not seen`);
  // deno-lint-ignore no-console -- the figures are a part of what this test is for
  console.log(`${name}: ${Math.round(valueMs)} ms`);
}

Deno.test("the executable records, exports, answers the prompt and shows the demo, alone in a folder", async (test) => {
  await using folder = await tempFolder();
  const said = await buildExecutable(join(folder.path, "built/lookback"));
  const executable = await copyAlone(join(folder.path, "built/lookback"), join(folder.path, "box"));
  await Deno.remove(join(folder.path, "built"), { recursive: true });
  const root = join(folder.path, "work");
  await Deno.mkdir(root);
  const path = await ffmpegFolder(join(folder.path, "ffmpeg"));
  const cli = (args: readonly string[], options: Partial<RunOptions> = {}) =>
    runExecutable(executable, args, { cwd: root, path, ...options });

  await test.step("--version names version and commit", async () => {
    const { stdout, stderr, code, tookMs } = await cli(["--version"]);
    strictEqual(code, 0, stderr);
    const [, commit] = /^lookback [\d.]+ \(([0-9a-f]{7}(?:\+changes)?|unknown)\)\n$/.exec(stdout) ??
      [];
    ok(commit !== undefined, stdout);
    ok(stdout.includes(project.version) && said.includes(`(${commit})`), said);
    figure("start-up of --version", tookMs);
  });

  await test.step("run records two cameras", async () => {
    await writeConfig(root, TWO_CAMERAS);
    const { stderr, code, shownAfterMs } = await cli(["run", "--for", "6s"], {
      awaited: "Recording avc1",
    });
    strictEqual(code, 0, stderr);
    for (const camera of ["front", "yard"]) {
      ok((await loggedFrames(root, camera)).length > 50, stderr);
    }
    figure("start to the first recorded fragment", shownAfterMs);
  });

  const frames = await loggedFrames(root, "front");
  const at = isoUtc(frames[30]!.atMs);
  const wanted = frames.filter(({ atMs }) =>
    atMs >= frames[30]!.atMs && atMs < frames[30]!.atMs + 2_000
  );

  await test.step("export gives back the footage frame by frame", async () => {
    const { stdout, stderr, code } = await cli(
      ["export", "--camera", "front", "--at", at, "--duration", "2s", "--json"],
    );
    strictEqual(code, 0, stderr);
    const film = JSON.parse(stdout);
    strictEqual((await frameMd5s(film.path)).length, wanted.length);
    strictEqual(film.receipt.delivered.starting_frame_id, 31);
  });

  await test.step("prompt answers a script", async () => {
    const input = ["front", at, "2s", "yes", "no", ""].join("\n");
    const { stdout, stderr, code } = await cli(["prompt"], { input });
    strictEqual(code, 0, stderr);
    const film = /film {5}(\S+)/.exec(stdout)?.[1] ?? "";
    strictEqual((await frameMd5s(film)).length, wanted.length);
  });

  await test.step("demo runs to its end", async () => {
    const demo = join(folder.path, "demo");
    await Deno.mkdir(demo);
    const { stdout, stderr, code } = await cli(["demo", "--for", "14s"], { cwd: demo });
    strictEqual(code, 0, stderr);
    match(stdout, /150 frames from 2 batches, all decoded and counted/);
  });

  await test.step("ffmpeg.path names a program that PATH does not have", async () => {
    const elsewhere = join(folder.path, "elsewhere");
    await Deno.mkdir(elsewhere);
    const ffmpeg = await installed("ffmpeg");
    await writeConfig(elsewhere, `${ONE_CAMERA}ffmpeg: { path: ${ffmpeg} }\n`);
    const empty = join(folder.path, "nothing");
    await Deno.mkdir(empty);
    const run = await cli(["run", "--for", "3s"], { cwd: elsewhere, path: empty });
    strictEqual(run.code, 0, run.stderr);
    ok((await loggedFrames(elsewhere, "front")).length > 0, run.stderr);
  });

  await test.step("nothing was left beside the executable", async () => {
    const beside = await filesBelow(join(folder.path, "box"));
    deepStrictEqual(beside, [executable]);
  });
});

Deno.test("the executable with an embedded ffmpeg records without PATH, and mends a damaged ffmpeg", async (test) => {
  await using folder = await tempFolder();
  const built = join(folder.path, "built/lookback");
  await buildExecutable(built, ["--with-ffmpeg", await installed("ffmpeg")]);
  const executable = await copyAlone(built, join(folder.path, "box"));
  const root = join(folder.path, "work");
  await Deno.mkdir(root);
  await writeConfig(root, ONE_CAMERA);
  const unpacked = join(root, "data/bin/ffmpeg");
  const record = async () => {
    const run = await runExecutable(executable, ["run", "--for", "3s"], {
      cwd: root,
      awaited: "Recording avc1",
    });
    strictEqual(run.code, 0, run.stderr);
    return run.shownAfterMs;
  };

  await test.step("run unpacks it below the storage root and records", async () => {
    figure("start to the first recorded fragment, with unpacking", await record());
    ok((await loggedFrames(root, "front")).length > 0);
    strictEqual((await Deno.stat(unpacked)).mode! & 0o777, 0o700);
  });

  await test.step("run replaces what is damaged", async () => {
    await Deno.writeTextFile(unpacked, "#!/bin/sh\nexit 1\n");
    const before = (await loggedFrames(root, "front")).length;
    await record();
    ok((await loggedFrames(root, "front")).length > before);
    deepStrictEqual(
      await Deno.readFile(unpacked),
      await Deno.readFile(await installed("ffmpeg")),
    );
  });

  await test.step("a command on a root without recordings unpacks nothing there", async () => {
    const other = join(folder.path, "other");
    await Deno.mkdir(other);
    const status = await runExecutable(executable, ["status", "--root", other], { cwd: root });
    strictEqual(status.code, 1);
    deepStrictEqual(await filesBelow(other), []);
  });
});
