/**
 * All exports, kept fresh by news; asked for again every few seconds while one is
 * being made, should news be lost.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { getExports } from "../api/calls.ts";
import { isConnected, onNews } from "../api/news_stream.ts";
import type { Export } from "../api/types.ts";

/** Undefined until they were asked for. */
export const exports = signal<readonly Export[] | undefined>(undefined);

const REFRESH_MS = 5_000;

/** An export's news, or one that was just asked for, among the others: the newest first. */
export function withExport(list: readonly Export[], fresh: Export): readonly Export[] {
  const isKnown = list.some(({ id }) => id === fresh.id);
  return isKnown ? list.map((one) => one.id === fresh.id ? fresh : one) : [fresh, ...list];
}

export function isUnderWay({ state }: Export): boolean {
  return state === "waiting" || state === "running";
}

/** What an export failed of; empty where it did not. */
export function exportProblem({ error }: Export): string {
  if (error === undefined || error === null) return "";
  return typeof error === "string" ? error : error.text;
}

/** Follows them as long as something shows them. @returns Lets go. */
export function followExports(onProblem: (error: unknown) => void): () => void {
  const refresh = () =>
    getExports().then((list) => {
      exports.value = list;
    }, onProblem);
  refresh();
  const unsubscribe = onNews((news) => {
    if (news.type !== "export" || news.export === undefined) return;
    exports.value = withExport(exports.peek() ?? [], news.export);
  });
  const timer = setInterval(() => {
    if (!isConnected.peek() || exports.peek()?.some(isUnderWay)) refresh();
  }, REFRESH_MS);
  return () => {
    unsubscribe();
    clearInterval(timer);
  };
}
