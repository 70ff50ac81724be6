/**
 * While somebody drags along the timeline: the stills of those seconds over the
 * picture.
 *
 * @module
 */

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { StillLoader } from "../timeline/still_loader.ts";

interface ScrubStillProps {
  readonly cameraId: string;
  readonly scrubMs: Signal<number | undefined>;
}

export function ScrubStill({ cameraId, scrubMs }: ScrubStillProps): VNode | null {
  const url = useSignal<string | undefined>(undefined);
  const loader = useRef<StillLoader | undefined>(undefined);
  useEffect(() => {
    const own = new StillLoader(cameraId, (still) => url.value = still?.url);
    loader.current = own;
    return () => own.close();
  }, [cameraId]);
  useSignalEffect(() => {
    if (scrubMs.value === undefined) url.value = undefined;
    else loader.current?.want(scrubMs.value);
  });
  if (scrubMs.value === undefined || url.value === undefined) return null;
  return <img class="scrub-still" src={url.value} alt="" />;
}
