/**
 * The marked stretch in fields: its ends, or a time and a duration in words, which
 * the server reads as the prompt does.
 *
 * @module
 */

import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { previewExport } from "../api/calls.ts";
import { problemText } from "../api/http.ts";
import { durationText, fieldOfInstant, instantOfField } from "../base/time_text.ts";
import { markedStretch, type Marks, NO_MARKS, withIn, withOut } from "../timeline/marks.ts";

interface StretchProps {
  readonly cameraId: string;
  readonly marks: Signal<Marks>;
  /** The instant on show. */
  readonly hereMs: () => number | undefined;
}

export function Stretch({ cameraId, marks, hereMs }: StretchProps): VNode {
  const stretch = markedStretch(marks.value);
  return (
    <div class="stretch">
      <div class="stretch-ends">
        <End
          label="From"
          atMs={marks.value.inMs}
          hereLabel="Begin here (I)"
          hereMs={hereMs}
          onSet={(atMs) => marks.value = withIn(marks.value, atMs)}
        />
        <End
          label="To"
          atMs={marks.value.outMs}
          hereLabel="End here (O)"
          hereMs={hereMs}
          onSet={(atMs) => marks.value = withOut(marks.value, atMs)}
        />
        <p class="stretch-length">
          {stretch === undefined ? "Nothing marked" : durationText(stretch.toMs - stretch.fromMs)}
          {stretch !== undefined && (
            <button
              type="button"
              onClick={() => marks.value = NO_MARKS}
            >
              Clear
            </button>
          )}
        </p>
      </div>
      <InWords cameraId={cameraId} marks={marks} />
    </div>
  );
}

interface EndProps {
  readonly label: string;
  readonly atMs: number | undefined;
  readonly hereLabel: string;
  readonly hereMs: () => number | undefined;
  readonly onSet: (atMs: number) => void;
}

function End({ label, atMs, hereLabel, hereMs, onSet }: EndProps): VNode {
  const setHere = () => {
    const here = hereMs();
    if (here !== undefined) onSet(here);
  };
  return (
    <div class="stretch-end">
      <label>
        {label}
        <input
          type="datetime-local"
          step="1"
          value={atMs === undefined ? "" : fieldOfInstant(atMs)}
          onChange={(event) => {
            const typed = instantOfField(event.currentTarget.value);
            if (typed !== undefined) onSet(typed);
          }}
        />
      </label>
      <button type="button" onClick={setHere}>{hereLabel}</button>
    </div>
  );
}

function InWords({ cameraId, marks }: Pick<StretchProps, "cameraId" | "marks">): VNode {
  const at = useSignal("");
  const duration = useSignal("1m");
  const problem = useSignal("");
  const read = async (event: Event) => {
    event.preventDefault();
    problem.value = "";
    try {
      const range = { at: at.value.trim(), duration: duration.value.trim() };
      const { window } = await previewExport(cameraId, range);
      marks.value = { inMs: Date.parse(window.from), outMs: Date.parse(window.to) };
    } catch (error) {
      problem.value = problemText(error);
    }
  };
  return (
    <form class="in-words" onSubmit={read}>
      <label>
        Time in words
        <input
          placeholder="yesterday 14:05"
          required
          value={at.value}
          onInput={(event) => at.value = event.currentTarget.value}
        />
      </label>
      <label>
        Duration
        <input
          placeholder="1m30s"
          required
          size={8}
          value={duration.value}
          onInput={(event) => duration.value = event.currentTarget.value}
        />
      </label>
      <button type="submit">Mark</button>
      <p class="problem" role="alert">{problem.value}</p>
    </form>
  );
}
