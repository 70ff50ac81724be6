/**
 * One stretch of several cameras as one archive.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { startCase } from "../api/calls.ts";
import type { Camera } from "../api/types.ts";
import { notify, notifyProblem } from "../app/notices.tsx";
import { hashOf } from "../app/routes.ts";
import { durationText, instantText } from "../base/time_text.ts";

interface CaseFormProps {
  readonly shown: readonly Camera[];
  readonly stretch: { readonly fromMs: number; readonly toMs: number } | undefined;
}

export function CaseForm({ shown, stretch }: CaseFormProps): VNode {
  const title = useSignal("");
  const send = async (event: Event) => {
    event.preventDefault();
    if (stretch === undefined) return;
    try {
      await startCase({
        title: title.value.trim(),
        cameras: shown.map(({ id }) => id),
        from: new Date(stretch.fromMs).toISOString(),
        to: new Date(stretch.toMs).toISOString(),
      });
      title.value = "";
      notify("The films of the case are being made.", {
        tone: "good",
        link: { href: hashOf("exports"), text: "Exports" },
      });
    } catch (error) {
      notifyProblem("Cannot make the case", error);
    }
  };
  return (
    <section class="card" aria-labelledby="case-title">
      <h2 id="case-title">One case of all these cameras</h2>
      {stretch === undefined
        ? (
          <p class="quiet">
            Mark a stretch: the keys I and O, or Shift and drag along the timeline. Its films and
            receipts come as one archive.
          </p>
        )
        : (
          <form class="export-form" onSubmit={send}>
            <p>
              {shown.map(({ name }) => name).join(", ")}; {instantText(stretch.fromMs)},{" "}
              {durationText(stretch.toMs - stretch.fromMs)}
            </p>
            <label>
              Title
              <input
                required
                maxLength={200}
                value={title.value}
                onInput={(event) => title.value = event.currentTarget.value}
              />
            </label>
            <button type="submit" class="main">Make the case</button>
          </form>
        )}
    </section>
  );
}
