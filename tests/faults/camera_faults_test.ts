/**
 * Cameras that fail in every way that cameras know, all at once in one process,
 * and one that does not. Each gets a line in the table of docs/reliability.md.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import type { GapCause } from "../../src/model/ledger.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import { Reader } from "../../src/store/reader.ts";
import { exportWindow, loggedFrames, openArchive } from "../support/archive.ts";
import { frameMd5s } from "../support/clips.ts";
import {
  makePiece,
  type Piece,
  PIECE_FPS,
  type PieceOptions,
  startLiveCamera,
  type Step,
} from "../support/live_camera.ts";
import { type Running, startLookback, writeConfig } from "../support/lookback.ts";
import { type RtspCamera, startRtspCamera } from "../support/rtsp_camera.ts";
import { silence, startTcpServer, type TcpServer } from "../support/tcp_server.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { isLong, noteMeasured } from "./measured.ts";

/** Long enough for a camera that falls silent at 7 s, is given up 8 s later and comes back. */
const RUN_SECONDS = isLong ? 120 : 25;

/**
 * How long all goes well at first. ffmpeg looks at MPEG-TS for 5 s before it gives
 * the first packet; a fault before that would not be one of a running recording.
 */
const GOOD_SECONDS = 7;

/** Frames of a stretch of time. */
const framesIn = (seconds: number) => seconds * PIECE_FPS;

/** All that the cameras send. */
type Pieces = Readonly<
  Record<"good" | "short" | "more" | "ahead" | "later" | "large" | "h265", Piece>
>;

/** What comes last lasts longer than the run. */
const REST = { seconds: RUN_SECONDS + 15, fromSeconds: GOOD_SECONDS } as const;

const PIECES: Readonly<Record<keyof Pieces, PieceOptions>> = {
  good: { seconds: GOOD_SECONDS },
  short: { seconds: 3 },
  more: REST,
  ahead: { ...REST, fromSeconds: GOOD_SECONDS + 5 },
  later: { ...REST, fromSeconds: GOOD_SECONDS + 3 },
  large: { ...REST, size: "320x180" },
  h265: { ...REST, codec: "h265" },
};

const NOISE = crypto.getRandomValues(new Uint8Array(60_000));

/** What a camera does wrong, and what must come of it. */
interface Fault {
  readonly id: string;
  readonly fault: string;
  /** What it does on its `number`th connection, from 1. */
  readonly steps: (pieces: Pieces, number: number) => readonly Step[];
  /** Why it is offline for a while; null where recording goes on all the time. */
  readonly cause: GapCause | null;
  /** How many frames the first run has: all that were sent until the fault. */
  readonly firstRun?: number;
  /** Longest hole between two runs, in milliseconds. */
  readonly lostAtMostMs?: number;
}

const FAULTS: readonly Fault[] = [
  {
    id: "hangs",
    fault: "a camera sends nothing more and keeps the connection (HTTP)",
    steps: ({ good, more }, number) =>
      number === 1 ? [good, { silentSeconds: "forever" }] : [good, more],
    cause: "camera-stalled",
    firstRun: framesIn(GOOD_SECONDS),
    lostAtMostMs: 15_000,
  },
  {
    id: "babbles",
    fault: "a camera sends garbage instead of video, then video",
    steps: ({ good, more }, number) => number === 1 ? [{ noise: NOISE }] : [good, more],
    cause: "stream-ended",
  },
  {
    id: "crackles",
    fault: "60 kB of garbage in the middle of a stream",
    steps: ({ good, more }) => [good, { noise: NOISE }, more],
    cause: null,
  },
  {
    id: "resized",
    fault: "a camera changes its resolution in the middle of a stream",
    steps: ({ good, large }, number) => number === 1 ? [good, large] : [large],
    cause: "stream-broken",
    firstRun: framesIn(GOOD_SECONDS),
    lostAtMostMs: 6_000,
  },
  {
    id: "recoded",
    fault: "a camera changes from H.264 to H.265 in the middle of a stream",
    steps: ({ good, h265 }, number) => number === 1 ? [good, h265] : [h265],
    cause: "stream-broken",
    lostAtMostMs: 6_000,
  },
  {
    id: "leaps",
    fault: "a camera's time stamps jump 5 s ahead",
    steps: ({ good, ahead, more }, number) => number === 1 ? [good, ahead] : [good, more],
    cause: "stream-broken",
    lostAtMostMs: 6_000,
  },
  {
    id: "repeats",
    fault: "a camera's time stamps begin again at 0",
    steps: ({ good, more }) => [good, good, more],
    cause: null,
  },
  {
    id: "flaps",
    fault: "a camera closes the connection every 3 s",
    steps: ({ short }) => [short],
    cause: "stream-ended",
    firstRun: framesIn(3),
    lostAtMostMs: 6_000,
  },
  {
    id: "pauses",
    fault: "a camera sends nothing for 3 s and goes on, its time stamps too",
    steps: ({ good, later }) => [good, { silentSeconds: 3 }, later],
    cause: null,
  },
];

