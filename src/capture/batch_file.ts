/**
 * The recording file of one open batch: init segment, label, fragments.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { joined } from "../base/bytes.ts";
import { ensureFolder, removeIfThere, syncFolder, writeAll } from "../host/durable.ts";
import { buildLabel, LABEL_BYTES, type RecordingLabel } from "../media/recording_label.ts";

export class BatchFile {
  readonly #root: string;
  readonly #file: Deno.FsFile;
  readonly #labelOffset: number;
  #path: string;
  #sizeBytes: number;

  private constructor(
    parts: {
      root: string;
      path: string;
      file: Deno.FsFile;
      labelOffset: number;
      sizeBytes: number;
    },
  ) {
    this.#root = parts.root;
    this.#path = parts.path;
    this.#file = parts.file;
    this.#labelOffset = parts.labelOffset;
    this.#sizeBytes = parts.sizeBytes;
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
    const labelOffset = head.length - LABEL_BYTES;
    return new BatchFile({ root, path, file, labelOffset, sizeBytes: head.length });
  }

  /** Relative to the storage root. */
  get path(): string {
    return this.#path;
  }

  /** Length up to the last whole fragment. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends a fragment, its parts in one write: a write costs more than the copy. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = joined(parts);
    await writeAll(this.#file, bytes);
    this.#sizeBytes += bytes.length;
  }

  /** Writes the label again in its place, and gives the file the name that fits it. */
  async relabel(label: RecordingLabel, path: string): Promise<void> {
    await this.#file.seek(this.#labelOffset, Deno.SeekMode.Start);
    await writeAll(this.#file, buildLabel(label));
    await this.#file.seek(0, Deno.SeekMode.End);
    if (path === this.#path) return;
    await ensureFolder(dirname(join(this.#root, path)));
    const free = await freePath(this.#root, path);
    await Deno.rename(join(this.#root, this.#path), join(this.#root, free));
    this.#path = free;
  }

  /** Makes bytes and name durable and closes the file. A fragment that was cut off goes. */
  async finish(): Promise<void> {
    try {
      await this.#file.truncate(this.#sizeBytes);
      await this.#file.sync();
    } finally {
      this.#file.close();
    }
    await syncFolder(dirname(join(this.#root, this.#path)));
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
