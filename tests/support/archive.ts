/**
 * Looks into a storage root as a test does: frames out of the JSON logs, rows
 * out of the database, exports compared with the source they came from.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Archive } from "../../src/app/archive.ts";
import { unixMs } from "../../src/base/units.ts";
import type { CutMode, Receipt } from "../../src/footage/receipt.ts";
import { type LoggedFrame, parseFrameLine } from "../../src/model/frame.ts";
import type { TimeWindow } from "../../src/model/window.ts";
import { frameMd5s } from "./clips.ts";

/** Opens the footage of a root. */
export function openArchive(root: string): Archive {
  return new Archive({ root, ffmpegPath: "ffmpeg", quality: 85, version: "test" });
}

/** All frames of a camera, as its logs hold them. */
export async function loggedFrames(root: string, cameraId: string): Promise<LoggedFrame[]> {
  const lines = (await filesBelow(join(root, "data", "frames", cameraId)))
    .map((path) => Deno.readTextFileSync(path).split("\n").slice(0, -1));
  // Other lines say what was seen in frames.
  return lines.flat().map(parseFrameLine).filter((frame) => frame !== undefined);
}

/** Paths of all files below a folder, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    found.push(...(isDirectory ? await filesBelow(path) : [path]));
  }
  return found.sort();
}

/** Exports a window. */
export async function exportWindow(
  archive: Archive,
  wish: {
    readonly cameraId: string;
    readonly window: TimeWindow;
    readonly mode: CutMode;
    readonly path: string;
  },
): Promise<Receipt> {
  const { cameraId, window, mode, path } = wish;
  const survey = await archive.survey({ cameraId, window }, "video");
  return await archive.export(survey, {
    path,
    mode,
    gapPolicy: "collapse",
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

/** The same numbers for the same seed: windows "at random places" that can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/**
 * Exports ten windows at random places of a recording of `source` and compares
 * every shown frame with the source's frame of that place.
 *
 * @returns The receipts, for further claims.
 */
export async function checkTenWindows(
  archive: Archive,
  recording: {
    readonly cameraId: string;
    readonly frames: readonly LoggedFrame[];
    readonly source: string;
    readonly mode: "exact" | "strict";
    readonly folder: string;
    readonly longestMs: number;
  },
): Promise<Receipt[]> {
  const { cameraId, frames, mode, folder, longestMs } = recording;
  const sourceMd5s = await frameMd5s(recording.source);
  const random = seededRandom(20_261_121);
  const firstMs = frames[0]!.atMs;
  const spanMs = frames.at(-1)!.atMs - firstMs;
  const receipts: Receipt[] = [];
  for (let number = 0; number < 10; number += 1) {
    const lengthMs = Math.round(longestMs * (0.5 + random() / 2));
    const fromMs = unixMs(Math.round(firstMs + random() * (spanMs - lengthMs)));
    const window = { fromMs, toMs: unixMs(fromMs + lengthMs) };
    const path = join(folder, `${cameraId}-${mode}-${number}.mp4`);
    const receipt = await exportWindow(archive, { cameraId, window, mode, path });
    const wanted = frames.filter(({ atMs }) => atMs >= window.fromMs && atMs < window.toMs)
      .map(({ frameId }) => sourceMd5s[frameId - 1]!);
    await checkFrames(path, { wanted, receipt });
    receipts.push(receipt);
  }
  return receipts;
}

/** Every shown frame equals the wanted one; in strict mode those that were copied. */
async function checkFrames(
  path: string,
  expected: { readonly wanted: readonly string[]; readonly receipt: Receipt },
): Promise<void> {
  const { wanted, receipt } = expected;
  const shown = await frameMd5s(path);
  strictEqual(shown.length, wanted.length);
  strictEqual(receipt.delivered.frames, wanted.length);
  if (receipt.mode === "exact") {
    deepStrictEqual(shown, wanted);
    return;
  }
  const equal = shown.filter((md5, index) => md5 === wanted[index]).length;
  strictEqual(equal, wanted.length - receipt.encoded_frames, "copied frames that are equal");
  const all = await frameMd5s(path, { inputArgs: ["-ignore_editlist", "1"] });
  strictEqual(all.length, wanted.length, "frames for a decoder that ignores edit lists");
}
