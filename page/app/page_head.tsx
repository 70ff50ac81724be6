/**
 * A page's heading, with what stands beside it; also the title of the browser's tab.
 *
 * @module
 */

import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";

interface PageHeadProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function PageHead({ title, children }: PageHeadProps): VNode {
  useEffect(() => {
    document.title = `${title} – Lookback`;
  }, [title]);
  return (
    <div class="page-head">
      <h1>{title}</h1>
      {children}
    </div>
  );
}
