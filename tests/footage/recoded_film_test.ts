/**
 * Films that are encoded anew, out of real recordings with B-frames over a break.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import type { Survey } from "../../src/footage/export_job.ts";
import { parseRate } from "../../src/footage/film_rate.ts";
import type { RecodeChange } from "../../src/footage/recoded_plan.ts";
import type { GapPolicy } from "../../src/footage/stretches.ts";
import { colourOf } from "../../src/media/overlay_args.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import type { Detection } from "../../src/model/vision.ts";
import { loggedFrames, openArchive } from "../support/archive.ts";
import { makeClip, runFfmpeg } from "../support/clips.ts";
import { at } from "../support/ledger_entries.ts";
import { RUN_CLIP } from "../support/recorded_run.ts";
import { nearest, thumbnails } from "../support/thumbnails.ts";
import { twoRuns } from "../support/two_runs.ts";

/** From within the first run to within the second: the break lies between. */
const WINDOW = { fromMs: unixMs(at(0) + 4_470), toMs: unixMs(at(0) + 12_310) };

async function film(
  root: string,
  path: string,
  options: {
    readonly change: RecodeChange;
    readonly gapPolicy?: GapPolicy;
    readonly sights?: Survey["sights"];
  },
) {
  using archive = openArchive(root);
  const { change, gapPolicy = "collapse", sights } = options;
  const survey = await archive.survey({ cameraId: "front", window: WINDOW }, "video");
  return await archive.export(sights === undefined ? survey : { ...survey, sights }, {
    ...{ path, change, gapPolicy, mode: "exact", onProgress: () => {} },
    signal: new AbortController().signal,
  });
}

/** Presentation times of a film's frames, and how long it is, in seconds. */
async function timesOf(path: string): Promise<{ shown: number[]; seconds: number }> {
  const { stdout } = await runFfmpeg([
    ...["-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framecrc", "-"],
  ]);
  const [, ticks, per] = /#tb 0: (\d+)\/(\d+)/.exec(stdout)!.map(Number);
  const shown = stdout.split("\n").filter((line) => line.startsWith("0,"))
    .map((line) => Number(line.split(",")[2]) * ticks! / per!);
  const probe = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
  }).output();
  return { shown, seconds: Number(new TextDecoder().decode(probe.stdout)) };
}

function inWindow(frames: readonly LoggedFrame[]): LoggedFrame[] {
  return frames.filter(({ atMs }) => atMs >= WINDOW.fromMs && atMs < WINDOW.toMs);
}

/** When each frame begins in a film, in seconds. */
function filmTimes(frames: readonly LoggedFrame[], gapPolicy: GapPolicy): number[] {
  const first = frames[0]!;
  const second = frames.find(({ run }) => run !== first.run)!;
  const last = frames.findLast(({ run }) => run === first.run)!;
  const secondStart = gapPolicy === "keep"
    ? (second.atMs - first.atMs) / 1_000
    : (last.pts + last.duration - first.pts) / first.timescale;
  return frames.map(({ run, pts, timescale }) =>
    run === first.run ? (pts - first.pts) / timescale : secondStart + (pts - second.pts) / timescale
  );
}

for (const gapPolicy of ["collapse", "keep"] as const) {
  Deno.test(`export at 10 a second shows what was on show at each instant (${gapPolicy})`, async () => {
    await using runs = await twoRuns();
    const path = join(runs.root, "film.mp4");
    const change = { rate: parseRate("10")!, overlay: null };
    const receipt = await film(runs.root, path, { change, gapPolicy });
    const frames = inWindow(await loggedFrames(runs.root, "front"));
    const starts = filmTimes(frames, gapPolicy);
    const { shown, seconds } = await timesOf(path);
    const wantedSeconds = starts.at(-1)! + 0.04;
    ok(Math.abs(seconds - wantedSeconds) < 0.002, `${seconds} s for ${wantedSeconds} s`);
    strictEqual(shown.length, Math.ceil(wantedSeconds * 10));
    for (const [index, time] of shown.entries()) strictEqual(time, index / 10);
    strictEqual(receipt.encoded_frames, shown.length);
    strictEqual(receipt.fps, 10);
    deepStrictEqual(receipt.hidden, { frames_before_start: 0, frames_after_end: 0 });
    const source = await thumbnails(await makeClip(join(runs.root, "source.mp4"), RUN_CLIP));
    for (const [index, picture] of (await thumbnails(path)).entries()) {
      // Rounding of wall time to milliseconds may decide where a gap is kept.
      const due = starts.findLastIndex((start) => start <= index / 10 + 0.0005);
      const wanted = (frames[due]!.frameId - 1) % source.length;
      const near = source.slice(Math.max(0, wanted - 3), wanted + 4);
      strictEqual(nearest(picture, near) - Math.min(3, wanted), 0, `frame ${index}`);
    }
  });
}

