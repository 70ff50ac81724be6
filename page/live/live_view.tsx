/**
 * A camera's live picture, with how it is played and how late it is, and boxes
 * around what is seen.
 *
 * @module
 */

import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { wantSights } from "../api/news_stream.ts";
import type { Camera } from "../api/types.ts";
import { classes } from "../base/class_names.ts";
import { stateText } from "../base/camera_state.ts";
import { drawBoxes } from "./boxes.ts";
import { holdBackMs } from "./hold_back.ts";
import { LiveSession, type LiveState } from "./live_session.ts";
import { followPresence } from "./presence.ts";
import { boxesAt, lookedAt } from "./sights.ts";
import { type Protocol, PROTOCOL_TITLES } from "./ways.ts";

interface LiveViewProps {
  readonly camera: Camera;
  readonly wish?: Protocol | "auto";
  readonly hasBoxes: boolean;
  /** The picture waits until its boxes are known. */
  readonly isInStep?: boolean;
  readonly isMuted?: boolean;
  /** Told of every change; undefined while nothing plays. */
  readonly onState?: (state: LiveState | undefined) => void;
}

export function LiveView(
  { camera, wish = "auto", hasBoxes, isInStep = false, isMuted = true, onState }: LiveViewProps,
): VNode {
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useSignal<LiveState | undefined>(undefined);
  const session = useRef<LiveSession | undefined>(undefined);
  const wantsBoxes = useRef(hasBoxes);
  wantsBoxes.current = hasBoxes;
  const waitMs = holdBackMs({ hasBoxes, isInStep, isLookedAt: lookedAt.value.has(camera.id) });
  const isSeen = useIsOnScreen(box);
  const stream = camera.stream;
  const hasSound = !isMuted && stream?.hasAudio === true;

  useEffect(() => {
    if (!isSeen.value) return;
    const live = new LiveSession(camera, { video: video.current!, image: image.current! }, {
      protocol: wish,
      holdBackMs: waitMs,
      hasSound,
    });
    session.current = live;
    // A frame may still come while the page is taken down.
    const [drawn, shown, still] = [canvas.current!, video.current!, image.current!];
    live.onFrame = (wallMs) => {
      const boxes = wantsBoxes.current ? boxesAt(camera.id, wallMs) : [];
      drawBoxes(drawn, boxes, shapeOf(shown, still));
    };
    const unsubscribe = live.state.subscribe((fresh) => {
      state.value = fresh;
      onState?.(fresh);
    });
    return () => {
      unsubscribe();
      live.close();
      session.current = undefined;
      state.value = undefined;
    };
    // A new stream of another kind is another thing to play.
  }, [camera.id, isSeen.value, wish, stream?.mime, camera.protocols.join()]);

  const wantsSights = hasBoxes && isSeen.value;
  useEffect(() => wantsSights ? wantSights() : undefined, [wantsSights]);

  useEffect(() => {
    session.current?.holdBack(waitMs);
  }, [waitMs]);

  useEffect(() => {
    session.current?.listen(hasSound);
  }, [hasSound]);

  const isStill = useComputed(() => state.value?.protocol === "still");
  return (
    <div
      ref={box}
      class="live"
      data-camera={camera.id}
      data-phase={state.value?.phase ?? "off"}
      data-protocol={state.value?.protocol ?? ""}
      data-frames={state.value?.frames ?? 0}
      data-delay-ms={state.value?.delayMs?.toFixed(0) ?? ""}
    >
      <video
        ref={video}
        class={classes(isStill.value && "hidden")}
        muted={isMuted}
        playsInline
        aria-label={`${camera.name}, live`}
      />
      <img
        ref={image}
        class={classes(!isStill.value && "hidden")}
        alt={`${camera.name}, newest still`}
      />
      <canvas ref={canvas} aria-hidden="true" />
      <LiveNote camera={camera} state={state} />
    </div>
  );
}

/** Over the picture: why there is none, while there is none. */
function LiveNote(
  { camera, state }: { readonly camera: Camera; readonly state: Signal<LiveState | undefined> },
): VNode | null {
  const live = state.value;
  if (camera.stream === null) return <p class="live-note">{stateText(camera)}</p>;
  if (live === undefined || live.phase === "playing") return null;
  return <p class="live-note quiet">{PROTOCOL_TITLES[live.protocol]} …</p>;
}

/** "WebRTC · 0.12 s", with what did not work before as its title. */
export function LiveBadge({ state }: { readonly state: LiveState | undefined }): VNode | null {
  if (state === undefined) return null;
  const { protocol, rendition, delayMs, isEstimate, failures, phase } = state;
  const name = PROTOCOL_TITLES[protocol] + (rendition === null ? "" : ` ${rendition}`);
  const seconds = ((delayMs ?? 0) / 1000).toFixed((delayMs ?? 0) < 9_950 ? 2 : 0);
  const delay = delayMs === null ? "" : ` · ${isEstimate ? "about " : ""}${seconds} s`;
  const title = failures.length === 0
    ? "How the picture comes, and how late it is"
    : `Did not work: ${failures.join("; ")}`;
  return (
    <span class={classes("badge", failures.length > 0 && "doubt")} title={title}>
      {phase === "playing" ? name + delay : `${name} …`}
    </span>
  );
}

function shapeOf(
  video: HTMLVideoElement,
  image: HTMLImageElement,
): { readonly width: number; readonly height: number } {
  return video.videoWidth > 0
    ? { width: video.videoWidth, height: video.videoHeight }
    : { width: image.naturalWidth, height: image.naturalHeight };
}

/** A picture far down a long page needs no stream, nor does one of a page that is hidden for long. */
function useIsOnScreen(element: { readonly current: HTMLElement | null }): Signal<boolean> {
  const isNear = useSignal(false);
  const isHere = useSignal(true);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => isNear.value = entries.at(-1)!.isIntersecting,
      { rootMargin: "100px" },
    );
    observer.observe(element.current!);
    const unfollow = followPresence(document, (fresh) => isHere.value = fresh);
    return () => {
      observer.disconnect();
      unfollow();
    };
  }, []);
  return useComputed(() => isNear.value && isHere.value);
}
