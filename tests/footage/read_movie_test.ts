import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { joined } from "../../src/base/bytes.ts";
import { movieStream, PIECE_BYTES, readMovie } from "../../src/footage/read_movie.ts";
import { writeMovie } from "../../src/footage/write_movie.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";
import type { ByteRange, Movie } from "../../src/media/movie.ts";
import { sha256OfText } from "../../src/host/hash.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Three recordings of which no two places look alike, and the film that is to be read from them. */
const SOURCE_BYTES = 3 * PIECE_BYTES;

const CONTENTS = [1, 2, 3].map((seed) => {
  const bytes = new Uint8Array(SOURCE_BYTES);
  let state = seed;
  for (let index = 0; index < bytes.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
});

async function writeSources(folder: string): Promise<string[]> {
  return await Promise.all(CONTENTS.map(async (bytes, index) => {
    const path = join(folder, `${index}.mp4`);
    await Deno.writeFile(path, bytes);
    return path;
  }));
}

function movieOf(headBytes: number, ranges: readonly ByteRange[]): Movie {
  const head = Uint8Array.from({ length: headBytes }, (_, index) => index % 251);
  const mediaBytes = ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { head, ranges, totalBytes: headBytes + mediaBytes };
}

/** The whole film, put together in the simplest way. */
function wholeOf({ head, ranges }: Movie): Uint8Array {
  return joined([
    head,
    ...ranges.map(({ source, offset, sizeBytes }) =>
      CONTENTS[source]!.subarray(offset, offset + sizeBytes)
    ),
  ]);
}

/** Mostly one behind the other with small holes, as in recordings; some far away or of another file. */
const rangesArbitrary: fc.Arbitrary<ByteRange[]> = fc.array(
  fc.record({
    source: fc.constantFrom(0, 0, 0, 1, 2),
    hole: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 900 }), fc.nat(SOURCE_BYTES)),
    sizeBytes: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.nat(2 * PIECE_BYTES)),
  }),
  { maxLength: 25 },
).map((steps) => {
  const ends = [0, 0, 0];
  return steps.map(({ source, hole, sizeBytes }) => {
    const offset = (ends[source]! + hole) % SOURCE_BYTES;
    const size = Math.max(1, Math.min(sizeBytes, SOURCE_BYTES - offset));
    ends[source] = offset + size;
    return { source, offset, sizeBytes: size };
  });
});

Deno.test("readMovie() gives the bytes of any part of any film, in pieces of bounded size", async () => {
  await using folder = await tempFolder();
  const sources = await writeSources(folder.path);
  await fc.assert(
    fc.asyncProperty(
      rangesArbitrary,
      fc.nat(300_000),
      fc.nat(),
      fc.nat(),
      async (ranges, headBytes, one, other) => {
        const movie = movieOf(headBytes, ranges);
        const places = [one, other].map((place) => place % (movie.totalBytes + 1));
        const [from, to] = [Math.min(...places), Math.max(...places)];
        const pieces = await Array.fromAsync(readMovie(movie, { sources, from, to }));
        ok(pieces.every(({ length }) => length > 0 && length <= PIECE_BYTES));
        deepStrictEqual(joined(pieces), wholeOf(movie).slice(from, to));
      },
    ),
    { numRuns: 60 },
  );
});

const RANGES = [
  { source: 0, offset: 100, sizeBytes: PIECE_BYTES + 7 },
  { source: 0, offset: PIECE_BYTES + 500, sizeBytes: 40 },
  { source: 2, offset: 0, sizeBytes: SOURCE_BYTES },
];

Deno.test("movieStream() gives the whole film, as writeMovie() writes it", async () => {
  await using folder = await tempFolder();
  const sources = await writeSources(folder.path);
  const movie = movieOf(1_000, RANGES);
  const streamed = await new Response(movieStream(movie, { sources })).bytes();
  const path = join(folder.path, "film.mp4");
  const signal = new AbortController().signal;
  await writeMovie(movie, { path, sources, signal, onProgress: () => {} });
  deepStrictEqual(streamed, wholeOf(movie));
  deepStrictEqual(await Deno.readFile(path), streamed);
});

Deno.test("movieStream() closes the recording when nobody reads on", async () => {
  await using folder = await tempFolder();
  const sources = await writeSources(folder.path);
  const reader = movieStream(movieOf(0, RANGES), { sources }).getReader();
  await reader.read();
  // A file that stays open fails the test.
  await reader.cancel();
});

Deno.test("readMovie() fails with MalformedMedia when a recording became shorter", async () => {
  await using folder = await tempFolder();
  const sources = await writeSources(folder.path);
  await Deno.truncate(sources[2]!, SOURCE_BYTES - 1);
  const movie = movieOf(10, RANGES);
  await rejects(Array.fromAsync(readMovie(movie, { sources })), MalformedMedia);
  const to = movie.totalBytes - 1;
  strictEqual(joined(await Array.fromAsync(readMovie(movie, { sources, to }))).length, to);
});

Deno.test("readMovie() refuses a part that is not within the film", async () => {
  const movie = movieOf(10, []);
  for (const [from, to] of [[0, 11], [-1, 5], [6, 5], [NaN, 5]] as const) {
    await rejects(Array.fromAsync(readMovie(movie, { sources: [], from, to })), RangeError);
  }
  deepStrictEqual(await Array.fromAsync(readMovie(movie, { sources: [], from: 10 })), []);
});

Deno.test("writeMovie() leaves nothing behind when it is cancelled, or a recording is gone", async () => {
  await using folder = await tempFolder();
  const sources = await writeSources(folder.path);
  const movie = movieOf(1_000, RANGES);
  const path = join(folder.path, "film.mp4");
  const cancelling = new AbortController();
  const onProgress = ({ writtenBytes }: { readonly writtenBytes: number }) => {
    if (writtenBytes > PIECE_BYTES) cancelling.abort();
  };
  await rejects(
    writeMovie(movie, { path, sources, signal: cancelling.signal, onProgress }),
    { name: "AbortError" },
  );
  await Deno.remove(sources[2]!);
  const { signal } = new AbortController();
  await rejects(
    writeMovie(movie, { path, sources, signal, onProgress: () => {} }),
    Deno.errors.NotFound,
  );
  const left = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  deepStrictEqual(left.sort(), ["0.mp4", "1.mp4"]);
});

Deno.test("writeMovie() gives the SHA-256 of the file", async () => {
  await using folder = await tempFolder();
  const head = new TextEncoder().encode("a film without media");
  const movie = { head, ranges: [], totalBytes: head.length };
  const path = join(folder.path, "film.mp4");
  const { signal } = new AbortController();
  const sha256 = await writeMovie(movie, { path, sources: [], signal, onProgress: () => {} });
  strictEqual(sha256, sha256OfText("a film without media"));
});
