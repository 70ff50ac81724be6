/**
 * Unpacks programs that the executable carries (ffmpeg, and the files of the
 * object detector), into a folder that only this user can change. A program is
 * checked by its hash at each start, because what lies on a disk may have been
 * changed or cut off since.
 *
 * In:   where in the executable they lie (host/build_info.ts), and a folder.
 * Out:  whole programs under their names, each put in place in one step.
 * Not here: which ffmpeg is used (app/ffmpeg_choice.ts).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import type { EmbeddedProgram } from "./build_info.ts";
import { syncFolder, writeAll } from "./durable.ts";

/** Read and hashed at a time, in bytes: large enough that calls do not count. */
const CHUNK_BYTES = 1_048_576;

/** For its owner alone: another user who could write here could run code as the recorder. */
const PRIVATE_MODE = 0o700;

const GROUP_AND_OTHERS = 0o077;

export interface UnpackPlaces {
  /** The executable that carries the programs. */
  readonly executable: string;
  /** Made if it is not there. Absolute. */
  readonly folder: string;
}

/**
 * Sees to it that the folder holds each program, whole.
 *
 * Safe for several processes at a time: they take turns, and a program that
 * runs while it is replaced keeps running.
 *
 * @returns The names of those that had to be unpacked; empty when all were there.
 *
 * @throws {OperatorError} "ffmpeg-not-found" if the executable itself is damaged.
 * @throws {Deno.errors.PermissionDenied} And other errors of the file system, if the folder
 * can't be made, made private or written.
 */
export async function unpackPrograms(
  programs: readonly EmbeddedProgram[],
  places: UnpackPlaces,
): Promise<string[]> {
  await ensurePrivateFolder(places.folder);
  const missing = await missingPrograms(programs, places.folder);
  if (missing.length === 0) return [];
  using lock = await Deno.open(join(places.folder, ".lock"), { create: true, write: true });
  await lock.lock(true);
  // Whoever held the lock before may have unpacked them.
  const stillMissing = await missingPrograms(missing, places.folder);
  for (const program of stillMissing) await unpack(program, places);
  return stillMissing.map(({ name }) => name);
}

async function ensurePrivateFolder(folder: string): Promise<void> {
  // Other processes may be making the same folders; a power cut that loses one costs an unpacking.
  await Deno.mkdir(folder, { recursive: true });
  const { mode } = await Deno.stat(folder);
  if (((mode ?? 0) & GROUP_AND_OTHERS) !== 0) await Deno.chmod(folder, PRIVATE_MODE);
}

async function missingPrograms(
  programs: readonly EmbeddedProgram[],
  folder: string,
): Promise<EmbeddedProgram[]> {
  const whole = await Promise.all(programs.map((program) => isWhole(program, folder)));
  return programs.filter((_, index) => !whole[index]);
}

async function isWhole(program: EmbeddedProgram, folder: string): Promise<boolean> {
  try {
    using file = await Deno.open(join(folder, program.name));
    const { size, mode } = await file.stat();
    if (size !== program.sizeBytes || mode === null || (mode & 0o777) !== PRIVATE_MODE) {
      return false;
    }
    const hash = createHash("sha256");
    for await (const chunk of chunksOf(file, program.sizeBytes)) hash.update(chunk);
    return hash.digest("hex") === program.sha256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Bytes first, then the name: a power cut leaves the old program or the new one. */
async function unpack(
  program: EmbeddedProgram,
  { executable, folder }: UnpackPlaces,
): Promise<void> {
  const { name, offset, sha256 } = program;
  const temporary = join(folder, `${name}.part`);
  const hash = createHash("sha256");
  {
    using source = await Deno.open(executable);
    await source.seek(offset, Deno.SeekMode.Start);
    using target = await Deno.open(temporary, { create: true, write: true, truncate: true });
    for await (const chunk of contentOf(source, program)) {
      hash.update(chunk);
      await writeAll(target, chunk);
    }
    await Deno.chmod(temporary, PRIVATE_MODE);
    await target.sync();
  }
  const found = hash.digest("hex");
  if (found !== sha256) throw executableDamaged({ name, executable, found, sha256 });
  await Deno.rename(temporary, join(folder, name));
  await syncFolder(folder);
}

/** A program's bytes, unpacked. What is damaged so that it can't be unpacked ends early. */
async function* contentOf(
  source: Deno.FsFile,
  { sizeBytes, packedBytes }: EmbeddedProgram,
): AsyncGenerator<Uint8Array> {
  if (packedBytes === undefined) return yield* chunksOf(source, sizeBytes);
  // A stream keeps chunks for later; these are good only until the next one.
  const packed = ReadableStream.from(copiesOf(chunksOf(source, packedBytes)));
  try {
    yield* packed.pipeThrough(new DecompressionStream("gzip"));
  } catch (error) {
    // The hash of what came out tells that it is damaged.
    if (!(error instanceof TypeError)) throw error;
  }
}

async function* copiesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of chunks) yield chunk.slice();
}

/** The next `sizeBytes` of a file, or what there is. A chunk is good until the next one. */
async function* chunksOf(file: Deno.FsFile, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  let left = sizeBytes;
  while (left > 0) {
    const count = await file.read(buffer.subarray(0, Math.min(left, CHUNK_BYTES)));
    if (count === null) return;
    left -= count;
    yield buffer.subarray(0, count);
  }
}

function executableDamaged(
  damage: {
    readonly name: string;
    readonly executable: string;
    readonly found: string;
    readonly sha256: string;
  },
): OperatorError {
  const { name, executable, found, sha256 } = damage;
  return new OperatorError(
    "ffmpeg-not-found",
    `Cannot unpack the embedded "${name}": found SHA-256 ${found}, need ${sha256}`,
    {
      found: { executable },
      fix: [
        "copy the executable to this machine again: the file is damaged",
        'or name an installed ffmpeg as "ffmpeg: { path: ... }" in the config file',
      ],
    },
  );
}
