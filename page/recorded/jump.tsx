/**
 * Goes to a time as it is typed: "14:05", "2026-11-22 14:05:30", or in words, which
 * the server reads as the prompt does.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { RefObject, VNode } from "preact";
import { previewExport } from "../api/calls.ts";
import { problemText } from "../api/http.ts";
import { readTypedTime } from "../base/typed_time.ts";

interface JumpProps {
  readonly cameraId: string;
  readonly fieldRef: RefObject<HTMLInputElement | null>;
  /** A bare clock time is one of the day on show. */
  readonly dayMs: () => number;
  readonly onGo: (atMs: number) => void;
}

export function Jump({ cameraId, fieldRef, dayMs, onGo }: JumpProps): VNode {
  const text = useSignal("");
  const problem = useSignal("");
  const go = async (event: Event) => {
    event.preventDefault();
    problem.value = "";
    try {
      const typed = readTypedTime(text.value, dayMs());
      onGo(typed ?? await readByServer(cameraId, text.value.trim()));
      fieldRef.current?.blur();
    } catch (error) {
      problem.value = problemText(error);
    }
  };
  return (
    <form class="jump" role="search" aria-label="Go to a time" onSubmit={go}>
      <input
        ref={fieldRef}
        aria-label="Time to go to"
        placeholder="Go to: 14:05, yesterday 9 am …"
        required
        value={text.value}
        aria-invalid={problem.value !== ""}
        onInput={(event) => text.value = event.currentTarget.value}
      />
      <button type="submit">Go</button>
      <p class="problem" role="alert">{problem.value}</p>
    </form>
  );
}

/** Any duration will do: only where it begins is of interest. */
async function readByServer(cameraId: string, at: string): Promise<number> {
  const { window } = await previewExport(cameraId, { at, duration: "1s" });
  return Date.parse(window.from);
}
