// deno-lint-ignore-file no-console
/**
 * Shows what the built-in detector sees in a clip: decodes it as vision does, looks
 * where something moves, and counts pictures by class, with how sure it was. A
 * person compares that with the clip.
 *
 * Run as `deno run --allow-all bench/detector_quality.ts CLIP...`, at the repository's
 * top, after `./dev model`.
 *
 * @module
 */

import { systemClock } from "../src/base/clock.ts";
import { unixMs } from "../src/base/units.ts";
import { VISION_WIDTH } from "../src/media/vision_args.ts";
import { Detectors } from "../src/vision/detectors.ts";
import { ModelDetector } from "../src/vision/model_detector.ts";
import { MotionFinder } from "../src/vision/motion.ts";
import { planRegions } from "../src/vision/regions.ts";

/** As vision decodes. */
const FPS = 5;
const WIDTH = VISION_WIDTH;
const HEIGHT = 360;
const PICTURE_BYTES = WIDTH * HEIGHT * 3 / 2;

/** What an event takes (docs/design/vision.md): so many pictures, one of them as sure as this. */
const EVENT_PICTURES = 3;
const EVENT_SCORE = 0.5;

/** The highest score of each class, for the pictures in which it was seen. */
type Seen = Map<string, { readonly seconds: number; readonly score: number }[]>;

async function pictures(clip: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const { stdout, success, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-i", clip, "-vf", `fps=${FPS},scale=${WIDTH}:${HEIGHT}`],
      ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Array.from(
    { length: Math.floor(stdout.length / PICTURE_BYTES) },
    (_, index) => stdout.subarray(index * PICTURE_BYTES, (index + 1) * PICTURE_BYTES),
  );
}

async function look(clip: string): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const detector = new Detectors({ root: "", clock: systemClock }).share({ kind: "builtin" })
    .detector!;
  closing.defer(() => detector.close());
  if (detector instanceof ModelDetector) await detector.opened;
  const finder = new MotionFinder({ sensitivity: 0.5, masks: [] });
  const seen: Seen = new Map();
  const spent = { motionMs: 0, detectorMs: 0, moving: 0, regions: 0 };
  const all = await pictures(clip);
  for (const [index, yuv] of all.entries()) {
    const picture = { width: WIDTH, height: HEIGHT, yuv, atMs: unixMs(index * 1_000 / FPS) };
    const startedAt = performance.now();
    const { moving } = finder.see(picture);
    const regions = planRegions({ moving, still: [] }, picture);
    const foundAt = performance.now();
    spent.motionMs += foundAt - startedAt;
    if (regions.length === 0) continue;
    spent.moving += 1;
    spent.regions += regions.length;
    const detections = await detector.detect({ ...picture, cameraId: "clip" }, regions) ?? [];
    spent.detectorMs += performance.now() - foundAt;
    // The surest of a class comes first.
    for (const { class: name, score } of detections.toReversed()) {
      const entries = seen.get(name) ?? [];
      if (entries.at(-1)?.seconds === index / FPS) entries.pop();
      seen.set(name, [...entries, { seconds: index / FPS, score }]);
    }
  }
  report(clip, { pictures: all.length, seen, ...spent });
}

function report(
  clip: string,
  { pictures, moving, regions, motionMs, detectorMs, seen }: {
    readonly pictures: number;
    readonly moving: number;
    readonly regions: number;
    readonly motionMs: number;
    readonly detectorMs: number;
    readonly seen: Seen;
  },
): void {
  console.log(`${clip}: ${pictures} pictures, something moves in ${moving}`);
  console.log(
    `  motion ${(motionMs / pictures).toFixed(2)} ms a picture; detector ` +
      `${(detectorMs / moving).toFixed(1)} ms a moving picture, ${
        (regions / moving).toFixed(2)
      } regions`,
  );
  for (const [name, entries] of seen) {
    const scores = entries.map(({ score }) => score).toSorted((a, b) => a - b);
    const median = scores[scores.length >> 1]!;
    console.log(
      `  ${name}: ${entries.length} pictures, median ${median.toFixed(2)}, ` +
        `highest ${scores.at(-1)!.toFixed(2)}`,
    );
    for (const visit of visits(entries)) {
      const highest = Math.max(...visit.map(({ score }) => score));
      if (visit.length < EVENT_PICTURES || highest < EVENT_SCORE) continue;
      const [first, last] = [visit[0]!.seconds, visit.at(-1)!.seconds];
      console.log(
        `    ${first.toFixed(1)} to ${last.toFixed(1)} s: ${visit.length} pictures, ` +
          `highest ${highest.toFixed(2)}`,
      );
    }
  }
}

/** A pause this long ends a visit, in seconds. */
const PAUSE_S = 2;

function visits<T extends { readonly seconds: number }>(entries: readonly T[]): T[][] {
  const found: T[][] = [];
  for (const entry of entries) {
    const last = found.at(-1);
    if (last !== undefined && entry.seconds - last.at(-1)!.seconds <= PAUSE_S) last.push(entry);
    else found.push([entry]);
  }
  return found;
}

for (const clip of Deno.args) await look(clip);
