/**
 * Writes down in which hours a camera may have unfinished files, before it makes
 * the first one there.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { ensureFolder, writeFileDurably } from "../host/durable.ts";
import {
  formatOpenHours,
  nothingOpen,
  openHoursPath,
  type OpenHoursState,
  withPath,
} from "../model/open_hours.ts";

export class OpenHours {
  readonly #root: string;
  readonly #newest: () => { readonly newestFrameId: number; readonly newestRun: number };
  readonly #isAllCommitted: () => boolean;
  #state: OpenHoursState;

  /**
   * @param parts `state`: what was left of the session before. `isAllCommitted`:
   * whether every batch that was sent to the writer is in the database.
   */
  constructor(parts: {
    readonly root: string;
    readonly state: OpenHoursState;
    readonly newest: () => { readonly newestFrameId: number; readonly newestRun: number };
    readonly isAllCommitted: () => boolean;
  }) {
    this.#root = parts.root;
    this.#state = parts.state;
    this.#newest = parts.newest;
    this.#isAllCommitted = parts.isAllCommitted;
  }

  /** A file is about to be made there. Durable when it resolves; free once the path is known. */
  async note(kind: "folders" | "logs", path: string): Promise<void> {
    const before = this.#state[kind];
    if (before.at(-1) === path) return;
    const isKnown = before.includes(path);
    const paths = withPath(before, path, { isAllCommitted: this.#isAllCommitted() });
    const state = { ...this.#state, ...this.#newest(), [kind]: paths };
    if (!isKnown) await this.#write(state);
    this.#state = state;
  }

  /** Writes down again what is known: shows whether the disk takes it. */
  async write(): Promise<void> {
    await this.#write({ ...this.#state, ...this.#newest() });
  }

  /** Everything is whole and committed. */
  async clear(): Promise<void> {
    this.#state = nothingOpen(this.#state.cameraId, this.#newest());
    await this.#write(this.#state);
  }

  async #write(state: OpenHoursState): Promise<void> {
    const path = join(this.#root, openHoursPath(state.cameraId));
    await ensureFolder(dirname(path));
    await writeFileDurably(path, new TextEncoder().encode(formatOpenHours(state)));
  }
}
