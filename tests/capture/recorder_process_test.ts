import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { RecorderProcess } from "../../src/capture/recorder_process.ts";
import { writeAll } from "../../src/host/durable.ts";
import type { CameraSource } from "../../src/model/camera.ts";
import { makeClip } from "../support/clips.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

const RTSP: CameraSource = { kind: "rtsp", url: "rtsp://127.0.0.1:1/" };

/** A recorder with a program in the place of ffmpeg. */
async function recorderWith(
  script: string,
  { folder, clock, source = RTSP }: {
    readonly folder: string;
    readonly clock: FakeClock;
    readonly source?: CameraSource;
  },
): Promise<RecorderProcess> {
  const ffmpegPath = join(folder, "ffmpeg");
  await Deno.writeTextFile(ffmpegPath, `#!/bin/sh\n${script}\n`);
  await Deno.chmod(ffmpegPath, 0o755);
  const handling = { video: "copy", audio: "none" } as const;
  return new RecorderProcess({ ffmpegPath, source, handling, fragmentMs: 200, clock });
}

Deno.test("RecorderProcess ends a stream that says nothing, and not for the time in which its thread stood still", async () => {
  await using folder = await tempFolder();
  const clock = new FakeClock();
  const recorder = await recorderWith("exec sleep 600", { folder: folder.path, clock });
  await clock.advance(20_000);
  clock.standStill(3_600_000);
  // The look that comes late counts one second of the hour.
  await clock.advance(8_000);
  strictEqual(clock.sleeping, 1, "it still watches");
  await clock.advance(1_000);
  deepStrictEqual(await recorder.ended, { cause: "camera-stalled", detail: "no data for 30 s" });
});

/** A recorder that gives what it is told to, when it is told to. */
class ToldRecorder implements AsyncDisposable {
  readonly recorder: RecorderProcess;
  readonly #arrivals: AsyncIterator<unknown>;
  readonly #pipe: Deno.FsFile;
  /** The init segment with the first fragment, then fragment by fragment. */
  readonly #pieces: readonly Uint8Array<ArrayBuffer>[];
  #given = 0;

  private constructor(
    recorder: RecorderProcess,
    pipe: Deno.FsFile,
    pieces: readonly Uint8Array<ArrayBuffer>[],
  ) {
    this.recorder = recorder;
    this.#arrivals = recorder.arrivals[Symbol.asyncIterator]();
    this.#pipe = pipe;
    this.#pieces = pieces;
  }

  static async start(
    folder: string,
    options: { readonly clock: FakeClock; readonly source?: CameraSource },
  ): Promise<ToldRecorder> {
    const clip = await makeClip(join(folder, "clip.mp4"), { seconds: 2 });
    const stream = await recordFile(clip, { handling: { video: "copy", audio: "none" } });
    const sizes = readStream(stream).fragments.map(({ bytes }) => bytes.length);
    const starts = sizes.map((_, index) =>
      stream.length - sizes.slice(index).reduce((sum, size) => sum + size, 0)
    );
    const pieces = starts.map((start, index) =>
      stream.slice(index === 0 ? 0 : start, starts[index + 1] ?? stream.length)
    );
    const pipe = join(folder, "pipe");
    const made = await new Deno.Command("mkfifo", { args: [pipe] }).output();
    strictEqual(made.success, true);
    // For reading as well, because that waits for nobody (fifo(7)).
    const file = await Deno.open(pipe, { read: true, write: true });
    const recorder = await recorderWith(`exec cat '${pipe}'`, { folder, ...options });
    return new ToldRecorder(recorder, file, pieces);
  }

  /** Gives the next piece; resolves once it has arrived. */
  async give(): Promise<void> {
    const isFirst = this.#given === 0;
    await writeAll(this.#pipe, this.#pieces[this.#given]!);
    this.#given += 1;
    if (isFirst) await this.#arrived();
    await this.#arrived();
  }

  async #arrived(): Promise<void> {
    const { done } = await this.#arrivals.next();
    if (done) throw new Error(`It has ended: ${JSON.stringify(await this.recorder.ended)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using _pipe = this.#pipe;
    this.recorder.abandon({ cause: "stream-ended", detail: "the test is over" });
    await this.recorder.ended;
  }
}

Deno.test("RecorderProcess ends a stream over RTSP that says nothing, whatever ffmpeg still hands out", async () => {
  await using folder = await tempFolder();
  const clock = new FakeClock();
  await using told = await ToldRecorder.start(folder.path, { clock });
  await told.give();
  await clock.advance(8_100);
  await told.give();
  await clock.advance(800);
  strictEqual(clock.sleeping, 1, "it still watches");
  await clock.advance(200);
  strictEqual(clock.sleeping, 0, "it has given up");
  deepStrictEqual(await told.recorder.ended, {
    cause: "camera-stalled",
    detail: "no data for 9 s",
  });
});

Deno.test("RecorderProcess goes on with a stream over RTSP that came back after 8 s", async () => {
  await using folder = await tempFolder();
  const clock = new FakeClock();
  await using told = await ToldRecorder.start(folder.path, { clock });
  await told.give();
  await clock.advance(8_100);
  await told.give();
  await clock.advance(600);
  await told.give();
  await clock.advance(8_000);
  strictEqual(clock.sleeping, 1, "it still watches");
});

Deno.test("RecorderProcess goes on with a stream over RTSP that began after 12 s", async () => {
  await using folder = await tempFolder();
  const clock = new FakeClock();
  await using told = await ToldRecorder.start(folder.path, { clock });
  await clock.advance(12_900);
  await told.give();
  await clock.advance(8_000);
  strictEqual(clock.sleeping, 1, "it still watches");
});

Deno.test("RecorderProcess goes on with a stream over HTTP that comes in pieces of 8 s", async () => {
  await using folder = await tempFolder();
  const clock = new FakeClock();
  const source = { kind: "http", url: "http://127.0.0.1:1/" } as const;
  await using told = await ToldRecorder.start(folder.path, { clock, source });
  for (let piece = 0; piece < 4; piece += 1) {
    await told.give();
    await clock.advance(8_000);
  }
  strictEqual(clock.sleeping, 1, "it still watches");
});
