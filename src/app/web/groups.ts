/**
 * Looks up where groups of pictures lie in recording files, so that a playlist can
 * name them by byte range. A closed recording never changes: what was looked up is
 * remembered.
 *
 * In:   a batch. Out: where its init segment lies, and each group's bytes and time.
 * Media bytes are skipped, not read.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { readAt } from "../../footage/recording_index.ts";
import { childBoxes, MalformedMedia, peekBox } from "../../media/boxes.ts";
import { codecString } from "../../media/codec_string.ts";
import { parseFragment } from "../../media/fragment.ts";
import type { InitSegment } from "../../media/init_segment.ts";
import type { Batch } from "../../model/batch.ts";
import { HEAD_BYTES, readHead, type RecordingHead } from "../../upkeep/recording_head.ts";
import type { RecordedStream } from "../../web/doors.ts";
import { Turns } from "./turns.ts";

/** What a recording begins with. */
export interface Head extends RecordingHead {
  /** Length of `ftyp` and `moov`, which stand first. */
  readonly initBytes: number;
  /** Equal for equal init segments. */
  readonly initKey: string;
  /** Place of the first fragment. */
  readonly mediaOffset: number;
  readonly stream: RecordedStream;
}

/** A key frame's fragment and those that follow it up to the next one. */
export interface Group {
  readonly offset: number;
  readonly length: number;
  /** Presentation time of the first picture shown, in ticks. */
  readonly fromPts: number;
}

export interface BatchGroups {
  readonly head: Head;
  readonly groups: readonly Group[];
  /** Length of the first fragment of all: it has a key frame. */
  readonly firstBytes: number;
}

/** Groups that are remembered, of all recordings: 64 bytes each. */
const KEPT_GROUPS = 100_000;

/** Recordings of which only the head is remembered. */
const KEPT_HEADS = 1_000;

/** Bytes read where a fragment begins: its index and the header of its media. */
const AHEAD_BYTES = 2_048;

/** Longest header of a box. */
const HEADER_BYTES = 16;

