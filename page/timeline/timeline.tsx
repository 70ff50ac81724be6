/**
 * The timeline of one camera: a large row that zooms and scrubs, with a still under
 * the pointer, and below it a row for each of the last days.
 *
 * @module
 */

import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { nowMs } from "../app/state.ts";
import { themeTurns } from "../app/theme.ts";
import { serverNowMs } from "../api/http.ts";
import { dayText, durationText, instantText } from "../base/time_text.ts";
import { readColours } from "./colours.ts";
import { drawRow } from "./draw.ts";
import { isRecorded } from "./facts.ts";
import { followGestures } from "./gestures.ts";
import type { Marks } from "./marks.ts";
import { Preview } from "./preview.tsx";
import type { TimelineShelf } from "./shelf.ts";
import { dayTile, tilesFor } from "./tiles.ts";
import { centred, lastDays, lengthMs, timeAt, type TimeView, zoomed } from "./view.ts";

export interface TimelineProps {
  readonly shelf: TimelineShelf;
  readonly view: Signal<TimeView>;
  /** The instant on show. */
  readonly playheadMs: Signal<number | undefined>;
  readonly marks: Signal<Marks>;
  readonly onSeek: (atMs: number, phase: "scrub" | "done") => void;
}

/** Rows of days. */
const DAYS = 7;

export function Timeline(props: TimelineProps): VNode {
  return (
    <section class="timeline" aria-label="Timeline">
      <LargeRow {...props} />
      <DayRows {...props} />
    </section>
  );
}

function LargeRow({ shelf, view, playheadMs, marks, onSeek }: TimelineProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const row = useRef<HTMLDivElement>(null);
  const hover = useSignal<{ readonly atMs: number; readonly x: number } | undefined>(undefined);
  const size = useSize(row);

  useSignalEffect(() => {
    // Read for what they trigger.
    void [shelf.turns.value, themeTurns.value, size.value, nowMs.value];
    const now = serverNowMs();
    drawRow(canvas.current!, {
      view: view.value,
      pieces: shelf.get(tilesFor(view.value, now), now),
      nowMs: now,
      playheadMs: playheadMs.value,
      hoverMs: hover.value?.atMs,
      marks: marks.value,
      framed: undefined,
      isLarge: true,
      colours: readColours(row.current!),
    });
  });

  useEffect(() =>
    followGestures(row.current!, {
      view: () => view.peek(),
      setView: (fresh) => view.value = fresh,
      hover: (atMs, x) => hover.value = atMs === undefined ? undefined : { atMs, x },
      seek: (atMs, phase) => onSeek(Math.min(atMs, serverNowMs()), phase),
      mark: (inMs, outMs) => marks.value = { inMs: Math.round(inMs), outMs: Math.round(outMs) },
    }), [shelf]);

  return (
    <div class="timeline-large">
      <ScaleButtons view={view} playheadMs={playheadMs} />
      <SliderRow rowRef={row} shelf={shelf} view={view} playheadMs={playheadMs}>
        <canvas ref={canvas} aria-hidden="true" />
        <Preview shelf={shelf} hover={hover} view={view} />
      </SliderRow>
      <p class="problem" role="status">{shelf.problem}</p>
    </div>
  );
}

interface SliderRowProps {
  readonly rowRef: { current: HTMLDivElement | null };
  readonly shelf: TimelineShelf;
  readonly view: Signal<TimeView>;
  readonly playheadMs: Signal<number | undefined>;
  readonly children: VNode[];
}

/** For screen readers the row is a slider over the time on show; the page's keys move it. */
function SliderRow({ rowRef, shelf, view, playheadMs, children }: SliderRowProps): VNode {
  // Every frame moves the playhead; what is read out need not follow that closely.
  const seconds = useComputed(() => Math.floor((playheadMs.value ?? serverNowMs()) / 1000));
  const text = useComputed(() => {
    const atMs = seconds.value * 1000;
    const pieces = shelf.get(tilesFor(view.peek(), atMs), atMs);
    return `${instantText(atMs)}${
      isRecorded(pieces, atMs) || playheadMs.peek() === undefined ? "" : ", nothing recorded"
    }`;
  });
  return (
    <div
      ref={rowRef}
      class="row-large"
      role="slider"
      tabIndex={0}
      aria-label="Time on show"
      aria-orientation="horizontal"
      data-from-ms={view.value.fromMs}
      data-to-ms={view.value.toMs}
      aria-valuemin={Math.floor(view.value.fromMs / 1000)}
      aria-valuemax={Math.ceil(view.value.toMs / 1000)}
      aria-valuenow={seconds.value}
      aria-valuetext={text.value}
    >
      {children}
    </div>
  );
}

