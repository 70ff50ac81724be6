/**
 * Shows a component that is loaded when it is first needed.
 *
 * @module
 */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { problemText } from "../api/http.ts";

interface LazyProps {
  readonly load: () => Promise<{ default: () => VNode }>;
}

/** Give it a `key` that changes with `load`. */
export function Lazy({ load }: LazyProps): VNode | null {
  const [Page, setPage] = useState<(() => VNode) | undefined>();
  const [failure, setFailure] = useState("");
  useEffect(() => {
    let isGone = false;
    load().then(
      (loaded) => !isGone && setPage(() => loaded.default),
      (error) => !isGone && setFailure(problemText(error)),
    );
    return () => {
      isGone = true;
    };
  }, []);
  if (failure !== "") {
    // After an update of the server the files of the old page are gone.
    return (
      <div class="empty" role="alert">
        <p>This part of the page can't be loaded: {failure}</p>
        <button type="button" onClick={() => location.reload()}>Load the page again</button>
      </div>
    );
  }
  return Page === undefined ? null : <Page />;
}
