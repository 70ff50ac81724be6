/**
 * Makes a film out of the JSON log and the stills it names: each frame shows
 * the still of its second. The simplest form, for players that refuse anything
 * else, and the last resort when the video is gone.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { removeIfThere, syncFolder } from "../host/durable.ts";
import { runChild } from "../host/process.ts";
import { stillsFilmArgs } from "../media/film_args.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { partPath } from "./film_name.ts";
import type { WriteProgress } from "./write_movie.ts";

export interface StillsFilm {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Frames whose still is not there; the still before it is shown on. */
  readonly framesWithoutStill: number;
}

/**
 * @param frames In order; at least one.
 *
 * @throws {OperatorError} "export-failed" if there is no still at all, or ffmpeg fails.
 */
export async function filmStills(
  frames: readonly LoggedFrame[],
  options: {
    readonly root: string;
    readonly path: string;
    readonly ffmpegPath: string;
    readonly signal: AbortSignal;
    readonly onProgress: (progress: WriteProgress) => void;
  },
): Promise<StillsFilm> {
  const temporary = partPath(options.path);
  const album = new Album(options.root, frames);
  await album.requireAny();
  try {
    const result = await runChild({
      command: options.ffmpegPath,
      args: stillsFilmArgs(temporary, frameRate(frames)),
      signal: options.signal,
      onStdin: (stdin) => feed(stdin, { ...options, album, frames }),
    });
    options.signal.throwIfAborted();
    if (result.code !== 0) throw filmFailed(result.errorTail.join("; "));
    const sha256 = await hashAndSync(temporary);
    const { size } = await Deno.stat(temporary);
    await Deno.rename(temporary, options.path);
    await syncFolder(dirname(options.path));
    return { sha256, sizeBytes: size, framesWithoutStill: album.missing };
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/**
 * Frames a second of a stretch of frames, as a fraction that ffmpeg reads: the
 * middle of all distances, so that gaps do not count.
 */
export function frameRate(frames: readonly LoggedFrame[]): string {
  const lengths = frames.map(({ duration, timescale }) => duration / timescale)
    .filter((seconds) => seconds > 0)
    .sort((one, other) => one - other);
  const middle = lengths[Math.floor(lengths.length / 2)];
  return middle === undefined ? "25" : `${Math.round(1_000_000 / middle)}/1000000`;
}

/** Reads stills, each file once for all the frames that name it. */
class Album {
  missing = 0;
  #path: string | null = null;
  #isMissing = false;
  #jpeg: Uint8Array<ArrayBuffer> | undefined;
  readonly #root: string;
  readonly #frames: readonly LoggedFrame[];

  constructor(root: string, frames: readonly LoggedFrame[]) {
    this.#root = root;
    this.#frames = frames;
  }

  /** Begins with the first still there is, so that every frame has something to show. */
  async requireAny(): Promise<void> {
    for (const path of new Set(this.#frames.map(({ imagePath }) => imagePath))) {
      this.#jpeg = path === null ? undefined : await this.#read(path);
      if (this.#jpeg !== undefined) return;
    }
    throw new OperatorError("export-failed", "Cannot make a film of stills: there are none", {
      fix: ["export the recorded video instead (without --source frames)"],
    });
  }

  /** The picture to show for a frame. */
  async pictureOf(frame: LoggedFrame): Promise<Uint8Array<ArrayBuffer>> {
    if (frame.imagePath !== this.#path || this.#path === null) {
      this.#path = frame.imagePath;
      const jpeg = frame.imagePath === null ? undefined : await this.#read(frame.imagePath);
      this.#isMissing = jpeg === undefined;
      this.#jpeg = jpeg ?? this.#jpeg;
    }
    if (this.#isMissing) this.missing += 1;
    return this.#jpeg!;
  }

  async #read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await Deno.readFile(join(this.#root, path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}

async function feed(
  stdin: WritableStream<Uint8Array<ArrayBuffer>>,
  work: {
    readonly album: Album;
    readonly frames: readonly LoggedFrame[];
    readonly signal: AbortSignal;
    readonly onProgress: (progress: WriteProgress) => void;
  },
): Promise<void> {
  const writer = stdin.getWriter();
  const { frames, album, signal } = work;
  try {
    for (const [index, frame] of frames.entries()) {
      if (signal.aborted) break;
      await writer.write(await album.pictureOf(frame));
      work.onProgress({ writtenBytes: index + 1, totalBytes: frames.length });
    }
    await writer.close();
  } catch (error) {
    // ffmpeg ended early: its exit code and words say why.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function hashAndSync(path: string): Promise<string> {
  {
    using file = await Deno.open(path, { write: true });
    await file.sync();
  }
  const hash = createHash("sha256");
  const { readable } = await Deno.open(path);
  for await (const chunk of readable) hash.update(chunk);
  return hash.digest("hex");
}

function filmFailed(reason: string): OperatorError {
  return new OperatorError("export-failed", "Cannot make the film of stills", {
    found: { ffmpeg: reason },
    fix: [
      "check that the disk has room and that ffmpeg has libx264 (ffmpeg -encoders)",
      "or export the recorded video (without --source frames)",
    ],
  });
}