function ScaleButtons(
  { view, playheadMs }: Pick<TimelineProps, "view" | "playheadMs">,
): VNode {
  const zoomBy = (factor: number) => {
    const { fromMs, toMs } = view.value;
    const atMs = playheadMs.value;
    const anchor = atMs !== undefined && atMs > fromMs && atMs < toMs ? atMs : (fromMs + toMs) / 2;
    view.value = zoomed(view.value, factor, anchor);
  };
  const show = (length: number) => {
    const shown = zoomed(view.value, length / lengthMs(view.value), view.value.fromMs);
    view.value = centred(shown, playheadMs.value ?? serverNowMs() - length * 0.4);
  };
  return (
    <div class="scale-buttons" role="group" aria-label="How much time the timeline shows">
      <button type="button" onClick={() => zoomBy(2)} aria-label="See more time">−</button>
      <output>{durationText(lengthMs(view.value))}</output>
      <button type="button" onClick={() => zoomBy(0.5)} aria-label="See less time">+</button>
      {[["1 min", 60_000], ["10 min", 600_000], ["1 h", 3_600_000], ["1 d", 86_400_000]].map((
        [name, length],
      ) => (
        <button
          key={name}
          type="button"
          class="wide-only"
          onClick={() => show(length as number)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function DayRows(props: TimelineProps): VNode {
  const today = useComputed(() => new Date(nowMs.value).toDateString());
  const isOpen = useSignal(false);
  const days = lastDays(DAYS, Date.parse(today.value) + 43_200_000);
  return (
    <details
      class="days"
      open={isOpen.value}
      onToggle={(event) => isOpen.value = event.currentTarget.open}
    >
      <summary>The last {DAYS} days</summary>
      {isOpen.value && days.map((day) => <DayRow key={day.fromMs} day={day} {...props} />)}
    </details>
  );
}

function DayRow(
  { day, shelf, view, playheadMs, marks, onSeek }: TimelineProps & { readonly day: TimeView },
): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(canvas);
  // Only the minute matters at this scale: the row is not drawn with every frame.
  const minute = useComputed(() => Math.floor((playheadMs.value ?? 0) / 60_000) * 60_000);
  useSignalEffect(() => {
    void [shelf.turns.value, themeTurns.value, size.value];
    const now = serverNowMs();
    const isToday = day.fromMs <= now && now < day.toMs;
    if (isToday) void nowMs.value;
    drawRow(canvas.current!, {
      view: day,
      pieces: shelf.get([dayTile(day)], now),
      nowMs: now,
      playheadMs: minute.value === 0 ? undefined : minute.value,
      hoverMs: undefined,
      marks: marks.value,
      framed: view.value,
      isLarge: false,
      colours: readColours(canvas.current!.parentElement!),
    });
  });
  const goTo = (event: MouseEvent) => {
    const { left, width } = canvas.current!.getBoundingClientRect();
    // A press by keyboard has no place: noon, or now if the day is younger.
    const isPlaced = event.detail > 0;
    const atMs = isPlaced
      ? timeAt(event.clientX - left, day, width)
      : day.fromMs + lengthMs(day) / 2;
    const reached = Math.min(atMs, serverNowMs());
    view.value = centred(view.value, reached);
    onSeek(reached, "done");
  };
  return (
    <button type="button" class="day" onClick={goTo} aria-label={`Go to ${dayText(day.fromMs)}`}>
      <span>{dayText(day.fromMs)}</span>
      <canvas ref={canvas} aria-hidden="true" />
    </button>
  );
}

/** Turns with the size of an element. */
function useSize(element: { readonly current: Element | null }): Signal<number> {
  const width = useSignal(0);
  useEffect(() => {
    const observer = new ResizeObserver((entries) =>
      width.value = entries.at(-1)!.contentRect.width
    );
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}
