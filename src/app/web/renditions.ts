/**
 * Recordings in other sizes, piece by piece, as players ask for them: finds the bytes of
 * a piece, has it encoded, keeps it for a while. Nothing is written.
 *
 * In:   a closed batch, the name of a size, byte ranges as playlists name them.
 * Out:  init segments and fragments ({@linkcode RecordedRendition}).
 * Not here: encoders (rendition_encoder.ts), playlists (src/web/recorded_playlist.ts).
 *
 * Design: docs/design/live.md, "The recorded ladder"
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { MalformedMedia } from "../../media/boxes.ts";
import { type RenditionSize, renditionSizeOf } from "../../media/rendition_args.ts";
import type { MadePiece } from "../../media/rendition_piece.ts";
import type { Batch } from "../../model/batch.ts";
import type { ByteBody, RecordedRendition } from "../../web/doors.ts";
import { Problem } from "../../web/problem.ts";
import type { Group, GroupIndex } from "./groups.ts";
import { MadePieces } from "./made_pieces.ts";
import { pieceAt } from "./recorded.ts";
import { encodePiece, type EncoderParts, type WantedPiece } from "./rendition_encoder.ts";

const log = logger("web");

/** The largest piece that is read, in bytes: ten seconds of 50 Mbit/s. */
const MAX_PIECE_BYTES = 64 * 1024 * 1024;

/** Init segments that are kept, of 1 kB each: one for each run and size. */
const KEPT_INITS = 500;

export interface RenditionsParts extends EncoderParts {
  /** The storage root. Absolute. */
  readonly root: string;
  readonly groups: GroupIndex;
  /** The batch whose frames go on in the one given, if that is there. */
  readonly batchBefore: (batch: Batch) => Batch | undefined;
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

type Asked = Pick<WantedPiece, "size" | "before" | "nextPts"> & { readonly range: Range };

export class Renditions {
  readonly #parts: RenditionsParts;
  readonly #pieces = new MadePieces();
  readonly #inits = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(parts: RenditionsParts) {
    this.#parts = parts;
  }

  /** Whether any is made: the settings may allow no encoder. */
  get hasAny(): boolean {
    return this.#parts.places.most > 0;
  }

  /** Undefined where none is made. Whether it can be read shows when something is asked of it. */
  of(batch: Batch, name: string): RecordedRendition | undefined {
    if (!this.hasAny) return undefined;
    return {
      cameraId: batch.cameraId,
      init: (signal) => this.#init(batch, name, signal),
      piece: (range, signal) => this.#piece(batch, { name, range }, signal),
    };
  }

  /** Ends all encoders. */
  async close(): Promise<void> {
    await this.#pieces.close();
  }

