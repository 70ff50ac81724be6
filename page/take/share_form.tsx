/**
 * A link to one stretch for somebody without a log-in, until it expires.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { addShare } from "../api/calls.ts";
import { Once } from "../app/once.tsx";
import { notifyProblem } from "../app/notices.tsx";

interface ShareFormProps {
  readonly cameraId: string;
  readonly stretch: { readonly fromMs: number; readonly toMs: number };
}

const HOUR_MS = 3_600_000;

const LASTS: readonly (readonly [hours: number, text: string])[] = [
  [1, "an hour"],
  [24, "a day"],
  [168, "a week"],
  [720, "30 days"],
];

export function ShareForm({ cameraId, stretch }: ShareFormProps): VNode {
  const hours = useSignal(24);
  const url = useSignal<string | undefined>(undefined);
  const send = async (event: Event) => {
    event.preventDefault();
    try {
      const expiresMs = Date.now() + hours.value * HOUR_MS;
      const share = await addShare({ camera: cameraId, ...stretch, expiresMs });
      url.value = new URL(share.url ?? "", location.href).href;
    } catch (error) {
      notifyProblem("Cannot make the link", error);
    }
  };
  return (
    <form class="share-form" onSubmit={send}>
      <label>
        Link for others, good for
        <select
          value={hours.value}
          onChange={(event) => hours.value = Number(event.currentTarget.value)}
        >
          {LASTS.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
      </label>
      <button type="submit">Make a link</button>
      {url.value !== undefined && (
        <Once
          label="Whoever has this link sees the stretch"
          value={url.value}
          onDone={() => url.value = undefined}
        />
      )}
    </form>
  );
}
