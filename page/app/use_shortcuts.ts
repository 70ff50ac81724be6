/**
 * Lets a page hear its keys.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { type Deed, deedOf } from "../base/shortcuts.ts";

/** @param act Stays the one of the first drawing. */
export function useShortcuts(act: (deed: Deed) => void): void {
  useEffect(() => {
    const stop = new AbortController();
    document.addEventListener("keydown", (event) => {
      // A dialog has its own keys.
      if (document.querySelector("dialog[open]") !== null) return;
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      const deed = deedOf({
        key: event.key,
        shiftKey: event.shiftKey,
        ctrlKey: event.ctrlKey,
        altKey: event.altKey,
        metaKey: event.metaKey,
        target: {
          tag: target.localName,
          isEditable: target.isContentEditable,
          ...(target instanceof HTMLInputElement ? { type: target.type } : {}),
        },
      });
      if (deed === undefined) return;
      event.preventDefault();
      act(deed);
    }, { signal: stop.signal });
    return () => stop.abort();
  }, []);
}
