/**
 * A camera's state as a mark, with its cause in words beside it.
 *
 * @module
 */

import type { VNode } from "preact";
import type { Camera } from "../api/types.ts";
import { causeOf, gravityOf, stateName } from "../base/camera_state.ts";
import { classes } from "../base/class_names.ts";

export function StateOf({ camera }: { readonly camera: Camera }): VNode {
  const cause = causeOf(camera);
  return (
    <span class="state-of">
      <span class={classes("state", gravityOf(camera))}>{stateName(camera)}</span>
      {cause !== "" && <span class="quiet">{cause}</span>}
    </span>
  );
}