/** The cameras of a test, and the settings that name them. */
class Cameras implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #yaml = "batch: { duration_seconds: 2 }\nstills: { enabled: false }\ncameras:\n";

  add<Camera extends TcpServer | RtspCamera>(id: string, camera: Camera): Camera {
    const url = "url" in camera ? camera.url : `http://${camera.host}/live`;
    this.#yaml += `  - { id: ${id}, source: "${url}" }\n`;
    return this.#stack.use(camera);
  }

  /** A camera that takes RTSP requests and answers in its own way. */
  addRtsp(id: string, talk: (conn: Deno.TcpConn) => Promise<void>): void {
    const server = this.#stack.use(startTcpServer(talk));
    this.#yaml += `  - { id: ${id}, source: "rtsp://${server.host}/x" }\n`;
  }

  get yaml(): string {
    return this.#yaml;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function makePieces(folder: string): Promise<Pieces> {
  const made = Object.entries(PIECES).map(async ([name, options]) =>
    [name, await makePiece(join(folder, `${name}.ts`), options)] as const
  );
  return Object.fromEntries(await Promise.all(made)) as Pieces;
}

/**
 * A camera that falls silent once it is recorded, and is well again for who comes anew: by
 * then that was noticed. Later, it would be a second stall.
 */
async function stallOnce(camera: RtspCamera, running: Running): Promise<void> {
  await running.shown("capture wire: Recording");
  camera.stall();
  await camera.nextPlay(RUN_SECONDS * 1_000);
  camera.resume();
}

const ALL_AT_ONCE = "run goes on with every camera, whatever one of them does";

Deno.test(ALL_AT_ONCE, (test) => failAllAtOnce(test, 1));

Deno.test(`${ALL_AT_ONCE}, all in one Worker`, (test) => failAllAtOnce(test, 64));

async function failAllAtOnce(test: Deno.TestContext, camerasPerWorker: number): Promise<void> {
  await using folder = await tempFolder();
  const root = folder.path;
  const pieces = await makePieces(root);
  await using cameras = new Cameras();
  cameras.add("steady", startLiveCamera(() => [pieces.good, pieces.more]));
  for (const { id, steps } of FAULTS) {
    cameras.add(id, startLiveCamera((number) => steps(pieces, number)));
  }
  const refusing = cameras.add("refuses", startLiveCamera(() => [pieces.good, pieces.more]));
  refusing.refuse(true);
  cameras.addRtsp("mute", silence);
  cameras.addRtsp("foreign", async (conn) => {
    await conn.write(NOISE.subarray(0, 2_000));
    await silence(conn);
  });
  const input = ["-re", "-f", "lavfi", "-i", `testsrc2=size=160x90:rate=${PIECE_FPS}`];
  const wire = cameras.add("wire", await startRtspCamera({ input }));
  const sharing = `capture: { cameras_per_worker: ${camerasPerWorker} }\n`;
  await writeConfig(root, sharing + cameras.yaml);
  await using running = startLookback(["run", "--for", `${RUN_SECONDS}s`], { cwd: root });
  const stalled = stallOnce(wire, running);
  await running.shown("capture refuses: Not recording (camera-unreachable)");
  refusing.refuse(false);
  const { code, stderr } = await running.finished;
  await stalled;
  strictEqual(code, 0, stderr);
  ok(!/Lookback failed|Uncaught|Worker failed/.test(stderr), stderr);
  using footage = new Footage(root);

  await test.step("a camera beside them loses nothing", async () => {
    const { frames, runs } = await footage.of("steady");
    strictEqual(runs.length, 1);
    strictEqual(longestHoleMs(frames), 0);
    deepStrictEqual(footage.offline("steady"), []);
  });

  for (const { id, fault, cause, firstRun, lostAtMostMs = 0 } of FAULTS) {
    await test.step(fault, async () => {
      const { frames, runs } = await footage.of(id);
      deepStrictEqual([...new Set(footage.offline(id))], cause === null ? [] : [cause]);
      deepStrictEqual(frames.map(({ frameId }) => frameId), frames.map((_, index) => index + 1));
      if (firstRun !== undefined) ok(runs[0]!.length >= firstRun, `${runs[0]!.length} frames`);
      await footage.checkPlayable(id, runs.at(-1)!);
      const lostMs = Math.max(
        0,
        ...runs.slice(1).map((run, index) => run[0]!.atMs - endOf(runs[index]!)),
      );
      ok(lostMs <= lostAtMostMs, `${id}: ${lostMs} ms were lost`);
      if (camerasPerWorker > 1) return;
      await noteMeasured({
        fault,
        lostAtMost: lostAtMostMs === 0
          ? "nothing that was video"
          : `${lostAtMostMs / 1_000} s, named ${cause}`,
        measured: `${(lostMs / 1_000).toFixed(1)} s between two of ${runs.length} runs, ` +
          `${frames.length} frames recorded`,
        test: ALL_AT_ONCE,
      });
    });
  }

  await test.step("a camera over RTSP that hangs is given up and found again", async () => {
    const { runs } = await footage.of("wire");
    strictEqual(runs.length, 2);
    deepStrictEqual(footage.offline("wire"), ["camera-stalled"]);
    const lostMs = runs[1]![0]!.atMs - endOf(runs[0]!);
    ok(lostMs > 5_000 && lostMs < 15_000, `${lostMs} ms were lost`);
  });

  await test.step("a pause of three seconds keeps its length", async () => {
    const { frames } = await footage.of("pauses");
    ok(Math.abs(longestHoleMs(frames) - 3_000) < 200, `${longestHoleMs(frames)} ms`);
  });

  await test.step("cameras that can't be reached have a cause and no frames", async () => {
    for (const id of ["mute", "foreign"]) {
      deepStrictEqual(footage.offline(id), ["camera-unreachable"]);
      strictEqual(footage.batches(id).length, 0);
    }
    deepStrictEqual(footage.offline("refuses"), ["camera-unreachable"]);
    await footage.checkPlayable("refuses", (await footage.of("refuses")).runs[0]!);
  });
}

