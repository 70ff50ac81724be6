/**
 * A secret that is shown this once: a password, a token, a link.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";

interface OnceProps {
  readonly label: string;
  readonly value: string;
  readonly onDone: () => void;
}

export function Once({ label, value, onDone }: OnceProps): VNode {
  const field = useRef<HTMLInputElement>(null);
  const isCopied = useSignal(false);
  const copy = async () => {
    field.current?.select();
    // Without HTTPS there is no clipboard: the text is selected, and Ctrl+C takes it.
    await navigator.clipboard?.writeText(value).then(() => isCopied.value = true, () => {});
  };
  return (
    <div class="once" role="status">
      <label>
        {label}
        <input
          ref={field}
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <button type="button" onClick={copy}>{isCopied.value ? "Copied" : "Copy"}</button>
      <button type="button" class="bare" onClick={onDone}>Done</button>
    </div>
  );
}
