/**
 * What was seen, with pictures: filtered, played, taken.
 *
 * @module
 */

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { type EventFilter, eventPictureUrl, getEvents, stillUrl } from "../api/calls.ts";
import { isAbort, problemText } from "../api/http.ts";
import { onNews } from "../api/news_stream.ts";
import type { SeenEvent } from "../api/types.ts";
import { PageHead } from "../app/page_head.tsx";
import { note, route } from "../app/router.ts";
import { hashOf } from "../app/routes.ts";
import { cameraName, cameras, nowMs } from "../app/state.ts";
import { eventColour, eventTitle } from "../base/class_colour.ts";
import { sentence } from "../base/sentence.ts";
import {
  agoText,
  durationText,
  fieldOfInstant,
  instantOfField,
  nearText,
} from "../base/time_text.ts";
import { ColourDot } from "../app/colour_dot.tsx";
import { withNews } from "./event_news.ts";

/** A first look; "More" asks for as many again. */
const PAGE_SIZE = 60;

/** Played from this long before an event. */
const BEFORE_MS = 3_000;

interface Listing {
  readonly events: readonly SeenEvent[];
  readonly isCut: boolean;
}

export function Events(): VNode {
  const { query } = route.peek();
  const filter = useSignal<EventFilter>({
    camera: query["camera"],
    kind: query["kind"],
    class: query["class"],
    zone: query["zone"],
    from: numberOf(query["from"]),
    to: numberOf(query["to"]),
  });
  const limit = useSignal(PAGE_SIZE);
  const listing = useSignal<Listing | undefined>(undefined);
  const problem = useSignal("");
  useListing({ filter, limit, listing, problem });
  return (
    <>
      <PageHead title="Events" />
      <Filters filter={filter} known={listing.value?.events ?? []} />
      <p class="problem" role="alert">{problem}</p>
      {listing.value === undefined && problem.value === "" && (
        <p class="empty" role="status">One moment …</p>
      )}
      {listing.value?.events.length === 0 && <p class="empty">Nothing was seen that fits.</p>}
      <ul class="events">
        {listing.value?.events.map((event) => (
          <li key={event.id}>
            <EventCard event={event} />
          </li>
        ))}
      </ul>
      {listing.value?.isCut && (
        <button
          type="button"
          class="more"
          onClick={() => limit.value += PAGE_SIZE}
        >
          More
        </button>
      )}
    </>
  );
}

function useListing(
  { filter, limit, listing, problem }: {
    readonly filter: Signal<EventFilter>;
    readonly limit: Signal<number>;
    readonly listing: Signal<Listing | undefined>;
    readonly problem: Signal<string>;
  },
): void {
  useSignalEffect(() => {
    const stop = new AbortController();
    note("events", undefined, { ...filter.value });
    getEvents({ ...filter.value, limit: limit.value }, stop.signal).then(
      (found) => {
        listing.value = found;
        problem.value = "";
      },
      (error) => {
        if (!isAbort(error)) problem.value = problemText(error);
      },
    );
    return () => stop.abort();
  });
  useEffect(() =>
    onNews((news) => {
      const old = listing.peek();
      if (news.type !== "event" || old === undefined) return;
      listing.value = { ...old, events: withNews(old.events, news.event, filter.peek()) };
    }), []);
}

function Filters(
  { filter, known }: {
    readonly filter: Signal<EventFilter>;
    readonly known: readonly SeenEvent[];
  },
): VNode {
  const set = (change: Partial<EventFilter>) => filter.value = { ...filter.value, ...change };
  const { camera, kind, class: name, zone, from, to } = filter.value;
  const classes = unique([...known.map((event) => event.class ?? ""), name ?? ""]);
  const kinds = unique([...known.map((event) => event.kind), kind ?? ""]);
  const zones = unique([...known.flatMap((event) => event.zones), zone ?? ""]);
  return (
    <form class="filters" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <Select label="Camera" value={camera} onSet={(value) => set({ camera: value })}>
        {cameras.value?.map(({ id, name }) => [id, name] as const) ?? []}
      </Select>
      <Select label="What" value={name} onSet={(value) => set({ class: value })}>
        {classes.map((text) => [text, text] as const)}
      </Select>
      <Select label="Kind" value={kind} onSet={(value) => set({ kind: value })}>
        {kinds.map((text) => [text, text.replaceAll("_", " ")] as const)}
      </Select>
      {zones.length > 0 && (
        <Select
          label="Zone"
          value={zone}
          onSet={(value) => set({ zone: value })}
        >
          {zones.map((text) => [text, text] as const)}
        </Select>
      )}
      <Moment label="From" value={from} onSet={(value) => set({ from: value })} />
      <Moment label="To" value={to} onSet={(value) => set({ to: value })} />
      <button type="button" onClick={() => filter.value = {}}>Show all</button>
    </form>
  );
}

