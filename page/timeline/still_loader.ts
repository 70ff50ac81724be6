/**
 * Fetches the still nearest to a time that changes faster than stills come: one
 * request at a time, the newest wish next, what was fetched lately at once.
 *
 * @module
 */

import { stillPath } from "../api/calls.ts";
import { ApiProblem, request } from "../api/http.ts";
import { stillTimeMs } from "../live/still.ts";

export interface LoadedStill {
  readonly url: string;
  /** When it was taken. */
  readonly atMs: number | undefined;
}

/** About 5 MB. */
const MOST_KEPT = 120;

/** Stills are a second apart. */
const GRID_MS = 1_000;

export class StillLoader {
  readonly #kept = new Map<number, LoadedStill | undefined>();
  #wanted: number | undefined;
  #isBusy = false;
  #isClosed = false;

  /** @param show Called with the newest still that was wanted; undefined where there is none. */
  constructor(
    private readonly cameraId: string,
    private readonly show: (still: LoadedStill | undefined) => void,
  ) {}

  want(atMs: number): void {
    // The whole second after it, so that its own still is "at or before".
    this.#wanted = Math.ceil(atMs / GRID_MS) * GRID_MS;
    if (!this.#isBusy) this.#load();
  }

  close(): void {
    this.#isClosed = true;
    for (const still of this.#kept.values()) {
      if (still !== undefined) URL.revokeObjectURL(still.url);
    }
    this.#kept.clear();
  }

  async #load(): Promise<void> {
    this.#isBusy = true;
    while (this.#wanted !== undefined && !this.#isClosed) {
      const atMs = this.#wanted;
      this.#wanted = undefined;
      if (!this.#kept.has(atMs)) this.#keep(atMs, await this.#fetch(atMs));
      if (!this.#isClosed) this.show(this.#kept.get(atMs));
    }
    this.#isBusy = false;
  }

  async #fetch(atMs: number): Promise<LoadedStill | undefined> {
    try {
      const response = await request("GET", stillPath(this.cameraId), { query: { at: atMs } });
      return { url: URL.createObjectURL(await response.blob()), atMs: stillTimeMs(response) };
    } catch (error) {
      // Before the first still, or the server is away: the preview shows the time alone.
      if (error instanceof ApiProblem) return undefined;
      throw error;
    }
  }

  #keep(atMs: number, still: LoadedStill | undefined): void {
    if (this.#isClosed) {
      if (still !== undefined) URL.revokeObjectURL(still.url);
      return;
    }
    this.#kept.set(atMs, still);
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest, old] = this.#kept.entries().next().value!;
    this.#kept.delete(oldest);
    if (old !== undefined) URL.revokeObjectURL(old.url);
  }
}
