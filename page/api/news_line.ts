/**
 * A WebSocket for news: opened again after every loss, with growing waits; who
 * listens is told of both.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { waitBeforeRetryMs } from "../base/backoff.ts";
import { apiUrl } from "./http.ts";
import { type News, readNews } from "./news.ts";

type Listener = (news: News) => void;

/** Address of a WebSocket of this server. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

export class NewsLine {
  /** Whether news come in. */
  readonly isConnected = signal(false);

  readonly #listeners = new Set<Listener>();
  #socket: WebSocket | undefined;
  #retry: number | undefined;
  #failures = 0;

  /** @param types What it is about; undefined for all that is usual. */
  constructor(private readonly types?: string) {}

  /** Hears all news from now on. @returns Ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens the line, and keeps at it until `stop`. */
  start(): void {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#retry);
    const opened = new WebSocket(socketUrl(apiUrl("/stream", { types: this.types })));
    this.#socket = opened;
    opened.onopen = () => {
      this.#failures = 0;
      this.isConnected.value = true;
    };
    opened.onmessage = ({ data }) => this.#pass(data);
    opened.onclose = () => {
      if (this.#socket === opened) this.#tryAgain();
    };
  }

  stop(): void {
    clearTimeout(this.#retry);
    const open = this.#socket;
    this.#socket = undefined;
    open?.close();
    this.isConnected.value = false;
    this.#failures = 0;
  }

  #pass(data: unknown): void {
    const news = typeof data === "string" ? readNews(data) : undefined;
    if (news === undefined) return;
    for (const listener of [...this.#listeners]) listener(news);
  }

  #tryAgain(): void {
    this.#socket = undefined;
    this.isConnected.value = false;
    this.#failures += 1;
    this.#retry = setTimeout(
      () => this.start(),
      waitBeforeRetryMs(this.#failures, Math.random()),
    );
  }
}
