/**
 * A dot of a class's colour. Drawn as a picture: the page's policy allows no style
 * in attributes.
 *
 * @module
 */

import type { VNode } from "preact";

export function ColourDot({ colour }: { readonly colour: string }): VNode {
  return (
    <svg class="dot" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
      <circle cx="5" cy="5" r="4.5" fill={colour} />
    </svg>
  );
}
