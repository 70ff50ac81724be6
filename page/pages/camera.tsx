/**
 * One camera: now and then, its timeline, and what can be taken away.
 *
 * @module
 */

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Camera } from "../api/types.ts";
import { StateOf } from "../app/camera_state.tsx";
import { PageHead } from "../app/page_head.tsx";
import { note, route } from "../app/router.ts";
import { ShortcutHelp } from "../app/shortcut_help.tsx";
import { cameras, may, nowMs } from "../app/state.ts";
import { useShortcuts } from "../app/use_shortcuts.ts";
import { classes } from "../base/class_names.ts";
import { rateText, shareText } from "../base/time_text.ts";
import type { LiveState } from "../live/live_session.ts";
import { LiveBadge, LiveView } from "../live/live_view.tsx";
import { lookedAt } from "../live/sights.ts";
import { type Protocol, PROTOCOL_TITLES, PROTOCOLS } from "../live/ways.ts";
import { boxesInStep, boxesOn } from "../recorded/boxes_choice.ts";
import { Controls } from "../recorded/controls.tsx";
import { Desk } from "../recorded/desk.ts";
import { Jump } from "../recorded/jump.tsx";
import { RecordedView } from "../recorded/recorded_view.tsx";
import { ScrubStill } from "../recorded/scrub_still.tsx";
import { TakePanel } from "../take/take_panel.tsx";
import { TimelineShelf } from "../timeline/shelf.ts";
import { Timeline } from "../timeline/timeline.tsx";

export function CameraPage(): VNode {
  const { id = "" } = route.value;
  const camera = cameras.value?.find((one) => one.id === id);
  if (cameras.value === undefined) return <p class="empty" role="status">One moment …</p>;
  if (camera === undefined) {
    return (
      <>
        <PageHead title={id} />
        <p class="empty">There is no camera "{id}", or it may not be seen from here.</p>
      </>
    );
  }
  return <CameraDesk key={id} camera={camera} />;
}

function CameraDesk({ camera }: { readonly camera: Camera }): VNode {
  const stage = useRef<HTMLDivElement>(null);
  const jumpField = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  const shelf = useMemo(() => new TimelineShelf(camera.id), []);
  const desk = useMemo(() =>
    new Desk((deed) => {
      if (deed === "jump") jumpField.current?.focus();
      if (deed === "help") help.current?.showModal();
      if (deed === "full-screen") toggleFullScreen(stage.current);
    }), []);
  const isMuted = useSignal(true);
  const wish = useSignal<Protocol | "auto">("auto");
  const live = useSignal<LiveState | undefined>(undefined);
  useShortcuts((deed) => desk.do(deed));
  useFirstPlace(desk);
  useAddress(desk, camera.id);
  useEffect(() => () => {
    desk.close();
    shelf.close();
  }, []);

  const isLive = desk.mode.value === "live";
  return (
    <>
      <PageHead title={camera.name}>
        <CameraFacts camera={camera} />
        <span class="spread" />
        <Jump
          cameraId={camera.id}
          fieldRef={jumpField}
          dayMs={() => desk.hereMs() ?? nowMs.peek()}
          onGo={(atMs) => desk.goTo(atMs)}
        />
      </PageHead>
      <div class="desk">
        <div class="stage" ref={stage}>
          {isLive && (
            <LiveView
              camera={camera}
              wish={wish.value}
              hasBoxes={boxesOn.value}
              isInStep={boxesInStep.value}
              isMuted={isMuted.value}
              onState={(state) => live.value = state}
            />
          )}
          <RecordedView
            cameraId={camera.id}
            label={`${camera.name}, recorded`}
            fps={camera.fps}
            isHidden={isLive}
            isMuted={isMuted.value}
            hasBoxes={boxesOn}
            onPlayer={(player) => desk.attach(player)}
          />
          <ScrubStill cameraId={camera.id} scrubMs={desk.scrubMs} />
          {!isLive && <RecordedNote desk={desk} />}
        </div>
        <Controls
          cameraId={camera.id}
          desk={desk}
          isMuted={isMuted}
          hasAudio={camera.stream?.hasAudio ?? false}
          renditions={camera.renditions}
        />
        {isLive && camera.stream !== null && <LiveLine live={live} wish={wish} camera={camera} />}
      </div>
      <Timeline
        shelf={shelf}
        view={desk.view}
        playheadMs={desk.playheadMs as Signal<number | undefined>}
        marks={desk.marks}
        onSeek={(atMs, phase) => desk.seek(atMs, phase)}
      />
      {may("operator") && (
        <TakePanel
          cameraId={camera.id}
          marks={desk.marks}
          hereMs={() => desk.hereMs()}
        />
      )}
      <ShortcutHelp dialogRef={help} />
    </>
  );
}

