/**
 * Reads a film that nobody has written: its head, then byte ranges of the
 * recordings, any part of it. With this a film is written to a file, or served
 * in byte ranges without one.
 *
 * In:  a film (media/movie.ts), the files that its ranges name, which bytes of it.
 * Out: these bytes in pieces of bounded size. One recording is open at a time.
 * Not here: writing (write_movie.ts), choosing samples (cut_plan.ts).
 *
 * Design: docs/design/export.md, "The cut"
 *
 * @module
 */

import { MalformedMedia } from "../media/boxes.ts";
import type { ByteRange, Movie } from "../media/movie.ts";

/** Bytes of one piece at most. */
export const PIECE_BYTES = 1024 * 1024;

/**
 * Bytes between two ranges that are read along and dropped: the index of a fragment,
 * which stands between its media and the media before, has some hundred. Reading
 * on costs less than a second read up to here.
 */
const HOLE_BYTES = 32 * 1024;

/** Which part of a film is read, and how. */
export interface MoviePart {
  /** Absolute paths of the files that the film's ranges name. */
  readonly sources: readonly string[];
  /** First byte of the film that is read (default: 0). */
  readonly from?: number;
  /** The byte behind the last one (default: the end). */
  readonly to?: number;
  readonly signal?: AbortSignal;
  /**
   * Gives the memory for the next piece, {@linkcode PIECE_BYTES} of it (default: new memory).
   * Who gives the same memory again must have done with the piece that lies in it.
   */
  readonly memory?: () => Uint8Array<ArrayBuffer>;
}

/**
 * The bytes of a part of a film, in order.
 *
 * @throws {RangeError} If the part is not within the film.
 * @throws {MalformedMedia} If a recording has become shorter since the film was built.
 * @throws {Deno.errors.NotFound} If it is no longer there.
 * @throws {DOMException} "AbortError" when `signal` is aborted.
 */
export async function* readMovie(
  movie: Movie,
  part: MoviePart,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { from = 0, to = movie.totalBytes, sources, signal } = part;
  if (!(from >= 0 && from <= to && to <= movie.totalBytes)) {
    throw new RangeError(`Cannot read bytes ${from} to ${to} of a film of ${movie.totalBytes}`);
  }
  const { memory = () => new Uint8Array(PIECE_BYTES) } = part;
  for (const bytes of headPieces(movie.head, from, to)) yield bytes;
  using files = new OpenSource(sources);
  for (const span of spansOf(rangesWithin(movie, from, to))) {
    signal?.throwIfAborted();
    const bytes = memory().subarray(0, span.sizeBytes);
    await files.read(span, bytes);
    signal?.throwIfAborted();
    yield bytes.subarray(0, closeHoles(span, bytes));
  }
}

/** The same as a stream, for an answer over HTTP. Cancelling it closes the recording. */
export function movieStream(
  movie: Movie,
  part: Omit<MoviePart, "memory">,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(readMovie(movie, part));
}

function* headPieces(
  head: Uint8Array,
  from: number,
  to: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const end = Math.min(to, head.length);
  for (let at = from; at < end; at += PIECE_BYTES) {
    yield head.slice(at, Math.min(end, at + PIECE_BYTES));
  }
}

/** What of a film's ranges lies in a part of the film. */
function* rangesWithin(movie: Movie, from: number, to: number): Generator<ByteRange> {
  let at = movie.head.length;
  for (const { source, offset, sizeBytes } of movie.ranges) {
    const begin = Math.max(from, at);
    const end = Math.min(to, at + sizeBytes);
    if (begin < end) yield { source, offset: offset + begin - at, sizeBytes: end - begin };
    at += sizeBytes;
    if (at >= to) return;
  }
}

/** Ranges of one recording that are read at once, with what lies between them. */
interface Span extends ByteRange {
  readonly ranges: readonly ByteRange[];
}

/** Joins ranges that lie close together, and divides those that are longer than a piece. */
function* spansOf(ranges: Iterable<ByteRange>): Generator<Span> {
  let open: ByteRange[] = [];
  for (const { source, offset, sizeBytes } of ranges) {
    for (let done = 0; done < sizeBytes;) {
      const begin = offset + done;
      const isNear = joins(open, { source, offset: begin });
      if (!isNear && open.length > 0) {
        yield spanOf(open);
        open = [];
      }
      const room = PIECE_BYTES - (begin - (open[0]?.offset ?? begin));
      const taken = Math.min(room, sizeBytes - done);
      open.push({ source, offset: begin, sizeBytes: taken });
      done += taken;
    }
  }
  if (open.length > 0) yield spanOf(open);
}

/** True when bytes from a place on can be read with ranges that are to be read. */
function joins(
  open: readonly ByteRange[],
  next: { readonly source: number; readonly offset: number },
): boolean {
  const last = open.at(-1);
  if (last === undefined || last.source !== next.source) return false;
  const hole = next.offset - (last.offset + last.sizeBytes);
  return hole >= 0 && hole <= HOLE_BYTES && next.offset - open[0]!.offset < PIECE_BYTES;
}

function spanOf(ranges: readonly ByteRange[]): Span {
  const { source, offset } = ranges[0]!;
  const last = ranges.at(-1)!;
  return { source, offset, sizeBytes: last.offset + last.sizeBytes - offset, ranges };
}

/** Moves the wanted bytes of a span to its start; returns how many they are. */
function closeHoles({ offset, ranges }: Span, bytes: Uint8Array): number {
  let filled = 0;
  for (const range of ranges) {
    const at = range.offset - offset;
    if (at !== filled) bytes.copyWithin(filled, at, at + range.sizeBytes);
    filled += range.sizeBytes;
  }
  return filled;
}

/** The recording that is being read. */
class OpenSource implements Disposable {
  readonly #paths: readonly string[];
  #open: { readonly source: number; readonly file: Deno.FsFile } | undefined;
  /** Where the file's position is. */
  #position = 0;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Fills `bytes`. */
  async read({ source, offset }: ByteRange, bytes: Uint8Array): Promise<void> {
    const file = await this.#fileOf(source);
    if (offset !== this.#position) await file.seek(offset, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.length;) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) {
        throw new MalformedMedia(`Cannot read "${this.#paths[source]}": it became shorter`);
      }
      filled += count;
    }
    this.#position = offset + bytes.length;
  }

  async #fileOf(source: number): Promise<Deno.FsFile> {
    if (this.#open?.source === source) return this.#open.file;
    this[Symbol.dispose]();
    const file = await Deno.open(this.#paths[source]!);
    this.#open = { source, file };
    this.#position = 0;
    return file;
  }

  [Symbol.dispose](): void {
    this.#open?.file.close();
    this.#open = undefined;
  }
}
