/**
 * A film across a gap: recording stopped, the camera was changed, recording
 * went on.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import type { GapPolicy } from "../../src/footage/stretches.ts";
import { loggedFrames, openArchive } from "../support/archive.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Length of what a film shows and the number of its frames, as ffprobe counts them. */
async function probe(path: string): Promise<{ seconds: number; frames: number; sizes: string[] }> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-select_streams", "v:0", "-count_frames"]
      .concat(["-show_entries", "stream=nb_read_frames,duration:frame=width,height"])
      .concat(["-of", "json", path]),
  }).output();
  const { streams: [stream], frames } = JSON.parse(new TextDecoder().decode(stdout));
  const sizes = new Set<string>(
    frames.map((frame: { width: number; height: number }) => `${frame.width}x${frame.height}`),
  );
  return {
    seconds: Number(stream.duration),
    frames: Number(stream.nb_read_frames),
    sizes: [...sizes],
  };
}

Deno.test("export crosses a restart and a change of resolution, joined or with the time left in", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  for (const size of ["320x180", "640x360"]) {
    await writeConfig(root, `cameras:\n  - { id: lab, source: test://${size}@25 }\n`);
    const run = await lookback(["run", "--for", "4s"], { cwd: root });
    strictEqual(run.code, 0, run.stderr);
  }
  const frames = await loggedFrames(root, "lab");
  const runs = [...new Set(frames.map(({ run }) => run))];
  strictEqual(runs.length, 2);
  const lastBefore = frames.findLast(({ run }) => run === runs[0])!;
  const firstAfter = frames.find(({ run }) => run === runs[1])!;
  const gapSeconds = (firstAfter.atMs - lastBefore.atMs) / 1_000 - 0.04;
  const window = { fromMs: unixMs(lastBefore.atMs - 1_500), toMs: unixMs(firstAfter.atMs + 1_500) };
  const shown = frames.filter(({ atMs }) => atMs >= window.fromMs && atMs < window.toMs).length;
  using archive = openArchive(root);
  const survey = await archive.survey({ cameraId: "lab", window }, "video");
  // Stopped until the next start, then on its way until the first frame.
  deepStrictEqual(survey.gaps.map(({ cause }) => cause), ["stopped", "restart"]);
  const makeFilm = async (gapPolicy: GapPolicy, mode: "exact" | "strict") => {
    const path = join(root, `${gapPolicy}-${mode}.mp4`);
    const signal = new AbortController().signal;
    await archive.export(survey, { path, mode, gapPolicy, signal, onProgress: () => {} });
    return await probe(path);
  };
  for (const mode of ["exact", "strict"] as const) {
    const collapsed = await makeFilm("collapse", mode);
    const kept = await makeFilm("keep", mode);
    strictEqual(collapsed.frames, shown, mode);
    strictEqual(kept.frames, shown, mode);
    strictEqual(collapsed.sizes.join(), "320x180,640x360");
    ok(Math.abs(collapsed.seconds - shown / 25) < 0.05, `${mode}: ${collapsed.seconds} s`);
    const keptGap = kept.seconds - collapsed.seconds;
    ok(Math.abs(keptGap - gapSeconds) < 0.05, `${mode}: ${keptGap} s of ${gapSeconds} s`);
  }
});
