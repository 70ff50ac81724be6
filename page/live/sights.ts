/**
 * What is seen of each camera now, gathered from the news.
 *
 * @module
 */

import { onNews } from "../api/news_stream.ts";
import { serverNowMs } from "../api/http.ts";
import type { DrawnBox } from "./boxes.ts";
import { SightShelf } from "./sight_shelf.ts";

const shelves = new Map<string, SightShelf>();

/** The page gathers from its start: a picture that begins to play has its boxes at once. */
export function startSights(): void {
  onNews((news) => {
    if (news.type === "sight") shelfOf(news.sight.camera).add(news.sight);
  });
}

function shelfOf(cameraId: string): SightShelf {
  let shelf = shelves.get(cameraId);
  if (shelf === undefined) shelves.set(cameraId, shelf = new SightShelf());
  return shelf;
}

/** The boxes of a frame by its wall time, or of now where that is not known. */
export function boxesAt(cameraId: string, frameMs: number | undefined): readonly DrawnBox[] {
  const sight = shelfOf(cameraId).at(frameMs, serverNowMs());
  if (sight === undefined) return [];
  return [
    ...sight.moving.map((box) => ({ box, name: null, score: null })),
    ...sight.detections.map(({ box, class: name, score }) => ({ box, name, score })),
  ];
}
