/**
 * Makes a set of pictures out of recordings: chooses frames, decodes them and
 * writes them into a folder, with their annotations and their JSON objects.
 *
 * The folder gets its name when everything is in it: until then it is
 * `<name>.part`, which an error or an abort removes.
 *
 * Design: docs/design/export.md, "Frames as pictures"
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { ensureFolder, removeIfThere, syncFolder, writeFileDurably } from "../host/durable.ts";
import { framesArgs, type PictureFormat, type PictureSize } from "../media/frames_args.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { cocoOf, type CocoPicture } from "./coco.ts";
import { PictureDecoder } from "./decoded_pictures.ts";
import { type ChosenFilm, planChosenFilms } from "./frame_set_film.ts";
import { chooseFrames, type ChosenFrame, type FrameSetWish, pictureName } from "./frame_set.ts";
import { frameObjects } from "./frame_set_objects.ts";
import type { FootageIndex } from "./footage_index.ts";
import type { Gathered } from "./gather.ts";
import { readMovie } from "./read_movie.ts";
import { readSights } from "./sights.ts";

export const ANNOTATIONS_FILE = "annotations.json";
export const OBJECTS_FILE = "frames.jsonl";

export interface FrameSetOptions {
  readonly cameraId: string;
  readonly wish: FrameSetWish;
  readonly format: PictureFormat;
  /** Null leaves the camera's. */
  readonly size: PictureSize | null;
  /** Absolute path of the folder; it is made. */
  readonly out: string;
  readonly ffmpegPath: string;
  readonly version: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface FrameSet {
  readonly pictures: readonly CocoPicture[];
  /** Boxes in the annotations. */
  readonly boxes: number;
  readonly categories: readonly string[];
  /** True where `max` left frames out. */
  readonly isCut: boolean;
  /** Chosen frames that could not be decoded. */
  readonly undecodable: number;
  /** Frames that were decoded to get at them. */
  readonly decoded: number;
}

/**
 * @param gathered What there is in the window, with at least one frame.
 *
 * @throws {OperatorError} "export-failed", "export-target-exists".
 * @throws {DOMException} "AbortError" when the signal is aborted; nothing is left behind.
 */
export async function writeFrameSet(
  index: FootageIndex,
  gathered: Gathered,
  options: FrameSetOptions,
): Promise<FrameSet> {
  const { cameraId, wish, out } = options;
  const frames = gathered.plan.segments.flatMap((segment) => segment.frames);
  const sights = readSights(index, { cameraId, window: wish.window });
  const { chosen, isCut } = chooseFrames(frames, { sights }, wish);
  if (chosen.length === 0) throw nothingChosen(frames.length, { wish, looked: sights.size });
  const films = planChosenFilms(
    gathered.segments,
    new Set(chosen.map(({ frame }) => frame.frameId)),
  );
  const folder = await takeFolder(out);
  try {
    const work = { ...options, folder, sources: gathered.sources, total: chosen.length };
    const pictures = await writePictures(films, chosen, work);
    const coco = cocoOf(pictures, {
      description: `Frames of camera "${cameraId}"`,
      classes: wish.classes,
      version: options.version,
      createdMs: options.nowMs,
    });
    const objects = frameObjects(index, gathered, pictures);
    await writeFileDurably(join(folder, OBJECTS_FILE), encoded(objects.join("")));
    await writeFileDurably(join(folder, ANNOTATIONS_FILE), encoded(`${JSON.stringify(coco)}\n`));
    options.signal.throwIfAborted();
    await Deno.rename(folder, out);
    await syncFolder(dirname(out));
    return {
      pictures,
      boxes: coco.annotations.length,
      categories: coco.categories.map(({ name }) => name),
      isCut,
      undecodable: chosen.length - pictures.length,
      decoded: films.reduce((sum, film) => sum + film.decoded, 0),
    };
  } catch (error) {
    await removeIfThere(folder, "with-content");
    throw error;
  }
}