function Select(
  { label, value, onSet, children }: {
    readonly label: string;
    readonly value: string | undefined;
    readonly onSet: (value: string | undefined) => void;
    readonly children: readonly (readonly [string, string])[];
  },
): VNode {
  return (
    <label>
      {label}
      <select
        value={value ?? ""}
        onChange={({ currentTarget }) =>
          onSet(currentTarget.value === "" ? undefined : currentTarget.value)}
      >
        <option value="">all</option>
        {children.map(([option, text]) => <option key={option} value={option}>{text}</option>)}
      </select>
    </label>
  );
}

function Moment(
  { label, value, onSet }: {
    readonly label: string;
    readonly value: number | undefined;
    readonly onSet: (value: number | undefined) => void;
  },
): VNode {
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        value={value === undefined ? "" : fieldOfInstant(value).slice(0, 16)}
        onChange={(event) => onSet(instantOfField(event.currentTarget.value))}
      />
    </label>
  );
}

function EventCard({ event }: { readonly event: SeenEvent }): VNode {
  const fromMs = Date.parse(event.from);
  const place = hashOf("camera", event.camera, { at: fromMs - BEFORE_MS });
  return (
    <article class="event" data-event={event.id}>
      <a class="event-picture" href={place}>
        <span class="visually-hidden">Play: {eventTitle(event)}</span>
        <EventPicture key={`${event.hasPicture}`} event={event} />
      </a>
      <div class="event-facts">
        <h2>
          <ColourDot colour={eventColour(event)} />
          {sentence(eventTitle(event))}
          {event.class !== null && event.score !== null && (
            <span class="quiet">{Math.round(event.score * 100)} %</span>
          )}
        </h2>
        <p>
          <a href={place}>{cameraName(event.camera)}</a>
        </p>
        <p>
          <time dateTime={event.from} title={agoText(fromMs, nowMs.peek())}>
            {nearText(fromMs, nowMs.peek())}
          </time>
          <span class="quiet">{lengthText(event, fromMs)}</span>
        </p>
        <EventDetail event={event} />
      </div>
    </article>
  );
}

/** Its own picture, else the still of its beginning. */
function EventPicture({ event }: { readonly event: SeenEvent }): VNode {
  const hasNone = useSignal(false);
  if (hasNone.value) return <span class="quiet">No picture</span>;
  const src = event.hasPicture
    ? eventPictureUrl(event.id, false)
    : stillUrl(event.camera, Date.parse(event.from) + 1000);
  return (
    <img
      src={src}
      alt=""
      loading="lazy"
      decoding="async"
      onError={() => hasNone.value = true}
    />
  );
}

/** An instant has no end: only what is seen goes on. */
function lengthText({ kind, to }: SeenEvent, fromMs: number): string {
  if (to !== null) return `, ${durationText(Date.parse(to) - fromMs)}`;
  return kind.endsWith("_detected") ? ", goes on" : "";
}

function EventDetail({ event }: { readonly event: SeenEvent }): VNode | null {
  const crossings = event.crossings.map(({ line, direction }) =>
    `${line} ${direction === "to-left" ? "←" : "→"}`
  );
  const texts = [
    ...(event.cause ? [event.cause] : []),
    ...event.zones,
    ...crossings,
  ];
  return texts.length === 0 ? null : <p class="quiet">{texts.join(", ")}</p>;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== "").toSorted();
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}