  async #piece(
    batch: Batch,
    { name, range }: { readonly name: string; readonly range: Range },
    signal: AbortSignal,
  ): Promise<ByteBody | undefined> {
    const found = await this.#groupsOf(batch);
    const size = renditionSizeOf(found.head.stream, name);
    const named = pieceAt(batch, found, range);
    if (size === undefined || named === undefined) return undefined;
    const asked: Asked = {
      ...{ size, range, nextPts: named.next?.fromPts },
      before: () => this.#before(batch, found.groups, named.first),
    };
    return bodyOf(
      await this.#pieces.get(
        pieceKey(batch, asked),
        async (giveUp) => (await this.#make(batch, asked, giveUp)).media,
        signal,
      ),
    );
  }

  /** Made of the first key frame, if no piece of the run was made before. */
  async #init(batch: Batch, name: string, signal: AbortSignal): Promise<ByteBody | undefined> {
    const { head, groups, firstBytes } = await this.#groupsOf(batch);
    const size = renditionSizeOf(head.stream, name);
    if (size === undefined) return undefined;
    const known = this.#inits.get(initKeyOf(batch, head.initKey, size));
    if (known !== undefined) return bodyOf(known);
    const asked: Asked = {
      ...{ size, range: { offset: groups[0]!.offset, length: firstBytes }, nextPts: undefined },
      before: () => Promise.resolve(undefined),
    };
    return bodyOf(
      await this.#pieces.get(
        `${pieceKey(batch, asked)}:init`,
        async (giveUp) => (await this.#make(batch, asked, giveUp)).initSegment,
        signal,
      ),
    );
  }

  async #make(
    batch: Batch,
    { size, range, before, nextPts }: Asked,
    signal: AbortSignal,
  ): Promise<MadePiece> {
    const { initBytes, initKey } = (await this.#groupsOf(batch)).head;
    const read = async () => ({
      initSegment: await this.#read(batch, { offset: 0, length: initBytes }),
      bytes: await this.#read(batch, range),
    });
    const wanted = { path: batch.recordingPath, read, size, nextPts, before };
    const made = await encodePiece(wanted, this.#parts, signal);
    this.#keepInit(initKeyOf(batch, initKey, size), made.initSegment, batch);
    return made;
  }

  #keepInit(key: string, made: Uint8Array<ArrayBuffer>, batch: Batch): void {
    const known = this.#inits.get(key);
    if (known !== undefined && !isEqual(known, made)) {
      // The camera changed its picture within a run: what is known of it does not fit this piece.
      log.warning("Cannot show {path} in another size: it changes its picture within a run", {
        path: batch.recordingPath,
      });
      throw unreadable();
    }
    this.#inits.delete(key);
    this.#inits.set(key, made);
    for (const oldest of this.#inits.keys()) {
      if (this.#inits.size <= KEPT_INITS) break;
      this.#inits.delete(oldest);
    }
  }

  async #groupsOf(batch: Batch): ReturnType<GroupIndex["groupsOf"]> {
    try {
      return await this.#parts.groups.groupsOf(batch);
    } catch (error) {
      throw problemOfReading(batch, error);
    }
  }

  /** From the key frame before a group on, as far as frames go on without a hole. */
  async #before(
    batch: Batch,
    groups: readonly Group[],
    first: number,
  ): Promise<Uint8Array | undefined> {
    const group = groups[first - 1];
    if (group !== undefined) return await this.#read(batch, group);
    const last = this.#parts.batchBefore(batch);
    if (last === undefined) return undefined;
    const lastGroup = (await this.#groupsOf(last)).groups.at(-1);
    return lastGroup === undefined ? undefined : await this.#read(last, lastGroup);
  }

  async #read(batch: Batch, range: Range): Promise<Uint8Array> {
    if (range.length > MAX_PIECE_BYTES) {
      throw new Problem(422, "piece-too-large", "This piece is too large to be encoded");
    }
    try {
      return await bytesAt(join(this.#parts.root, batch.recordingPath), range);
    } catch (error) {
      throw problemOfReading(batch, error);
    }
  }
}

/** The thread has other things to do while a slow disk reads. */
async function bytesAt(path: string, { offset, length }: Range): Promise<Uint8Array> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new MalformedMedia(`Cannot read ${length} bytes at ${offset}`);
    filled += count;
  }
  return bytes;
}

function pieceKey(batch: Batch, { size, range: { offset, length } }: Asked): string {
  // Numbers of batches are others after a rebuild; a recording stays what it is.
  const recording = batch.seals?.recordingSha256 ?? batch.recordingBytes;
  return `${batch.recordingPath}:${recording}:${size.name}:${offset}-${length}`;
}

function initKeyOf(batch: Batch, initKey: string, { name }: RenditionSize): string {
  return `${batch.cameraId}/${batch.run}/${initKey}/${name}`;
}

function problemOfReading(batch: Batch, error: unknown): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new Problem(404, "recording-unknown", "There is no such recording");
  }
  if (!(error instanceof MalformedMedia)) return error;
  log.warning("Cannot play {path}: {reason}", {
    path: batch.recordingPath,
    reason: messageOf(error),
  });
  return unreadable();
}

function unreadable(): Problem {
  return new Problem(422, "recording-unreadable", "The recording can't be decoded here");
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function bodyOf(bytes: Uint8Array<ArrayBuffer>): ByteBody {
  return {
    totalBytes: bytes.length,
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`,
    read: (from, to) => ReadableStream.from([bytes.subarray(from, to)]),
  };
}
