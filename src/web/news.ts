/**
 * News on their way to those who listen: each listener has a queue of its own, so
 * that a slow one loses news and nobody else notices.
 *
 * In:   news of any kind. Out: for each listener, in order, what it may know and
 *       wants to know.
 * Policy: a status replaces the one that waits. When a queue is full its oldest
 *       sight or log line goes, else its oldest; the loss is counted and told.
 * Not here: WebSocket and SSE (routes/stream.ts).
 *
 * @module
 */

import type { News } from "./doors_system.ts";
import { hasRole, maySee, type Role } from "./needs.ts";

export type NewsType = News["type"];

export const NEWS_TYPES = ["status", "event", "sight", "alert", "log", "export"] as const;

/** News that wait for one listener at most: some seconds of four busy cameras. */
const QUEUE = 256;

/** Listeners at once; each costs a queue. */
const MOST_LISTENERS = 200;

/** Of one person or token: a browser with many windows, not a flood. */
const MOST_OF_ONE = 20;

/** Who listens, and to what. */
export interface NewsWish {
  /** Counts listeners of one person or token. */
  readonly name: string;
  readonly role: Role;
  /** Cameras that may be seen. */
  readonly cameras: "all" | readonly string[];
  /** Cameras that are wanted, of those. */
  readonly onlyCameras: readonly string[] | null;
  readonly types: readonly NewsType[];
}

/** News, or how many were lost before the next one. */
export type Heard = News | { readonly type: "missed"; readonly count: number };

export class NewsListener implements Disposable {
  readonly wish: NewsWish;
  readonly #leave: () => void;
  readonly #queue: News[] = [];
  #missed = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(wish: NewsWish, leave: () => void) {
    this.wish = wish;
    this.#leave = leave;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes what the listener wants and may know. Returns how many news were lost for it. */
  offer(news: News): number {
    const theirs = partFor(this.wish, news);
    if (theirs === undefined || this.#isClosed) return 0;
    const lost = this.#makeRoom(theirs);
    this.#queue.push(theirs);
    this.#missed += lost;
    this.#wake?.();
    return lost;
  }

  /** What comes next; undefined once it is closed. One caller at a time. */
  async next(): Promise<Heard | undefined> {
    while (this.#queue.length === 0 && !this.#isClosed) {
      await new Promise<void>((wake) => this.#wake = wake);
    }
    if (this.#isClosed) return undefined;
    if (this.#missed === 0) return this.#queue.shift();
    const count = this.#missed;
    this.#missed = 0;
    return { type: "missed", count };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#leave();
    this.#wake?.();
  }

  #makeRoom(news: News): number {
    if (news.type === "status") {
      const before = this.#queue.findIndex(({ type }) => type === "status");
      if (before >= 0) this.#queue.splice(before, 1);
    }
    if (this.#queue.length < QUEUE) return 0;
    const spare = this.#queue.findIndex(({ type }) => type === "sight" || type === "log");
    this.#queue.splice(Math.max(0, spare), 1);
    return 1;
  }
}

export interface NewsCounters {
  readonly listeners: number;
  /** Since the start. */
  readonly published: number;
  readonly missed: number;
}

export class NewsHub {
  readonly #listeners = new Set<NewsListener>();
  readonly #onSightsWanted: (isWanted: boolean) => void;
  /** For those who come: how everything is, before anything changes. */
  #status: News | undefined;
  #published = 0;
  #missed = 0;
  #areSightsWanted = false;

  /** @param onSightsWanted Hears whether somebody listens to sights: there are many. */
  constructor(onSightsWanted: (isWanted: boolean) => void = () => {}) {
    this.#onSightsWanted = onSightsWanted;
  }

  get counters(): NewsCounters {
    return {
      listeners: this.#listeners.size,
      published: this.#published,
      missed: this.#missed,
    };
  }

  publish(news: News): void {
    this.#published += 1;
    if (news.type === "status") this.#status = news;
    for (const listener of this.#listeners) this.#missed += listener.offer(news);
  }

  /** Listens from now on, beginning with the newest status; undefined where too many do. */
  listen(wish: NewsWish): NewsListener | undefined {
    const others = [...this.#listeners];
    const ofOne = others.filter((each) => each.wish.name === wish.name).length;
    if (others.length >= MOST_LISTENERS || ofOne >= MOST_OF_ONE) return undefined;
    const listener = new NewsListener(wish, () => {
      this.#listeners.delete(listener);
      this.#tellSights();
    });
    this.#listeners.add(listener);
    if (this.#status !== undefined) listener.offer(this.#status);
    this.#tellSights();
    return listener;
  }

  /** Ends all listeners of a person or token, or all. */
  close(name?: string): void {
    for (const listener of [...this.#listeners]) {
      if (name === undefined || listener.wish.name === name) listener[Symbol.dispose]();
    }
  }

  #tellSights(): void {
    const areWanted = [...this.#listeners].some(({ wish }) => wish.types.includes("sight"));
    if (areWanted === this.#areSightsWanted) return;
    this.#areSightsWanted = areWanted;
    this.#onSightsWanted(areWanted);
  }
}

/** What of some news a listener gets. Cameras that it may not see are not even counted. */
export function partFor(wish: NewsWish, news: News): News | undefined {
  if (!wish.types.includes(news.type)) return undefined;
  const isSeen = (cameraId: string) =>
    maySee(wish, cameraId) && (wish.onlyCameras?.includes(cameraId) ?? true);
  switch (news.type) {
    case "status":
      return { ...news, cameras: news.cameras.filter(({ cameraId }) => isSeen(cameraId)) };
    case "event":
      return isSeen(news.event.cameraId) ? news : undefined;
    case "sight":
      return isSeen(news.cameraId) ? news : undefined;
    case "alert":
      return news.cameraId === null || isSeen(news.cameraId) ? news : undefined;
    case "log":
      return hasRole(wish, "administrator") ? news : undefined;
    case "export":
      return hasRole(wish, "operator") && isSeen(news.export.cameraId) ? news : undefined;
  }
}
