/**
 * The pieces of one camera's timeline that were asked for, kept while they are
 * fresh: one request at a time for each piece, a few pieces at once.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { getTimeline } from "../api/calls.ts";
import { isAbort, problemText } from "../api/http.ts";
import { type Facts, factsOf } from "./facts.ts";
import { freshForMs, type Tile } from "./tiles.ts";

interface Kept {
  readonly facts: Facts;
  readonly askedMs: number;
}

/** Some hundred kilobytes at most. */
const MOST_KEPT = 200;

export class TimelineShelf {
  /** Counts up whenever there is something new to draw. */
  readonly turns = signal(0);
  /** Why the newest request failed; empty otherwise. */
  readonly problem = signal("");

  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Set<string>();
  readonly #stop = new AbortController();

  constructor(readonly cameraId: string) {}

  /** What is there of these tiles; asks for what is missing or old. */
  get(tiles: readonly Tile[], nowMs: number): readonly Facts[] {
    return tiles.flatMap((tile) => {
      const kept = this.#kept.get(tile.key);
      if (kept === undefined || nowMs - kept.askedMs > freshForMs(tile, nowMs)) {
        this.#ask(tile, nowMs);
      }
      return kept === undefined ? [] : [kept.facts];
    });
  }

  close(): void {
    this.#stop.abort();
  }

  async #ask(tile: Tile, askedMs: number): Promise<void> {
    if (this.#asked.has(tile.key) || this.#stop.signal.aborted) return;
    this.#asked.add(tile.key);
    const { fromMs, toMs, buckets } = tile;
    try {
      const question = { cameraId: this.cameraId, fromMs, toMs, buckets };
      const facts = factsOf(await getTimeline(question, this.#stop.signal));
      this.#kept.delete(tile.key);
      this.#kept.set(tile.key, { facts, askedMs });
      if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
      this.problem.value = "";
    } catch (error) {
      if (!isAbort(error)) this.problem.value = problemText(error);
    } finally {
      this.#asked.delete(tile.key);
      this.turns.value = this.turns.peek() + 1;
    }
  }
}