/** Wall time at which a run's last frame ends. */
function endOf(run: readonly LoggedFrame[]): number {
  return run.at(-1)!.atMs + 1_000 / PIECE_FPS;
}

/** The longest time without a frame within runs, in milliseconds; 0 where none is longer than two frames. */
function longestHoleMs(frames: readonly LoggedFrame[]): number {
  const frameMs = 1_000 / PIECE_FPS;
  const distances = frames.slice(1).flatMap((frame, index) =>
    frame.run === frames[index]!.run ? [frame.atMs - frames[index]!.atMs - frameMs] : []
  );
  const longest = Math.max(0, ...distances);
  return longest > 2 * frameMs ? longest : 0;
}

/** What was recorded under a root. */
class Footage implements Disposable {
  readonly #root: string;
  readonly #reader: Reader;
  readonly #archive: ReturnType<typeof openArchive>;

  constructor(root: string) {
    this.#root = root;
    this.#reader = new Reader(root);
    this.#archive = openArchive(root);
  }

  async of(id: string): Promise<{ frames: LoggedFrame[]; runs: LoggedFrame[][] }> {
    const frames = await loggedFrames(this.#root, id);
    const names = [...new Set(frames.map(({ run }) => run))];
    return { frames, runs: names.map((name) => frames.filter(({ run }) => run === name)) };
  }

  batches(id: string): readonly unknown[] {
    return this.#archive.batchesSince(id, unixMs(0));
  }

  /** Causes of all times at which a camera gave no stream. */
  offline(id: string): (GapCause | null)[] {
    const always = { fromMs: unixMs(0), toMs: unixMs(Number.MAX_SAFE_INTEGER) };
    return this.#reader.eventsIn(id, always).filter(({ kind }) => kind === "offline")
      .map(({ cause }) => cause);
  }

  /** An export of a run has all of its frames, and all of them can be shown. */
  async checkPlayable(id: string, run: readonly LoggedFrame[]): Promise<void> {
    const window = { fromMs: run[0]!.atMs, toMs: unixMs(run.at(-1)!.atMs + 1) };
    const path = join(this.#root, `${id}.mp4`);
    const film = { cameraId: id, window, mode: "exact", path } as const;
    strictEqual((await exportWindow(this.#archive, film)).delivered.frames, run.length, id);
    strictEqual((await frameMd5s(path)).length, run.length, id);
  }

  [Symbol.dispose](): void {
    this.#archive[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }
}
