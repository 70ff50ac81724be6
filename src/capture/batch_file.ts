/**
 * The recording file of one open batch: init segment, label, fragments, and at
 * the end the seal. Its SHA-256 grows with it.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { joined } from "../base/bytes.ts";
import { COLLECTED, type SharedMemory } from "../base/shared_memory.ts";
import { ensureFolder, removeIfThere, syncFile, syncFolder, writeAll } from "../host/durable.ts";
import { Sha256 } from "../host/hash.ts";
import { buildLabel, LABEL_BYTES, type RecordingLabel } from "../media/recording_label.ts";
import { buildSeal } from "../media/recording_seal.ts";

export class BatchFile {
  readonly #root: string;
  readonly #file: Deno.FsFile;
  readonly #head: Uint8Array;
  readonly #hash = new Sha256();
  /** CRC-32 of each fragment. */
  readonly #sums: number[] = [];
  /** Fragments that wait to be hashed, because the head may still change. */
  #unhashed: { readonly bytes: Uint8Array; readonly memory: SharedMemory }[] | undefined = [];
  #path: string;
  #sizeBytes: number;

  private constructor(
    parts: { root: string; path: string; file: Deno.FsFile; head: Uint8Array },
  ) {
    this.#root = parts.root;
    this.#path = parts.path;
    this.#file = parts.file;
    this.#head = parts.head;
    this.#sizeBytes = parts.head.length;
  }

  /**
   * Makes the file. Where the name is taken, because the wall clock went back, a
   * number is added to it.
   *
   * @param place `path` is relative to the root.
   */
  static async create(
    place: { readonly root: string; readonly path: string },
    content: { readonly initSegment: readonly Uint8Array[]; readonly label: RecordingLabel },
  ): Promise<BatchFile> {
    const { root } = place;
    await ensureFolder(dirname(join(root, place.path)));
    const path = await freePath(root, place.path);
    const file = await Deno.open(join(root, path), { write: true, createNew: true });
    const head = joined([...content.initSegment, buildLabel(content.label)]);
    try {
      await writeAll(file, head);
    } catch (error) {
      file.close();
      await removeIfThere(join(root, path));
      throw error;
    }
    return new BatchFile({ root, path, file, head });
  }

  /** Relative to the storage root. */
  get path(): string {
    return this.#path;
  }

  /** Length up to the last whole fragment; of a finished file, its seal included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends a fragment; its memory is held for as long as it waits to be hashed. */
  async append(bytes: Uint8Array, memory: SharedMemory = COLLECTED): Promise<void> {
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      // The next try begins where this one began.
      await this.#file.truncate(this.#sizeBytes);
      await this.#file.seek(this.#sizeBytes, Deno.SeekMode.Start);
      throw error;
    }
    this.#sizeBytes += bytes.length;
    this.#sums.push(crc32(bytes));
    if (this.#unhashed === undefined) return this.#hash.add(bytes);
    memory.hold();
    this.#unhashed.push({ bytes, memory });
  }

  /** The label is as it stays: from here on bytes are hashed as they come. */
  settle(): void {
    const waiting = this.#unhashed;
    if (waiting === undefined) return;
    this.#unhashed = undefined;
    this.#hash.add(this.#head);
    for (const { bytes, memory } of waiting) {
      this.#hash.add(bytes);
      memory.release();
    }
  }

  /** Writes the label again in its place, and gives the file the name that fits it. */
  async relabel(label: RecordingLabel, path: string): Promise<void> {
    const bytes = buildLabel(label);
    const labelOffset = this.#head.length - LABEL_BYTES;
    await this.#file.seek(labelOffset, Deno.SeekMode.Start);
    await writeAll(this.#file, bytes);
    await this.#file.seek(0, Deno.SeekMode.End);
    this.#head.set(bytes, labelOffset);
    if (path === this.#path) return;
    await ensureFolder(dirname(join(this.#root, path)));
    const free = await freePath(this.#root, path);
    await Deno.rename(join(this.#root, this.#path), join(this.#root, free));
    this.#path = free;
  }

  /**
   * Seals the file, makes bytes and name durable and closes it. A fragment that
   * was cut off goes.
   *
   * @returns SHA-256 of the whole file.
   */
  async finish(): Promise<string> {
    this.settle();
    try {
      await this.#file.truncate(this.#sizeBytes);
      await this.#seal();
      await syncFile(this.#file, join(this.#root, this.#path));
    } finally {
      this.#file.close();
    }
    await syncFolder(dirname(join(this.#root, this.#path)));
    return this.#hash.hex();
  }

  /** A full disk must not cost the batch its row: the file is whole without a seal too. */
  async #seal(): Promise<void> {
    const seal = buildSeal([crc32(this.#head), ...this.#sums]);
    await this.#file.seek(this.#sizeBytes, Deno.SeekMode.Start);
    try {
      await writeAll(this.#file, seal);
    } catch {
      return await this.#file.truncate(this.#sizeBytes);
    }
    this.#sizeBytes += seal.length;
    this.#hash.add(seal);
  }
}

async function freePath(root: string, path: string): Promise<string> {
  for (let number = 1;; number += 1) {
    const candidate = number === 1 ? path : path.replace(/\.mp4$/, `-${number}.mp4`);
    try {
      await Deno.lstat(join(root, candidate));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return candidate;
      throw error;
    }
  }
}
