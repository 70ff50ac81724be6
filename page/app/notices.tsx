/**
 * Short messages at the page's edge, read out by screen readers: what was done,
 * what failed, what the server warns of.
 *
 * @module
 */

import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { isAbort, problemText } from "../api/http.ts";

interface Notice {
  readonly key: number;
  readonly tone: "good" | "bad" | "plain";
  readonly text: string;
  readonly link?: { readonly href: string; readonly text: string };
}

/** More than this hide what one works on; the oldest goes. */
const MOST = 4;

/** Long enough to read two lines; faults stay until they are put away. */
const STAYS_MS = 7_000;

const notices = signal<readonly Notice[]>([]);
let lastKey = 0;

/** Shows a message. */
export function notify(
  text: string,
  { tone = "plain", link }: Partial<Pick<Notice, "tone" | "link">> = {},
): void {
  const key = ++lastKey;
  const notice = { key, tone, text, ...(link === undefined ? {} : { link }) };
  notices.value = [...notices.value, notice].slice(-MOST);
  if (tone !== "bad") setTimeout(() => putAway(key), STAYS_MS);
}

/** Shows what went wrong; `attempt` says what was tried: "Cannot start the export". */
export function notifyProblem(attempt: string, error: unknown): void {
  if (!isAbort(error)) notify(`${attempt}: ${problemText(error)}`, { tone: "bad" });
}

function putAway(key: number): void {
  notices.value = notices.value.filter((notice) => notice.key !== key);
}

export function Notices(): VNode {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ key, tone, text, link }) => (
        <div key={key} class={`notice ${tone}`}>
          <span>
            {text} {link !== undefined && <a href={link.href}>{link.text}</a>}
          </span>
          <button type="button" class="bare" aria-label="Put away" onClick={() => putAway(key)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
