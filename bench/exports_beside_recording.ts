// deno-lint-ignore-file no-console
/**
 * Sixteen cameras are recorded while eight exports of an hour are asked for at once:
 * what recording loses through it, and how long each export waits and takes.
 *
 * Recording and exports have storage roots of their own on one disk: the processor and
 * the disk are shared, the database is not what is measured.
 *
 * Run as `deno run --allow-all bench/exports_beside_recording.ts` at the repository's top. It
 * takes 8 GB in the folder for temporary files (TMPDIR).
 *
 * @module
 */

import { join } from "node:path";
import { FOOTAGE_CAMERA, FOOTAGE_START_MS, GrowingArchive } from "../src/bench/archive_world.ts";
import { checkRecorded, sizesOfFrames } from "../src/bench/capacity_check.ts";
import { CLIP_FPS, makeClip, SCENE_TEXT } from "../src/bench/clip.ts";
import type { Section } from "../src/bench/figure.ts";
import { pause, startLookback } from "../src/bench/lookback_process.ts";
import {
  type LookbackCommand,
  preferredCommand,
  programText,
} from "../src/bench/start_commands.ts";
import type { MeasureOptions } from "../src/bench/options.ts";
import { sectionLines } from "../src/bench/report_text.ts";
import { isoUtc } from "../src/base/units.ts";

const CAMERAS = 16;
const EXPORTS = 8;

/** Recording alone, before the first export and after the last one, in milliseconds. */
const ALONE_MS = 5_000;

interface Outcome {
  readonly frames: number;
  readonly faults: readonly string[];
  /** Seconds of each export from asking to the finished film, in the order of finishing. */
  readonly exportSeconds: readonly number[];
  /** How many exports said that they wait. */
  readonly waited: number;
}

async function measureExportsBesideRecording(options: MeasureOptions): Promise<Section> {
  const archive = await GrowingArchive.create(options);
  const root = await Deno.makeTempDir({ dir: options.folder, prefix: "beside-" });
  try {
    options.onProgress(`${EXPORTS} exports of an hour beside ${CAMERAS} cameras`);
    const lookback = await preferredCommand();
    const { frames, faults, exportSeconds, waited } = await exportBeside({
      ...{ archive, root, lookback, ffmpegPath: options.ffmpegPath },
    });
    return {
      id: "exports-beside-recording",
      title: "Exports beside recording",
      how:
        `${CAMERAS} cameras (${SCENE_TEXT}) are recorded with stills while ${EXPORTS} exports of ` +
        "an hour, 1.8 GB each, are asked for at once; two are made at a time, at low priority. " +
        `Then every frame is compared with the source's: id, bytes, time. ${programText(lookback)}`,
      figures: [
        {
          name: "Cameras that lost a frame, or have one at a wrong time",
          unit: "cameras",
          samples: [faults.length],
          target: { text: "none", isMet: faults.length === 0 },
        },
        { name: "Frames recorded", unit: "frames", samples: [frames] },
        { name: "Export of an hour, from asking to the film", unit: "s", samples: exportSeconds },
      ],
      notes: [`${waited} of ${EXPORTS} exports waited for their turn.`, ...faults],
    };
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.remove(archive.root, { recursive: true });
  }
}

interface Beside {
  readonly archive: GrowingArchive;
  readonly root: string;
  readonly lookback: LookbackCommand;
  readonly ffmpegPath: string;
}

async function exportBeside(
  { archive, root, lookback, ffmpegPath }: Beside,
): Promise<Outcome> {
  const clip = join(root, "clip.mp4");
  await makeClip(clip, { picture: "scene", gop: CLIP_FPS, ffmpegPath });
  const recorder = await startLookback({
    root,
    cameras: Array<string>(CAMERAS).fill(`source: ${JSON.stringify(clip)}, loop: true`),
    stills: true,
    ffmpegPath,
    camerasPerWorker: 1,
    lookback,
  });
  let exports: readonly OneExport[];
  try {
    await pause(ALONE_MS);
    exports = await Promise.all(
      Array.from({ length: EXPORTS }, (_, number) => exportHour(archive, lookback, number)),
    );
    await pause(ALONE_MS);
  } finally {
    await recorder.stop();
  }
  const { cameraIds } = recorder;
  const { frames, faults } = await checkRecorded(
    { root, cameraIds },
    await sizesOfFrames(clip, ffmpegPath),
  );
  return {
    frames,
    faults,
    exportSeconds: exports.map(({ seconds }) => seconds).toSorted((one, other) => one - other),
    waited: exports.filter(({ hasWaited }) => hasWaited).length,
  };
}

interface OneExport {
  readonly seconds: number;
  readonly hasWaited: boolean;
}

/** @throws {Error} With the program's words, if it fails. */
async function exportHour(
  { root }: GrowingArchive,
  { command, args }: LookbackCommand,
  number: number,
): Promise<OneExport> {
  const out = join(root, `film-${number}.mp4`);
  const startedAt = performance.now();
  const { code, stderr } = await new Deno.Command(command, {
    args: [
      ...args,
      ...["export", "--root", root, "--camera", FOOTAGE_CAMERA, "--out", out],
      ...["--at", isoUtc(FOOTAGE_START_MS), "--duration", "1h"],
    ],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const seconds = (performance.now() - startedAt) / 1_000;
  const words = new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`An export ended with code ${code}: ${words}`);
  // Eight of them would take 15 GB.
  await Deno.remove(out);
  return { seconds, hasWaited: /^waiting /m.test(words) };
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "exports-beside-" });
  try {
    const onProgress = (line: string) => console.error(`measuring: ${line}`);
    const options = { form: "short", folder, ffmpegPath: "ffmpeg", onProgress } as const;
    const section = await measureExportsBesideRecording(options);
    console.log(sectionLines(section).join("\n"));
    const isLost = section.figures.some(({ target }) => target !== undefined && !target.isMet);
    Deno.exitCode = isLost ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
