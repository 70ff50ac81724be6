/**
 * The films in `output/`, as their receipts tell of them: also those that were made
 * at a prompt or by a command.
 *
 * In:   a folder. Out: one entry for each film that has a receipt.
 * Not here: exports that the web server was asked for (web/exports.ts).
 *
 * @module
 */

import { join } from "node:path";
import * as z from "zod";
import { type UnixMs, unixMs } from "../../base/units.ts";
import { receiptPath } from "../../footage/film_name.ts";
import { RECEIPT_FORMAT } from "../../footage/receipt.ts";
import { namesIn } from "../../host/files.ts";
import { sha256OfText } from "../../host/hash.ts";
import type { TimeWindow } from "../../model/window.ts";

/** Films that are listed, the newest of them: each receipt has to be read once. */
const MOST_FILMS = 500;

/** Receipts beyond this are of films of more than a day; they are listed by nobody. In bytes. */
const LARGEST_RECEIPT = 16 * 1_048_576;

export interface MadeFilm {
  readonly id: string;
  readonly file: string;
  readonly cameraId: string;
  readonly window: TimeWindow;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly createdMs: UnixMs;
}

const instant = z.string().transform((text, context) => {
  const atMs = Date.parse(text);
  if (Number.isFinite(atMs)) return unixMs(atMs);
  context.addIssue({ code: "custom", message: "no instant" });
  return z.NEVER;
});

/** What is read of a receipt. */
const receiptSchema = z.object({
  format: z.literal(RECEIPT_FORMAT),
  camera_id: z.string(),
  asked: z.object({ start: instant, end: instant }),
  file: z.object({ size_bytes: z.number(), sha256: z.string() }),
  created: instant,
});

interface Looked {
  readonly changedMs: number;
  readonly film: MadeFilm | null;
}

/** A folder of films. Receipts never change: each is read once. */
export class MadeFilms {
  readonly #folder: string;
  /** By name of the film; null for what is no receipt. */
  #known = new Map<string, Looked>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The newest first. */
  async list(): Promise<MadeFilm[]> {
    const names = await namesIn(this.#folder);
    const there = new Set(names);
    const films = names.filter((name) => name.endsWith(".mp4") && there.has(receiptPath(name)));
    const dated = await Promise.all(films.map((name) => this.#dated(name)));
    const newest = dated.flatMap((each) => each === undefined ? [] : [each])
      .sort((one, other) => other.changedMs - one.changedMs).slice(0, MOST_FILMS);
    const known = new Map<string, Looked>();
    for (const { name, changedMs } of newest) known.set(name, await this.#look(name, changedMs));
    this.#known = known;
    return [...known.values()].flatMap(({ film }) => film === null ? [] : [film])
      .sort((one, other) => other.createdMs - one.createdMs);
  }

  async #dated(name: string): Promise<{ name: string; changedMs: number } | undefined> {
    try {
      const { mtime, size, isFile } = await Deno.lstat(join(this.#folder, receiptPath(name)));
      if (!isFile || size > LARGEST_RECEIPT) return undefined;
      return { name, changedMs: mtime?.getTime() ?? 0 };
    } catch (error) {
      // Removed this moment.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async #look(name: string, changedMs: number): Promise<Looked> {
    const before = this.#known.get(name);
    if (before?.changedMs === changedMs) return before;
    return { changedMs, film: await readFilm(this.#folder, name) };
  }
}

/** Null where a receipt can't be read, which then is somebody else's file. */
async function readFilm(folder: string, file: string): Promise<MadeFilm | null> {
  try {
    const text = await Deno.readTextFile(join(folder, receiptPath(file)));
    const { data } = receiptSchema.safeParse(JSON.parse(text));
    if (data === undefined) return null;
    return {
      id: filmId(file),
      file,
      cameraId: data.camera_id,
      window: { fromMs: data.asked.start, toMs: data.asked.end },
      sizeBytes: data.file.size_bytes,
      sha256: data.file.sha256,
      createdMs: data.created,
    };
  } catch {
    return null;
  }
}

/** Names stay on the box: what is asked for is an id. */
function filmId(file: string): string {
  return `film-${sha256OfText(file).slice(0, 16)}`;
}
