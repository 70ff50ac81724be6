/**
 * The table of keys, as a dialog.
 *
 * @module
 */

import type { VNode } from "preact";
import type { RefObject } from "preact";
import { SHORTCUTS } from "../base/shortcuts.ts";

interface ShortcutHelpProps {
  readonly dialogRef: RefObject<HTMLDialogElement | null>;
}

export function ShortcutHelp({ dialogRef }: ShortcutHelpProps): VNode {
  return (
    <dialog ref={dialogRef} class="card" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl class="keys">
        {SHORTCUTS.map(({ label, does }) => (
          <div key={label}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        On the timeline: drag to scrub, Shift and drag to mark a stretch, turn the wheel to zoom,
        drag the scale to move.
      </p>
      <form method="dialog">
        <button type="submit" class="main">Close</button>
      </form>
    </dialog>
  );
}
