/**
 * Sets of pictures out of real recordings with B-frames, over a restart.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { unixMs } from "../../src/base/units.ts";
import { surveyFootage } from "../../src/footage/export_job.ts";
import type { FrameSetWish } from "../../src/footage/frame_set.ts";
import { type FrameSetOptions, writeFrameSet } from "../../src/footage/frame_set_job.ts";
import { namesIn } from "../../src/host/files.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import { Reader } from "../../src/store/reader.ts";
import { makeClip, runFfmpeg } from "../support/clips.ts";
import { at } from "../support/ledger_entries.ts";
import { RUN_CLIP } from "../support/recorded_run.ts";
import { twoRuns } from "../support/two_runs.ts";

const OPTIONS: Omit<FrameSetOptions, "out" | "wish"> = {
  cameraId: "front",
  format: "png",
  size: null,
  ffmpegPath: "ffmpeg",
  version: "test",
  nowMs: 0,
  signal: new AbortController().signal,
  onProgress: () => {},
};

const WISH: FrameSetWish = {
  window: { fromMs: at(0), toMs: at(30) },
  fps: 5,
  max: null,
  classes: null,
  onlyAnalysed: false,
};

async function writeSet(
  root: string,
  out: string,
  changes: Partial<FrameSetOptions> & { readonly wish?: FrameSetWish } = {},
) {
  using index = new Reader(root);
  const wish = changes.wish ?? WISH;
  const survey = await surveyFootage(index, { cameraId: "front", window: wish.window }, {
    source: "video",
    nowMs: at(100),
    isRecording: false,
  });
  return await writeFrameSet(index, survey.gathered, { ...OPTIONS, wish, ...changes, out });
}

/** MD5 of each frame's pixels in RGB. */
async function pixels(input: readonly string[]): Promise<string[]> {
  const { stdout } = await runFfmpeg([
    ...[...input, "-fps_mode", "passthrough", "-pix_fmt", "rgb24"],
    ...["-f", "framehash", "-hash", "md5", "-"],
  ]);
  return stdout.split("\n").filter((line) => line.startsWith("0,"))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
}

/** The published format for object detection, strictly; extra fields are allowed there. */
const COCO = z.object({
  info: z.object({
    year: z.int(),
    version: z.string(),
    description: z.string(),
    contributor: z.string(),
    date_created: z.iso.datetime(),
  }),
  licenses: z.array(z.object({ id: z.int(), name: z.string(), url: z.string() })),
  images: z.array(z.object({
    id: z.int(),
    width: z.int().positive(),
    height: z.int().positive(),
    file_name: z.string(),
    license: z.int(),
    date_captured: z.iso.datetime(),
  })),
  annotations: z.array(z.object({
    id: z.int(),
    image_id: z.int(),
    category_id: z.int(),
    segmentation: z.array(z.unknown()),
    area: z.number().positive(),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    iscrowd: z.literal(0),
  })),
  categories: z.array(z.object({ id: z.int(), name: z.string(), supercategory: z.string() })),
});

/** Reads a set as COCO's own tools do: indexes by id, every reference followed. */
async function readCoco(out: string) {
  const coco = COCO.parse(JSON.parse(await Deno.readTextFile(join(out, "annotations.json"))));
  const byId = <T extends { readonly id: number }>(rows: readonly T[]) => {
    const map = new Map(rows.map((row) => [row.id, row]));
    strictEqual(map.size, rows.length, "ids are unique");
    return map;
  };
  const images = byId(coco.images);
  const categories = byId(coco.categories);
  byId(coco.annotations);
  for (const { image_id, category_id, bbox: [x, y, width, height] } of coco.annotations) {
    const image = images.get(image_id)!;
    ok(categories.has(category_id));
    ok(x >= 0 && y >= 0 && x + width <= image.width && y + height <= image.height);
  }
  return coco;
}

Deno.test("writeFrameSet() writes exactly the chosen frames, over a restart, with their boxes", async () => {
  await using runs = await twoRuns({ isSeen: true });
  const out = join(runs.root, "set");
  const source = await makeClip(join(runs.root, "source.mp4"), RUN_CLIP);
  const wanted = await pixels(["-i", source]);
  const set = await writeSet(runs.root, out);
  strictEqual(set.pictures.length, 60);
  strictEqual(set.undecodable, 0);
  const perRun = wanted.length;
  for (const { fileName, frame } of set.pictures.filter((_, index) => index % 7 === 0)) {
    const [found] = await pixels(["-i", join(out, fileName)]);
    strictEqual(found, wanted[(frame.frameId - 1) % perRun], fileName);
  }
  const coco = await readCoco(out);
  deepStrictEqual(coco.images.map(({ file_name }) => file_name), namesOf(set.pictures));
  strictEqual(coco.annotations.length, set.boxes);
  ok(set.boxes >= 50, `${set.boxes} boxes`);
  deepStrictEqual(coco.annotations[0]!.bbox, [32, 36, 16, 18]);
  const objects = (await Deno.readTextFile(join(out, "frames.jsonl"))).trim().split("\n")
    .map((line) => JSON.parse(line));
  deepStrictEqual(objects.map(({ frame_id }) => frame_id), idsOf(set.pictures));
  strictEqual(objects[0].geo_location, null);
  ok(!(await namesIn(runs.root)).some((name) => name.endsWith(".part")));
});

function namesOf(pictures: readonly { readonly fileName: string }[]): string[] {
  return pictures.map(({ fileName }) => fileName);
}

function idsOf(pictures: readonly { readonly frame: LoggedFrame }[]): number[] {
  return pictures.map(({ frame }) => frame.frameId);
}

Deno.test("writeFrameSet() decodes no more than leads to the chosen frames", async () => {
  await using runs = await twoRuns();
  // The first frame of every third group of pictures of 25.
  const wish = { ...WISH, fps: 1 / 3 };
  const set = await writeSet(runs.root, join(runs.root, "set"), { wish });
  strictEqual(set.pictures.length, 5);
  ok(set.decoded <= set.pictures.length * 8, `${set.decoded} frames decoded`);
});

Deno.test("writeFrameSet() keeps a class, writes JPEGs of the size asked for", async () => {
  await using runs = await twoRuns({ isSeen: true });
  const out = join(runs.root, "set");
  const wish = { ...WISH, classes: ["person"], max: 3 };
  const size = { width: 64, height: 36 };
  const set = await writeSet(runs.root, out, { wish, size, format: "jpg" });
  strictEqual(set.pictures.length, 3);
  const { annotations, images } = await readCoco(out);
  deepStrictEqual(annotations[0]!.bbox, [16, 18, 8, 9]);
  const path = join(out, images[0]!.file_name);
  const { stdout } = await runFfmpeg(["-i", path, "-f", "framehash", "-"]);
  ok(stdout.includes("#dimensions 0: 64x36"), stdout);
});

Deno.test("writeFrameSet() leaves nothing behind when it is aborted, and takes no folder twice", async () => {
  await using runs = await twoRuns();
  const out = join(runs.root, "set");
  const stopping = new AbortController();
  const onProgress = () => stopping.abort();
  await rejects(writeSet(runs.root, out, { signal: stopping.signal, onProgress }), {
    name: "AbortError",
  });
  const left = await namesIn(runs.root);
  ok(!left.includes("set") && !left.includes("set.part"), left.join(" "));
  const wish = { ...WISH, window: { fromMs: at(0), toMs: unixMs(at(0) + 500) } };
  await writeSet(runs.root, out, { wish });
  await rejects(writeSet(runs.root, out, { wish }), { code: "export-target-exists" });
});