/** One pixel of each frame: red, green and blue. */
async function pixelOf(path: string, x: number, y: number): Promise<Uint8Array[]> {
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-loglevel", "error", "-i", path, "-fps_mode", "passthrough"],
      ...["-vf", `format=rgb24,crop=1:1:${x}:${y}`, "-f", "rawvideo", "-"],
    ],
  }).output();
  return Array.from(
    { length: stdout.length / 3 },
    (_, index) => stdout.subarray(index * 3, index * 3 + 3),
  );
}

/** True where a colour is about "BBGGRR". */
function isAbout(found: Uint8Array, colour: string): boolean {
  const [blue, green, red] = colour.match(/../g)!.map((part) => parseInt(part, 16));
  const wanted = [red!, green!, blue!];
  return wanted.every((part, index) => Math.abs(part - found[index]!) < 60);
}

/** The whole left half: far from the edges of what the clip shows, and two pixels thick. */
const LEFT_HALF: Detection = {
  class: "person",
  score: 0.9,
  box: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 },
};

Deno.test("export with boxes draws them on the very frames in which they were seen", async () => {
  await using runs = await twoRuns();
  const frames = inWindow(await loggedFrames(runs.root, "front"));
  const ids = frames.map(({ frameId }) => frameId);
  // On the 11th and 12th frame of the film, and on its last.
  const seen = [10, 11, frames.length - 1];
  const sights = new Map(ids.map((id, index) => [id, seen.includes(index) ? [LEFT_HALF] : []]));
  const overlay = { items: ["boxes"], cameraName: "Door", timeZone: "Europe/Berlin" } as const;
  const path = join(runs.root, "it's a film, [1].mp4");
  const receipt = await film(runs.root, path, {
    change: { rate: null, overlay },
    sights: () => sights,
  });
  strictEqual(receipt.encoded_frames, frames.length);
  deepStrictEqual(receipt.overlay, ["boxes"]);
  const colour = colourOf("person");
  const edge = await pixelOf(path, 33, 50);
  strictEqual(edge.length, frames.length);
  const plain = join(runs.root, "plain.mp4");
  await film(runs.root, plain, { change: { rate: parseRate("25")!, overlay: null } });
  deepStrictEqual(
    edge.flatMap((found, index) => isAbout(found, colour) ? [index] : []),
    seen,
    "frames with the edge of the box",
  );
  const inside = await pixelOf(path, 40, 50);
  ok(inside.every((found) => !isAbout(found, colour)), "the box is hollow");
  const starts = filmTimes(frames, "collapse");
  const { shown } = await timesOf(path);
  for (const [index, time] of shown.entries()) {
    ok(Math.abs(time - starts[index]!) < 0.001, `frame ${index} at ${time} s`);
  }
});

Deno.test("export with clock and name burns in something at both edges, and nothing between", async () => {
  await using runs = await twoRuns();
  const [plain, drawn] = [join(runs.root, "plain.mp4"), join(runs.root, "drawn.mp4")];
  const rate = parseRate("5")!;
  const overlay = {
    items: ["clock", "name"],
    cameraName: "Door",
    timeZone: "Europe/Berlin",
  } as const;
  await film(runs.root, plain, { change: { rate, overlay: null } });
  await film(runs.root, drawn, { change: { rate, overlay } });
  const [before, after] = [await thumbnails(plain), await thumbnails(drawn)];
  strictEqual(after.length, before.length);
  for (const [index, picture] of after.entries()) {
    const rows = Array.from({ length: 90 }, (_, row) => {
      const part = (thumbnail: Uint8Array) => thumbnail.subarray(row * 160, row * 160 + 160);
      return part(picture).reduce(
        (sum, gray, x) => sum + Math.abs(gray - part(before[index]!)[x]!),
        0,
      );
    });
    const most = (from: number, to: number) => Math.max(...rows.slice(from, to));
    ok(most(0, 22) > most(30, 60), `frame ${index}: name ${most(0, 22)}`);
    ok(most(68, 90) > 1_500, `frame ${index}: clock ${most(68, 90)}`);
    // Encoding differs a little everywhere, where the rest differs.
    ok(2 * most(30, 60) < most(68, 90), `frame ${index}: between ${most(30, 60)}`);
  }
});
