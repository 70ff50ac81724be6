/**
 * The still of the second under the pointer, with the time and what is known of it.
 *
 * @module
 */

import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { serverNowMs } from "../api/http.ts";
import { eventTitle } from "../base/class_colour.ts";
import { durationText, nearText } from "../base/time_text.ts";
import { eventsAt, type FactGap, gapAt, isFault, isInMaking } from "./facts.ts";
import type { TimelineShelf } from "./shelf.ts";
import { StillLoader } from "./still_loader.ts";
import { tilesFor } from "./tiles.ts";
import { lengthMs, type TimeView } from "./view.ts";

interface PreviewProps {
  readonly shelf: TimelineShelf;
  readonly hover: Signal<{ readonly atMs: number; readonly x: number } | undefined>;
  readonly view: Signal<TimeView>;
}

/** Half the preview's width with its border: it stays within the row. */
const HALF_PX = 90;

export function Preview({ shelf, hover, view }: PreviewProps): VNode | null {
  const place = useRef<HTMLDivElement>(null);
  const loader = useRef<StillLoader | undefined>(undefined);
  const picture = useSignal<
    { readonly url: string; readonly atMs: number | undefined } | undefined
  >(
    undefined,
  );
  useEffect(() => {
    const own = new StillLoader(shelf.cameraId, (still) => picture.value = still);
    loader.current = own;
    return () => own.close();
  }, [shelf]);
  useSignalEffect(() => {
    const at = hover.value;
    if (at === undefined || at.atMs > serverNowMs()) picture.value = undefined;
    else loader.current?.want(at.atMs);
  });
  useSignalEffect(() => {
    const at = hover.value;
    const element = place.current;
    if (at === undefined || element === null) return;
    const width = element.parentElement!.clientWidth;
    element.style.left = `${Math.min(Math.max(at.x, HALF_PX), width - HALF_PX)}px`;
  });

  const notes = useComputed(() => {
    const at = hover.value;
    if (at === undefined) return [];
    const now = serverNowMs();
    const pieces = shelf.get(tilesFor(view.value, now), now);
    const gap = gapAt(pieces, at.atMs);
    const reachMs = lengthMs(view.value) / 200;
    const events = eventsAt(pieces, at.atMs, reachMs).slice(0, 3).map(eventTitle);
    return [
      ...(gap === undefined ? [] : [gapText(gap)]),
      ...new Set(events),
    ];
  });
  const at = hover.value;
  const still = picture.value;
  const isFar = still?.atMs !== undefined && at !== undefined && at.atMs - still.atMs > 15_000;
  return (
    <div ref={place} class={at === undefined ? "preview hidden" : "preview"} aria-hidden="true">
      {still !== undefined && !isFar && <img src={still.url} alt="" />}
      {at !== undefined && <strong>{nearText(at.atMs, Date.now())}</strong>}
      {notes.value.map((note) => <span key={note}>{note}</span>)}
    </div>
  );
}

function gapText(gap: FactGap): string {
  if (isInMaking(gap)) return "being recorded";
  if (!isFault(gap)) return "before the first recording";
  return `no footage: ${gap.cause}, ${durationText(gap.toMs - gap.fromMs)}`;
}
