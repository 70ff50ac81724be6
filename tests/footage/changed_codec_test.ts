/**
 * Films across restarts after which the camera sent something else: another profile,
 * another picture size, other parameter sets.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Archive } from "../../src/app/archive.ts";
import { unixMs } from "../../src/base/units.ts";
import type { GapPolicy } from "../../src/footage/stretches.ts";
import { type LoggedFrame } from "../../src/model/frame.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { loggedFrames, openArchive } from "../support/archive.ts";
import { type ClipOptions, makeClip, runFfmpeg } from "../support/clips.ts";
import { at } from "../support/ledger_entries.ts";
import { recordRun } from "../support/recorded_run.ts";
import { readFilm } from "../support/second_reader.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SECONDS = 3;

const CLIPS: readonly ClipOptions[] = [
  { seconds: SECONDS, size: "128x72", bframes: 2, gop: 25 },
  { seconds: SECONDS, size: "128x72", profile: "baseline", gop: 25 },
  { seconds: SECONDS, size: "160x90", profile: "main", bframes: 1, gop: 50 },
  { seconds: SECONDS, size: "128x72", bframes: 2, gop: 25 },
];

/** Time from start to start of two runs. */
const STEP_SECONDS = 10;

/** Records the clips one after the other, as runs of one camera. */
async function recordAll(root: string, clips: readonly ClipOptions[]): Promise<LoggedFrame[]> {
  await Deno.mkdir(join(root, "data"));
  const database = openForWriting(root);
  try {
    const writer = new LedgerWriter(database);
    for (const [index, clip] of clips.entries()) {
      const entries = await recordRun(root, {
        clip,
        startMs: unixMs(at(0) + index * STEP_SECONDS * 1_000),
        startingFrameId: 1 + index * SECONDS * 25,
      });
      deepStrictEqual(writer.commit([...entries]), []);
    }
  } finally {
    database.close();
  }
  return await loggedFrames(root, "front");
}

/** MD5s of the shown frames, each at its own size. */
async function md5s(path: string): Promise<string[]> {
  const { stdout } = await runFfmpeg([
    ...["-i", path, "-map", "0:v:0", "-autoscale", "0", "-fps_mode", "passthrough"],
    ...["-f", "framehash", "-hash", "md5", "-"],
  ]);
  return stdout.split("\n").filter((line) => /^0,/.test(line))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
}

async function film(archive: Archive, frames: readonly LoggedFrame[], options: {
  readonly path: string;
  readonly gapPolicy: GapPolicy;
}): Promise<void> {
  const window = { fromMs: frames[0]!.atMs, toMs: unixMs(frames.at(-1)!.atMs + 1) };
  const survey = await archive.survey({ cameraId: "front", window }, "video");
  const { signal } = new AbortController();
  await archive.export(survey, { ...options, mode: "exact", signal, onProgress: () => {} });
}

Deno.test("export shows every frame across changes of profile and of picture size, at its time", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const sources: string[] = [];
  for (const [index, clip] of CLIPS.entries()) {
    sources.push(...await md5s(await makeClip(join(root, `${index}.mp4`), clip)));
  }
  const all = await recordAll(root, CLIPS);
  strictEqual(all.length, sources.length);
  // From within the first group of pictures to within the last.
  const frames = all.slice(13, -7);
  const wanted = sources.slice(13, -7);
  using archive = openArchive(root);
  for (const gapPolicy of ["collapse", "keep"] as const) {
    const path = join(root, `${gapPolicy}.mp4`);
    await film(archive, frames, { path, gapPolicy });
    deepStrictEqual(await md5s(path), wanted, gapPolicy);
    const { shown, hidden } = await readFilm(path, gapPolicy === "keep" ? 60 : frames.length / 25);
    ok(hidden > 0 || gapPolicy === "keep");
    const times = shown.slice(0, frames.length).map(({ atSeconds }) => atSeconds);
    strictEqual(times.length, frames.length, gapPolicy);
    for (const [index, seconds] of times.entries()) {
      const wantedSeconds = gapPolicy === "keep"
        ? (frames[index]!.atMs - frames[0]!.atMs) / 1_000
        : index / 25;
      // Wall times are whole milliseconds, and are steered a little within a run.
      ok(Math.abs(seconds - wantedSeconds) < 0.02, `${gapPolicy} ${index}: ${seconds} s`);
    }
  }
});

Deno.test("export refuses a film of two codecs and says when they change", async () => {
  await using folder = await tempFolder();
  const clip = { seconds: SECONDS, size: "128x72" };
  const frames = await recordAll(folder.path, [clip, { ...clip, codec: "h265" }]);
  using archive = openArchive(folder.path);
  const path = join(folder.path, "film.mp4");
  await rejects(film(archive, frames, { path, gapPolicy: "collapse" }), {
    code: "export-failed",
    message: "Cannot put two codecs into one film",
  });
});
