/**
 * What is seen of each camera now, gathered from the news.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { onSights } from "../api/news_stream.ts";
import { serverNowMs } from "../api/http.ts";
import type { DrawnBox } from "./boxes.ts";
import { SightShelf } from "./sight_shelf.ts";

const shelves = new Map<string, SightShelf>();

/** Cameras whose pictures are looked at: of which sights came lately. */
export const lookedAt = signal<ReadonlySet<string>>(new Set());

/** A camera in front of which nothing moves is looked at still, now and then. */
const FORGET_AFTER_MS = 30_000;

/** The page gathers from its start: a picture that begins to play has its boxes at once. */
export function startSights(): void {
  onSights((news) => {
    if (news.type !== "sight") return;
    const { camera } = news.sight;
    shelfOf(camera).add(news.sight);
    newest.set(camera, Date.now());
    if (!lookedAt.peek().has(camera)) lookedAt.value = new Set([...lookedAt.peek(), camera]);
  });
  setInterval(forget, FORGET_AFTER_MS);
}

const newest = new Map<string, number>();

function forget(): void {
  const since = Date.now() - FORGET_AFTER_MS;
  const kept = [...lookedAt.peek()].filter((camera) => (newest.get(camera) ?? 0) > since);
  if (kept.length < lookedAt.peek().size) lookedAt.value = new Set(kept);
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