function nothingChosen(
  frames: number,
  { wish: { classes }, looked }: { readonly wish: FrameSetWish; readonly looked: number },
): OperatorError {
  return new OperatorError("no-footage", "Cannot find a frame with what was asked for", {
    found: {
      frames: String(frames),
      "frames with something seen": String(looked),
      ...(classes === null ? {} : { classes: classes.join(", ") }),
    },
    fix: [
      "leave --classes and --analysed out, or ask for another stretch of time",
      "or turn vision on for this camera: what was recorded without it was not looked at",
    ],
  });
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Makes the folder that everything is first written to. */
async function takeFolder(out: string): Promise<string> {
  await ensureFolder(dirname(out));
  const isFree = await Array.fromAsync(Deno.readDir(out)).then(
    (names) => names.length === 0,
    (error) => error instanceof Deno.errors.NotFound,
  );
  if (!isFree) throw folderTaken(out, { "something is at": out });
  const folder = `${out}.part`;
  try {
    await Deno.mkdir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw folderTaken(out, { "unfinished set at": folder });
  }
  return folder;
}

function folderTaken(out: string, found: Readonly<Record<string, string>>): OperatorError {
  return new OperatorError("export-target-exists", `Cannot write pictures to "${basename(out)}"`, {
    found,
    fix: [
      "give a folder that is empty or not there with --out",
      "or remove it, if nothing is writing to it: one that was killed leaves its part",
    ],
  });
}

interface PictureWork extends FrameSetOptions {
  readonly folder: string;
  readonly sources: readonly string[];
  readonly total: number;
}

/** Writes all pictures; gives them in the order in which they were chosen. */
async function writePictures(
  films: readonly ChosenFilm[],
  chosen: readonly ChosenFrame[],
  work: PictureWork,
): Promise<CocoPicture[]> {
  const written = new Map<number, CocoPicture>();
  const sights = new Map(chosen.map(({ frame, sight }) => [frame.frameId, sight]));
  for (const film of films) {
    const { width, height } = work.size ?? film;
    await decode(film, work, async (frame, bytes) => {
      const fileName = pictureName(frame, work.format);
      await Deno.writeFile(join(work.folder, fileName), bytes);
      const sight = sights.get(frame.frameId);
      written.set(frame.frameId, { fileName, width, height, frame, sight });
      work.onProgress(written.size, work.total);
    });
  }
  return chosen.flatMap(({ frame }) => written.get(frame.frameId) ?? []);
}

/** Decodes a film on one ffmpeg, which is fed while its pictures are written. */
async function decode(
  film: ChosenFilm,
  work: PictureWork,
  onPicture: (frame: LoggedFrame, bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<void> {
  const { signal, sources } = work;
  using decoder = new PictureDecoder({
    command: work.ffmpegPath,
    args: framesArgs(film, work),
  });
  const kill = () => decoder[Symbol.dispose]();
  signal.addEventListener("abort", kill);
  try {
    const fed = feed(film, { decoder, sources });
    // Awaited below, also when writing a picture fails first.
    fed.catch(() => {});
    for await (const { pts, bytes } of decoder.pictures()) {
      const frame = film.chosen.get(pts);
      if (frame !== undefined) await onPicture(frame, bytes);
    }
    await fed;
    const fault = await decoder.fault();
    signal.throwIfAborted();
    if (fault !== undefined) throw decodeFailed(fault);
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

async function feed(
  { movie }: ChosenFilm,
  to: { readonly decoder: PictureDecoder; readonly sources: readonly string[] },
): Promise<void> {
  for await (const bytes of readMovie(movie, to)) {
    if (!await to.decoder.feed(bytes)) return;
  }
  await to.decoder.endInput();
}

function decodeFailed(reason: string): OperatorError {
  return new OperatorError("export-failed", "Cannot decode the pictures", {
    found: { ffmpeg: reason },
    fix: [
      "check that the disk has room, and that the recording is whole: lookback verify",
      "or ask for another stretch of time",
    ],
  });
}
