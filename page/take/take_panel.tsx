/**
 * "Take it": what there is of a marked stretch, how the film is to be made, and the
 * films that were asked for. For operators.
 *
 * @module
 */

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { previewExport, startExport } from "../api/calls.ts";
import { isAbort, problemText } from "../api/http.ts";
import type { ExportMode, ExportPreview, GapPolicy } from "../api/types.ts";
import { notify, notifyProblem } from "../app/notices.tsx";
import { hashOf } from "../app/routes.ts";
import { markedStretch, type Marks } from "../timeline/marks.ts";
import { ExportRow } from "./export_row.tsx";
import { exports, followExports, withExport } from "./exports_state.ts";
import { PreviewFacts } from "./preview_facts.tsx";
import { ShareForm } from "./share_form.tsx";
import { Stretch } from "./stretch.tsx";

interface TakePanelProps {
  readonly cameraId: string;
  readonly marks: Signal<Marks>;
  readonly hereMs: () => number | undefined;
}

/** Marks move with the pointer: the server is asked when they rest. */
const REST_MS = 350;

/** So many of the newest stand here; the page of exports has all. */
const NEWEST = 3;

export function TakePanel({ cameraId, marks, hereMs }: TakePanelProps): VNode {
  const preview = usePreview(cameraId, marks);
  useEffect(() => followExports((error) => notifyProblem("Cannot list the exports", error)), []);
  const own = exports.value?.filter(({ camera }) => camera === cameraId).slice(0, NEWEST) ?? [];
  const stretch = markedStretch(marks.value);
  return (
    <section class="card take" aria-labelledby="take-title">
      <h2 id="take-title">Take it with you</h2>
      <Stretch cameraId={cameraId} marks={marks} hereMs={hereMs} />
      {stretch !== undefined && (
        <>
          <PreviewFacts preview={preview.facts} problem={preview.problem} />
          <ExportForm cameraId={cameraId} marks={marks} preview={preview.facts} />
          <ShareForm cameraId={cameraId} stretch={stretch} />
        </>
      )}
      {own.length > 0 && (
        <>
          <h3>Films of this camera</h3>
          <ul class="exports">{own.map((item) => <ExportRow key={item.id} item={item} />)}</ul>
          <a href={hashOf("exports")}>All exports</a>
        </>
      )}
    </section>
  );
}

interface PreviewState {
  readonly facts: ExportPreview | undefined;
  readonly problem: string;
}

function usePreview(cameraId: string, marks: Signal<Marks>): PreviewState {
  const state = useSignal<PreviewState>({ facts: undefined, problem: "" });
  useSignalEffect(() => {
    const stretch = markedStretch(marks.value);
    state.value = { facts: undefined, problem: "" };
    if (stretch === undefined) return;
    const stop = new AbortController();
    const range = {
      from: new Date(stretch.fromMs).toISOString(),
      to: new Date(stretch.toMs).toISOString(),
    };
    const timer = setTimeout(() =>
      previewExport(cameraId, range, stop.signal).then(
        (facts) => state.value = { facts, problem: "" },
        (error) => {
          if (!isAbort(error)) state.value = { facts: undefined, problem: problemText(error) };
        },
      ), REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  });
  return state.value;
}

const MODES: readonly (readonly [ExportMode, string])[] = [
  ["exact", "exact: these frames, as recorded"],
  ["strict", "strict: for players that don't read edit lists"],
  ["keyframe", "from the key frame before"],
];

const GAPS: readonly (readonly [GapPolicy, string])[] = [
  ["keep", "keep their time"],
  ["join", "join what is there"],
];

const OVERLAYS = ["boxes", "clock", "name"] as const;

function ExportForm(
  { cameraId, marks, preview }: {
    readonly cameraId: string;
    readonly marks: Signal<Marks>;
    readonly preview: ExportPreview | undefined;
  },
): VNode {
  const mode = useSignal<ExportMode>("exact");
  const gaps = useSignal<GapPolicy>("keep");
  const overlay = useSignal<readonly string[]>([]);
  const isBusy = useSignal(false);
  const send = async (event: Event) => {
    event.preventDefault();
    const stretch = markedStretch(marks.value);
    if (stretch === undefined) return;
    isBusy.value = true;
    try {
      const started = await startExport({
        camera: cameraId,
        from: new Date(stretch.fromMs).toISOString(),
        to: new Date(stretch.toMs).toISOString(),
        mode: mode.value,
        gaps: gaps.value,
        ...(overlay.value.length === 0 ? {} : { overlay: overlay.value }),
      });
      exports.value = withExport(exports.peek() ?? [], started);
      notify("The film is being made", { tone: "good" });
    } catch (error) {
      notifyProblem("Cannot make the film", error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form class="export-form" onSubmit={send}>
      <Choice label="Cut" value={mode} options={MODES} />
      <Choice label="Gaps" value={gaps} options={GAPS} />
      <fieldset>
        <legend>Burn in</legend>
        {OVERLAYS.map((name) => (
          <label key={name} class="check">
            <input
              type="checkbox"
              checked={overlay.value.includes(name)}
              onChange={({ currentTarget }) =>
                overlay.value = OVERLAYS.filter((other) =>
                  other === name ? currentTarget.checked : overlay.value.includes(other)
                )}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="main" disabled={isBusy.value || preview?.frames === 0}>
        Make the film
      </button>
    </form>
  );
}

function Choice<T extends string>(
  { label, value, options }: {
    readonly label: string;
    readonly value: Signal<T>;
    readonly options: readonly (readonly [T, string])[];
  },
): VNode {
  return (
    <label>
      {label}
      <select
        value={value.value}
        onChange={(event) => value.value = event.currentTarget.value as T}
      >
        {options.map(([option, text]) => <option key={option} value={option}>{text}</option>)}
      </select>
    </label>
  );
}
