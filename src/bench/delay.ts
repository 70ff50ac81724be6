/**
 * How long it takes from a camera's frame to the disk: to its fragment in the
 * recording, to its line in the JSON log, to its still.
 *
 * In:  a camera of this process, which knows when each frame left it; the
 *      kernel's word on every file that Lookback writes meanwhile.
 *
 * @module
 */

import { join, relative } from "node:path";
import { frameFault } from "./capacity_check.ts";
import { lengthenClip, sceneClip } from "./clip.ts";
import { cutFlv, type FlvFilm, nowMs, startTimedCamera } from "./delay_camera.ts";
import { delayFigures, type FrameDelay, type Growth, reachedAtMs } from "./delay_moments.ts";
import { type PlacedFrame, readPlacedFrames } from "./delay_places.ts";
import type { Section } from "./figure.ts";
import { pause, startLookback } from "./lookback_process.ts";
import type { MeasureOptions } from "./options.ts";
import { type LookbackCommand, preferredCommand, programText } from "./start_commands.ts";

/** Frames before this are not looked at: ffmpeg gets to know the stream, the clock settles. */
const WARM_UP_MS = 8_000;

const WINDOW_MS = 5_000;

/** Of frames that are looked at. */
const MEASURED_MS = { short: 25_000, long: 300_000 } as const;

/** How long the last frames may take to get to the disk before the stop. */
const LAST_MS = 2_000;

const HOW = "One camera on the box sends the clip of the recording cost as FLV over HTTP, each " +
  "frame when it is due. The clock begins when the frame leaves the camera, before its first " +
  "byte is sent. It ends when the kernel reports (inotify) that the recording is long enough to " +
  "hold the frame's fragment, that the JSON log is long enough to hold its line, that its still " +
  "has its name: written and readable by others; what is synced is another matter, and happens " +
  "at the end of each batch. Fragments have 120 ms, so a frame waits for up to that long for its " +
  "fragment's end. Samples are the p50 and p99 of 5 s each. The JSON log's time is learnt from " +
  "arrivals; how far it lies from when the frame left is given too";

export async function measureDelay(options: MeasureOptions): Promise<Section> {
  const lookback = await preferredCommand();
  const folder = await Deno.makeTempDir({ dir: options.folder, prefix: "delay-" });
  try {
    options.onProgress("delay: one camera whose frames leave at known moments");
    const seconds = (WARM_UP_MS + MEASURED_MS[options.form]) / 1_000;
    const film = await makeFilm(folder, { ...options, seconds });
    const { ffmpegPath } = options;
    const seen = await record(folder, { film, seconds, ffmpegPath, lookback });
    return section(seen, lookback);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeFilm(
  into: string,
  { folder, ffmpegPath, seconds }: MeasureOptions & { readonly seconds: number },
): Promise<FlvFilm> {
  const clip = await sceneClip(folder, ffmpegPath);
  const film = join(into, "clip.flv");
  // Ends later than it is watched: a camera that goes away is not measured here.
  await lengthenClip(film, { from: clip, seconds: seconds + 60, ffmpegPath });
  return cutFlv(await Deno.readFile(film));
}

/** What was seen from outside, and what was recorded. */
interface Seen {
  readonly leftAtMs: readonly number[];
  readonly frames: readonly PlacedFrame[];
  readonly growth: ReadonlyMap<string, readonly Growth[]>;
}

async function record(
  folder: string,
  options: {
    readonly film: FlvFilm;
    readonly seconds: number;
    readonly ffmpegPath: string;
    readonly lookback: LookbackCommand;
  },
): Promise<Seen> {
  const { film, seconds, ffmpegPath, lookback: program } = options;
  const root = join(folder, "root");
  await Deno.mkdir(root);
  await using camera = startTimedCamera(film);
  using watching = watch(root);
  const lookback = await startLookback({
    root,
    cameras: [`source: ${JSON.stringify(camera.url)}`],
    stills: true,
    ffmpegPath,
    camerasPerWorker: 1,
    lookback: program,
  });
  await pause(seconds * 1_000 + LAST_MS);
  const leftAtMs = [...camera.leftAtMs];
  await lookback.stop();
  if (camera.viewers !== 1) throw new Error("Cannot measure delays: the recording was interrupted");
  const frames = await readPlacedFrames(root, lookback.cameraIds[0]!);
  const fault = frameFault(frames.map(({ logged }) => logged), film.sizes);
  if (fault !== undefined) throw new Error(`Cannot measure delays: ${fault}`);
  return { leftAtMs, frames, growth: watching.growth };
}

/** Notes how every file below a folder grows; paths are relative to it. */
function watch(root: string): Disposable & { readonly growth: ReadonlyMap<string, Growth[]> } {
  const growth = new Map<string, Growth[]>();
  const watcher = Deno.watchFs(root);
  const note = (path: string) => {
    const atMs = nowMs();
    let sizeBytes: number;
    try {
      sizeBytes = Deno.statSync(path).size;
    } catch {
      // Renamed or removed since: its new name is told of by itself.
      return;
    }
    const name = relative(root, path);
    growth.set(name, [...growth.get(name)?.slice(-GROWTH_KEPT) ?? [], { atMs, sizeBytes }]);
  };
  const reading = (async () => {
    for await (const { kind, paths } of watcher) {
      if (kind === "create" || kind === "modify" || kind === "rename") paths.forEach(note);
    }
  })();
  reading.catch(() => {});
  return { growth, [Symbol.dispose]: () => watcher.close() };
}

/** Of one file; a log grows five times a second. */
const GROWTH_KEPT = 20_000;

function section({ leftAtMs, frames, growth }: Seen, lookback: LookbackCommand): Section {
  const startMs = leftAtMs[0]! + WARM_UP_MS;
  const measured = frames.filter((_, index) => (leftAtMs[index] ?? 0) >= startMs);
  const delays = (where: (frame: PlacedFrame) => number | undefined): FrameDelay[] =>
    measured.flatMap((frame) => {
      const left = leftAtMs[frame.logged.frameId - 1]!;
      const arrived = where(frame);
      return arrived === undefined ? [] : [{ leftAtMs: left, delayMs: arrived - left }];
    });
  const reached = ({ path, endBytes }: { readonly path: string; readonly endBytes: number }) =>
    reachedAtMs(growth.get(path) ?? [], endBytes);
  const stills = delays(({ logged, isStill }) =>
    isStill ? reachedAtMs(growth.get(logged.imagePath ?? "") ?? [], 1) : undefined
  );
  const clock = delays(({ logged }) => logged.atMs);
  return {
    id: "delay",
    title: "Delay",
    how: `${HOW}. ${programText(lookback)}`,
    figures: [
      ...delayFigures(
        "Frame to its fragment",
        delays(({ fragment }) => reached(fragment)),
        WINDOW_MS,
      ),
      ...delayFigures("Frame to its JSON line", delays(({ line }) => reached(line)), WINDOW_MS),
      ...delayFigures("Frame to its still", stills, WINDOW_MS),
      ...delayFigures("JSON time minus the moment the frame left", clock, WINDOW_MS),
    ],
    notes: [`${measured.length} frames and ${stills.length} stills were looked at`],
  };
}
