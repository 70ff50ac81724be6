/**
 * The page's two lines for news: one for what all parts of it show, and one for what
 * is seen in every picture, which only open pictures with boxes want.
 *
 * @module
 */

import type { News } from "./news.ts";
import { NewsLine } from "./news_line.ts";

const usual = new NewsLine();
const sights = new NewsLine("sight");

/** Whether news come in. */
export const isConnected = usual.isConnected;

/** Hears all usual news from now on. @returns Ends it. */
export function onNews(listener: (news: News) => void): () => void {
  return usual.listen(listener);
}

/** Begins to listen, and keeps at it until {@linkcode stopNews}. */
export function startNews(): void {
  usual.start();
}

/** At the end of a session. */
export function stopNews(): void {
  usual.stop();
}

/** Hears what is seen, from now on. @returns Ends it. */
export function onSights(listener: (news: News) => void): () => void {
  return sights.listen(listener);
}

let sightsWanted = 0;

/** Has sights come as long as somebody wants them. @returns Wants them no more. */
export function wantSights(): () => void {
  sightsWanted += 1;
  sights.start();
  let isWanted = true;
  return () => {
    if (!isWanted) return;
    isWanted = false;
    sightsWanted -= 1;
    if (sightsWanted === 0) sights.stop();
  };
}
