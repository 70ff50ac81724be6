/**
 * Has a file's bytes go to the disk while more of them come, so that the sync at
 * the end does not wait for all of them.
 *
 * @module
 */

/** Bytes after which the disk is told to begin with what it has got. */
export const SYNC_EVERY_BYTES = 16 * 1024 * 1024;

export class EarlySync {
  readonly #file: Pick<Deno.FsFile, "syncData">;
  #askedBytes = 0;
  #running: Promise<void> | undefined;
  #fault: { readonly error: unknown } | undefined;

  /** @param file A handle of its own: operations on one handle wait for each other. */
  constructor(file: Pick<Deno.FsFile, "syncData">) {
    this.#file = file;
  }

  /**
   * Begins a sync when there is enough for one and none is running.
   *
   * @param writtenBytes Bytes of the file that have been written, or nearly.
   */
  after(writtenBytes: number): void {
    if (this.#running !== undefined || this.#fault !== undefined) return;
    if (writtenBytes - this.#askedBytes < SYNC_EVERY_BYTES) return;
    this.#askedBytes = writtenBytes;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    try {
      await this.#file.syncData();
    } catch (error) {
      this.#fault = { error };
    } finally {
      this.#running = undefined;
    }
  }

  /** Resolves when no sync is running any more, also where one has failed. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** @throws What a sync failed with. */
  requireGood(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }
}