export class GroupIndex {
  readonly #root: string;
  readonly #groups = new Map<string, BatchGroups>();
  #count = 0;
  readonly #heads = new Map<string, Head>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * What a run's recordings begin with: all of them the same.
   *
   * @throws {MalformedMedia} If it can't be read.
   * @throws {Deno.errors.NotFound} If the batch's recording is gone.
   */
  headOf(batch: Batch): Head {
    const key = `${batch.cameraId}/${batch.run}`;
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    using file = Deno.openSync(join(this.#root, batch.recordingPath));
    const head = headIn(file, batch);
    this.#heads.set(key, head);
    for (const oldest of this.#heads.keys()) {
      if (this.#heads.size <= KEPT_HEADS) break;
      this.#heads.delete(oldest);
    }
    return head;
  }

  /**
   * All groups of a batch.
   *
   * @throws {MalformedMedia} If its recording can't be read.
   * @throws {Deno.errors.NotFound} If it is gone.
   */
  async groupsOf(batch: Batch): Promise<BatchGroups> {
    // Ids of batches are others after a rebuild; a recording stays what it is.
    const key = `${batch.recordingPath}:${batch.seals?.recordingSha256 ?? batch.recordingBytes}`;
    const known = this.#groups.get(key);
    if (known !== undefined) {
      this.#groups.delete(key);
      this.#groups.set(key, known);
      return known;
    }
    using file = Deno.openSync(join(this.#root, batch.recordingPath));
    const head = headIn(file, batch);
    const found = { head, ...await groupsIn(file, { head, batch }) };
    this.#keep(key, found);
    return found;
  }

  #keep(key: string, found: BatchGroups): void {
    if (this.#groups.has(key)) return;
    this.#groups.set(key, found);
    this.#count += found.groups.length;
    for (const [oldest, { groups }] of this.#groups) {
      if (this.#count <= KEPT_GROUPS) break;
      this.#groups.delete(oldest);
      this.#count -= groups.length;
    }
  }
}

function headIn(file: Deno.FsFile, batch: Batch): Head {
  const bytes = readAt(file, 0, Math.min(HEAD_BYTES, batch.recordingBytes));
  const head = readHead(bytes);
  if (head === undefined) {
    throw new MalformedMedia(`Cannot read the head of "${batch.recordingPath}"`);
  }
  let offset = 0;
  let initBytes = 0;
  for (const box of childBoxes(bytes)) {
    if (box.type === "moof") break;
    offset += box.bytes.length;
    if (box.type === "moov") initBytes = offset;
    // The label is the last of the head.
    if (box.type === "uuid") break;
  }
  const initKey = createHash("sha256").update(bytes.subarray(0, initBytes)).digest("hex").slice(
    0,
    16,
  );
  return { ...head, initBytes, initKey, mediaOffset: offset, stream: streamOf(head.init) };
}

function streamOf({ video, audio }: InitSegment): RecordedStream {
  const { codec, width, height } = video;
  const codecs = [video, audio].flatMap((track) => track === undefined ? [] : [codecString(track)]);
  return { codec, codecs, width, height };
}

/** Fragments from key frame to key frame. */
async function groupsIn(
  file: Deno.FsFile,
  { head, batch }: { readonly head: Head; readonly batch: Batch },
): Promise<Pick<BatchGroups, "groups" | "firstBytes">> {
  const groups: { offset: number; length: number; fromPts: number }[] = [];
  const turns = new Turns();
  let firstBytes = 0;
  for (let offset = head.mediaOffset; offset + HEADER_BYTES < batch.recordingBytes;) {
    await turns.pass();
    const fragment = fragmentAt(file, { offset, head, batch });
    // Behind the last fragment stands the seal.
    if (fragment === undefined) break;
    const { sizeBytes, isKey, fromPts } = fragment;
    if (firstBytes === 0) firstBytes = sizeBytes;
    const last = groups.at(-1);
    if (isKey || last === undefined) groups.push({ offset, length: sizeBytes, fromPts });
    else {
      last.length += sizeBytes;
      last.fromPts = Math.min(last.fromPts, fromPts);
    }
    offset += sizeBytes;
  }
  if (groups.length === 0) {
    throw new MalformedMedia(`Cannot find pictures in "${batch.recordingPath}"`);
  }
  return { groups, firstBytes };
}

function fragmentAt(
  file: Deno.FsFile,
  place: { readonly offset: number; readonly head: Head; readonly batch: Batch },
): { readonly sizeBytes: number; readonly isKey: boolean; readonly fromPts: number } | undefined {
  const { offset, head, batch: { recordingBytes, recordingPath } } = place;
  let bytes = readAt(file, offset, Math.min(AHEAD_BYTES, recordingBytes - offset));
  const box = peekBox(bytes);
  if (box?.type !== "moof") return undefined;
  const wanted = Math.min(box.sizeBytes + HEADER_BYTES, recordingBytes - offset);
  if (wanted > HEAD_BYTES) throw new MalformedMedia(`Cannot read "moof" of ${box.sizeBytes} bytes`);
  if (wanted > bytes.length) bytes = readAt(file, offset, wanted);
  const moof = bytes.subarray(0, box.sizeBytes);
  const media = peekBox(bytes.subarray(box.sizeBytes, wanted));
  if (media?.type !== "mdat") {
    throw new MalformedMedia(`Cannot read "${recordingPath}": it ends within a fragment`);
  }
  const { video } = parseFragment(
    { type: "moof", bytes: moof, payload: moof.subarray(box.headerBytes) },
    head.init,
  );
  return {
    sizeBytes: box.sizeBytes + media.sizeBytes,
    isKey: video[0]?.isKey === true,
    fromPts: video.reduce((lowest, { pts }) => Math.min(lowest, pts), Infinity),
  };
}