function CameraFacts({ camera }: { readonly camera: Camera }): VNode {
  const { stream, fps, bitsPerSecond, coverage24h } = camera;
  return (
    <p class="camera-facts">
      <StateOf camera={camera} />
      {stream !== null && (
        <span class="quiet wide-only">
          {stream.width} × {stream.height}, {fps.toFixed(0)} fps, {rateText(bitsPerSecond)}
        </span>
      )}
      {coverage24h !== null && <span class="quiet wide-only">24 h: {shareText(coverage24h)}</span>}
    </p>
  );
}

/** How the live picture comes, and the choice of another way. */
function LiveLine(
  { live, wish, camera }: {
    readonly live: Signal<LiveState | undefined>;
    readonly wish: Signal<Protocol | "auto">;
    readonly camera: Camera;
  },
): VNode {
  const offered = PROTOCOLS.filter((name) => name === "still" || camera.protocols.includes(name));
  return (
    <div class="live-line">
      <LiveBadge state={live.value} />
      {live.value !== undefined && live.value.failures.length > 0 && (
        <span class="quiet">{live.value.failures.at(-1)}</span>
      )}
      {boxesOn.value && lookedAt.value.has(camera.id) && (
        <label class="check" title="The picture waits until what is seen in it is known">
          <input
            type="checkbox"
            checked={boxesInStep.value}
            onChange={(event) =>
              boxesInStep.value = event.currentTarget.checked}
          />
          Boxes in step, the picture 0.4 s later
        </label>
      )}
      <label>
        By
        <select
          value={wish.value}
          onChange={(event) => wish.value = event.currentTarget.value as Protocol | "auto"}
        >
          <option value="auto">what works best</option>
          {offered.map((name) => <option key={name} value={name}>{PROTOCOL_TITLES[name]}</option>)}
        </select>
      </label>
    </div>
  );
}

function RecordedNote({ desk }: { readonly desk: Desk }): VNode | null {
  const player = desk.player.value;
  const phase = player?.phase.value;
  if (phase === "empty" || phase === "end") {
    return (
      <div class={classes("live-note", phase === "end" && "quiet")}>
        <p>
          {phase === "empty" ? "Nothing is recorded here" : "This is all that is recorded so far"}
        </p>
        <button type="button" onClick={() => desk.seeNow()}>See now</button>
      </div>
    );
  }
  if (phase === "failed") return <p class="live-note">Can't play this: {player!.problem}</p>;
  return phase === "loading" ? <p class="live-note quiet">Fetching footage …</p> : null;
}

/** A link may name an instant. */
function useFirstPlace(desk: Desk): void {
  // The place itself, not the instant: the same link again goes there again.
  const place = route.value;
  useEffect(() => {
    const at = place.query["at"];
    const atMs = Number(at);
    if (at === undefined || !Number.isFinite(atMs)) return;
    desk.goTo(atMs);
    desk.play();
  }, [place]);
}

const ADDRESS_RESTS_MS = 400;

/** While the picture stands, the address names the instant: it can be copied. */
function useAddress(desk: Desk, cameraId: string): void {
  useSignalEffect(() => {
    const player = desk.player.value;
    const isLive = desk.mode.value === "live";
    if (!isLive && (player === undefined || player.isPlaying.value)) return;
    const at = isLive ? undefined : player?.wallMs.value;
    // Browsers refuse many changes in a row: while steps follow each other there is none.
    const timer = setTimeout(() => {
      note("camera", cameraId, { at: at === undefined ? undefined : Math.round(at) });
    }, ADDRESS_RESTS_MS);
    return () => clearTimeout(timer);
  });
}

function toggleFullScreen(element: HTMLElement | null): void {
  // Refused where the browser has no such thing; nothing else is lost.
  if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => {});
  else element?.requestFullscreen?.().catch(() => {});
}
