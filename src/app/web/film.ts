/**
 * Films that nobody writes: exactly the footage of a window as one MP4, any part of
 * which is read from the recordings when it is asked for.
 *
 * In:   the index, a window, what to do with gaps.
 * Out:  a body with length and tag. The same question gets the same bytes, as long
 *       as the same batches answer it: nothing in a film says when it was made.
 * Not here: ranges and answers (src/web), films with a receipt (export_job.ts).
 *
 * Planning a film takes about 2 ms for each batch, so plans are kept: a player asks
 * for one film in many ranges.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { OperatorError } from "../../base/errors.ts";
import { requireOneCodec } from "../../footage/export_job.ts";
import { planCut } from "../../footage/cut_plan.ts";
import { gatherFootage } from "../../footage/gather.ts";
import { readMovie } from "../../footage/read_movie.ts";
import { type GapPolicy, toStretches } from "../../footage/stretches.ts";
import { holdFolders } from "../../host/folder_lock.ts";
import { buildMovie, type Movie } from "../../media/movie.ts";
import type { Batch } from "../../model/batch.ts";
import type { TimeWindow } from "../../model/window.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type { ByteBody } from "../../web/doors.ts";
import { turnOfOthers } from "./turns.ts";
import type { KeptIndex } from "./kept_index.ts";
import { Places } from "./places.ts";

/**
 * Frames of a film at most. While it is planned each takes 0.8 kB of memory, 80 MB in
 * all, and 10 µs; up to 65 ms of that go in one piece, and live pictures wait for it.
 */
const MOST_FRAMES = 100_000;

/** Bytes of plans that are kept. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** A range of a plan in memory, about. */
const RANGE_BYTES = 64;

/** Films that may wait to be planned; one is planned at a time. */
const MOST_WAITING = 16;

export interface FilmWish {
  readonly cameraId: string;
  readonly window: TimeWindow;
  readonly policy: GapPolicy;
}

interface Plan {
  readonly movie: Movie;
  /** Absolute paths that its ranges name. */
  readonly sources: readonly string[];
  readonly etag: string;
}

export class FilmShelf {
  readonly #index: KeptIndex;
  /** By what makes a film what it is; the one used last stands last. */
  readonly #plans = new Map<string, Promise<Plan | undefined>>();
  readonly #sizes = new Map<string, number>();
  readonly #turns = new Places(1, MOST_WAITING);

  constructor(index: KeptIndex) {
    this.#index = index;
  }

  /**
   * The film of a window; undefined where nothing of it is recorded.
   *
   * @throws {OperatorError} "export-failed" for one that is too long, or has two codecs.
   * @throws {Problem} 503 when too many wait.
   */
  async film(wish: FilmWish): Promise<ByteBody | undefined> {
    const plan = await this.#index.use((reader) => this.#planOf(reader, wish));
    return plan === undefined ? undefined : bodyOf(plan);
  }

  async #planOf(reader: TimelineReader, wish: FilmWish): Promise<Plan | undefined> {
    const batches = reader.batchesIn(wish.cameraId, wish.window);
    requireShort(batches);
    const key = keyOf(wish, batches);
    const known = this.#plans.get(key);
    if (known !== undefined) {
      this.#plans.delete(key);
      this.#plans.set(key, known);
      return await known;
    }
    // Who asked may go away: others may have asked for the same meanwhile.
    const { signal } = new AbortController();
    const made = this.#turns.take(signal, () => makePlan(reader, wish, { batches, key }));
    this.#plans.set(key, made);
    try {
      const plan = await made;
      this.#tidy(key, plan);
      return plan;
    } catch (error) {
      this.#plans.delete(key);
      throw error;
    }
  }

  /** Lets go of the plans that were not used for longest; of what is not there, at once. */
  #tidy(key: string, plan: Plan | undefined): void {
    if (plan === undefined) {
      this.#plans.delete(key);
      return;
    }
    const { head, ranges } = plan.movie;
    this.#sizes.set(key, head.length + ranges.length * RANGE_BYTES);
    let bytes = 0;
    for (const each of [...this.#plans.keys()].reverse()) {
      bytes += this.#sizes.get(each) ?? 0;
      if (bytes <= KEPT_BYTES || each === key || !this.#sizes.has(each)) continue;
      this.#plans.delete(each);
    }
    for (const each of this.#sizes.keys()) if (!this.#plans.has(each)) this.#sizes.delete(each);
  }
}

function requireShort(batches: readonly Batch[]): void {
  const frames = batches.reduce((sum, { frameCount }) => sum + frameCount, 0);
  if (frames <= MOST_FRAMES) return;
  throw new OperatorError("export-failed", `Cannot show ${frames} frames as one film`, {
    found: { limit: `${MOST_FRAMES} frames, 1 hour and 6 minutes at 25 a second` },
    fix: ["ask for less time at once", "or export it: an export may be longer"],
  });
}

/** Says which bytes a film is made of: recordings never change once they are closed. */
function keyOf({ cameraId, window, policy }: FilmWish, batches: readonly Batch[]): string {
  const hash = createHash("sha256");
  hash.update(`${cameraId}\n${window.fromMs}\n${window.toMs}\n${policy}\n`);
  for (const { recordingPath, recordingBytes, shiftMs, seals } of batches) {
    hash.update(`${recordingPath} ${recordingBytes} ${shiftMs} ${seals?.recordingSha256 ?? ""}\n`);
  }
  return hash.digest("base64url");
}

async function makePlan(
  reader: TimelineReader,
  { cameraId, window, policy }: FilmWish,
  { batches, key }: { readonly batches: readonly Batch[]; readonly key: string },
): Promise<Plan | undefined> {
  const paths = batches.map(({ recordingPath }) => join(reader.root, recordingPath));
  // Held while they are looked into, so that what is planned is there.
  using _hold = await holdFolders(foldersOf(paths));
  const gathered = await gatherFootage(reader, { cameraId, window, source: "video", batches });
  await turnOfOthers();
  const stretches = toStretches(gathered.segments, policy);
  const [first] = stretches;
  if (first === undefined) return undefined;
  requireOneCodec(stretches);
  await turnOfOthers();
  const { tracks, chunks } = planCut(stretches);
  await turnOfOthers();
  // As the export has it: the time of the first frame, not that of the question.
  const movie = buildMovie({ tracks, chunks, createdMs: first.frames[0]!.atMs });
  const made = { movie, sources: gathered.sources };
  return { ...made, etag: etagOf(made, key) };
}

/** A tag that other bytes do not have: of the head, and of where everything behind it comes from. */
function etagOf({ movie: { head, ranges }, sources }: Omit<Plan, "etag">, key: string): string {
  const hash = createHash("sha256").update(head).update(`${key}\n${sources.join("\n")}\n`);
  for (const { source, offset, sizeBytes } of ranges) {
    hash.update(`${source} ${offset} ${sizeBytes}\n`);
  }
  return `"${hash.digest("base64url").slice(0, 27)}"`;
}

function bodyOf({ movie, sources, etag }: Plan): ByteBody {
  return {
    totalBytes: movie.totalBytes,
    etag,
    read: (from, to, signal) => ReadableStream.from(readHeld(movie, { sources, from, to, signal })),
  };
}

/** Reads while the recordings are kept from deletion. */
async function* readHeld(
  movie: Movie,
  part: Parameters<typeof readMovie>[1],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using _hold = await holdFolders(foldersOf(part.sources));
  yield* readMovie(movie, part);
}

function foldersOf(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => dirname(path)))];
}
