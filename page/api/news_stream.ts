/**
 * The page's one WebSocket for news: opened again after every loss, with growing
 * waits; who listens is told of both.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { waitBeforeRetryMs } from "../base/backoff.ts";
import { API } from "./http.ts";
import { type News, readNews } from "./news.ts";

/** Whether news come in. */
export const isConnected = signal(false);

type Listener = (news: News) => void;

const listeners = new Set<Listener>();
let socket: WebSocket | undefined;
let retry: number | undefined;
let failures = 0;

/** Hears all news from now on. @returns Ends it. */
export function onNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Address of a WebSocket of this server. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** Begins to listen, and keeps at it until {@linkcode stopNews}. */
export function startNews(): void {
  if (socket !== undefined) return;
  clearTimeout(retry);
  const opened = new WebSocket(socketUrl(`${API}/stream`));
  socket = opened;
  opened.onopen = () => {
    failures = 0;
    isConnected.value = true;
  };
  opened.onmessage = ({ data }) => {
    const news = typeof data === "string" ? readNews(data) : undefined;
    if (news !== undefined) { for (const listener of [...listeners]) listener(news); }
  };
  opened.onclose = () => {
    if (socket !== opened) return;
    socket = undefined;
    isConnected.value = false;
    failures += 1;
    retry = setTimeout(startNews, waitBeforeRetryMs(failures, Math.random()));
  };
}

/** At the end of a session. */
export function stopNews(): void {
  clearTimeout(retry);
  const open = socket;
  socket = undefined;
  open?.close();
  isConnected.value = false;
  failures = 0;
}
