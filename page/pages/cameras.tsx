/**
 * All cameras at once, live.
 *
 * @module
 */

import { useComputed, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Camera } from "../api/types.ts";
import { PageHead } from "../app/page_head.tsx";
import { hashOf } from "../app/routes.ts";
import { cameras } from "../app/state.ts";
import { gravityOf, stateName, stateText } from "../base/camera_state.ts";
import { classes } from "../base/class_names.ts";
import { rateText, shareText } from "../base/time_text.ts";
import type { LiveState } from "../live/live_session.ts";
import { LiveBadge, LiveView } from "../live/live_view.tsx";
import { boxesInStep, boxesOn } from "../recorded/boxes_choice.ts";

export function Cameras(): VNode {
  const all = cameras.value;
  const away = useComputed(() =>
    cameras.value?.filter((camera) => gravityOf(camera) === "bad").length ?? 0
  );
  return (
    <>
      <PageHead title="Cameras">
        {all !== undefined && all.length > 0 && (
          <p class="quiet">
            {all.length} {all.length === 1 ? "camera" : "cameras"}
            {away.value > 0 && <span class="state bad">{away.value} not recording</span>}
          </p>
        )}
        <span class="spread" />
        <label class="check">
          <input
            type="checkbox"
            checked={boxesOn.value}
            onChange={(event) => boxesOn.value = event.currentTarget.checked}
          />
          Boxes around what is seen
        </label>
      </PageHead>
      {all === undefined && <p class="empty" role="status">One moment …</p>}
      {all?.length === 0 && (
        <p class="empty">There is no camera, or none that may be seen from here.</p>
      )}
      <ul class={classes("grid", `grid-${Math.min(all?.length ?? 1, 9)}`)}>
        {all?.map((camera) => (
          <li key={camera.id}>
            <CameraCard camera={camera} />
          </li>
        ))}
      </ul>
    </>
  );
}

function CameraCard({ camera }: { readonly camera: Camera }): VNode {
  const live = useSignal<LiveState | undefined>(undefined);
  const { coverage24h, fps, bitsPerSecond } = camera;
  return (
    <article class="camera-card" aria-label={camera.name}>
      <a
        class="camera-picture"
        href={hashOf("camera", camera.id)}
      >
        <span class="visually-hidden">Open {camera.name}</span>
        <LiveView
          camera={camera}
          hasBoxes={boxesOn.value}
          isInStep={boxesInStep.value}
          onState={(state) => live.value = state}
        />
      </a>
      <div class="camera-foot">
        <h2>
          <a href={hashOf("camera", camera.id)}>{camera.name}</a>
        </h2>
        <span class={classes("state", gravityOf(camera))} title={stateText(camera)}>
          {stateName(camera)}
        </span>
        <span class="spread" />
        {camera.state === "recording" && (
          <span class="quiet wide-only">{fps.toFixed(0)} fps, {rateText(bitsPerSecond)}</span>
        )}
        {coverage24h !== null && coverage24h < 1 && (
          <span class="quiet wide-only" title="Recorded of the last 24 hours">
            {shareText(coverage24h)}
          </span>
        )}
        {camera.stream !== null && <LiveBadge state={live.value} />}
      </div>
    </article>
  );
}
