/**
 * Several cameras in step: the same instant of all of them.
 *
 * @module
 */

import { useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Camera } from "../api/types.ts";
import { PageHead } from "../app/page_head.tsx";
import { note, route } from "../app/router.ts";
import { hashOf } from "../app/routes.ts";
import { ShortcutHelp } from "../app/shortcut_help.tsx";
import { cameras, may, nowMs } from "../app/state.ts";
import { useShortcuts } from "../app/use_shortcuts.ts";
import { SPEEDS, speedText } from "../base/speeds.ts";
import { dateText, preciseClockText } from "../base/time_text.ts";
import { Icon } from "../app/icons.tsx";
import { boxesOn } from "../recorded/boxes_choice.ts";
import { Ensemble } from "../recorded/ensemble.ts";
import { Jump } from "../recorded/jump.tsx";
import { RecordedView } from "../recorded/recorded_view.tsx";
import { CaseForm } from "../take/case_form.tsx";
import { markedStretch } from "../timeline/marks.ts";
import { TimelineShelf } from "../timeline/shelf.ts";
import { Timeline } from "../timeline/timeline.tsx";

/** More don't fit on a screen, and few computers decode more at once. */
const MOST = 9;

export function Together(): VNode {
  const all = cameras.value;
  const chosen = useSignal<readonly string[] | undefined>(
    route.value.query["cameras"]?.split(",").filter((id) => id !== ""),
  );
  if (all === undefined) return <p class="empty" role="status">One moment …</p>;
  const ids = chosen.value ?? all.slice(0, 4).map(({ id }) => id);
  const shown = all.filter(({ id }) => ids.includes(id));
  const choose = (id: string, isOn: boolean) => {
    chosen.value = all.map((camera) => camera.id)
      .filter((other) => other === id ? isOn : ids.includes(other))
      .slice(0, MOST);
  };
  return (
    <>
      <PageHead title="Together">
        <fieldset class="choice">
          <legend class="visually-hidden">Cameras</legend>
          {all.map(({ id, name }) => (
            <label key={id} class="check">
              <input
                type="checkbox"
                checked={ids.includes(id)}
                onChange={(event) => choose(id, event.currentTarget.checked)}
              />
              {name}
            </label>
          ))}
        </fieldset>
      </PageHead>
      {shown.length === 0
        ? <p class="empty">Choose the cameras to see together.</p>
        : <InStep shown={shown} />}
    </>
  );
}

function InStep({ shown }: { readonly shown: readonly Camera[] }): VNode {
  const jumpField = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  const ensemble = useMemo(() =>
    new Ensemble(startMs(), (deed) => {
      if (deed === "jump") jumpField.current?.focus();
      if (deed === "help") help.current?.showModal();
    }), []);
  // The first camera's timeline stands for all.
  const leader = shown[0]!;
  const shelf = useMemo(() => new TimelineShelf(leader.id), [leader.id]);
  useShortcuts((deed) => ensemble.do(deed));
  useEffect(() => () => ensemble.close(), []);
  useEffect(() => () => shelf.close(), [shelf]);
  useSignalEffect(() => {
    if (ensemble.isPlaying.value) return;
    const at = Math.round(ensemble.instantMs.value);
    const timer = setTimeout(() => note("together", undefined, { cameras: idsOf(shown), at }), 400);
    return () => clearTimeout(timer);
  });
  const stretch = markedStretch(ensemble.marks.value);
  return (
    <>
      <ul class={`grid grid-${shown.length}`}>
        {shown.map((camera) => (
          <li key={camera.id}>
            <Member camera={camera} ensemble={ensemble} />
          </li>
        ))}
      </ul>
      <Controls ensemble={ensemble} />
      <div class="together-jump">
        <Jump
          cameraId={leader.id}
          fieldRef={jumpField}
          dayMs={() => ensemble.instantMs.peek()}
          onGo={(atMs) => ensemble.goTo(atMs)}
        />
        <span class="quiet">The timeline is that of {leader.name}</span>
      </div>
      <Timeline
        key={leader.id}
        shelf={shelf}
        view={ensemble.view}
        playheadMs={ensemble.instantMs}
        marks={ensemble.marks}
        onSeek={(atMs) => ensemble.seek(atMs)}
      />
      {may("operator") && <CaseForm shown={shown} stretch={stretch} />}
      <ShortcutHelp dialogRef={help} />
    </>
  );
}

function Member(
  { camera, ensemble }: { readonly camera: Camera; readonly ensemble: Ensemble },
): VNode {
  const isThere = ensemble.presence.value.get(camera.id) ?? true;
  return (
    <article class="camera-card" aria-label={camera.name}>
      <div class="camera-picture">
        <RecordedView
          cameraId={camera.id}
          label={`${camera.name}, recorded`}
          isMuted
          hasBoxes={boxesOn}
          onPlayer={(player) => ensemble.attach(camera.id, player)}
        />
        {!isThere && <p class="live-note cover">Nothing is recorded here</p>}
      </div>
      <div class="camera-foot">
        <h2>
          <a href={hashOf("camera", camera.id, { at: Math.round(ensemble.instantMs.peek()) })}>
            {camera.name}
          </a>
        </h2>
      </div>
    </article>
  );
}

function Controls({ ensemble }: { readonly ensemble: Ensemble }): VNode {
  const isPlaying = ensemble.isPlaying.value;
  const atMs = ensemble.instantMs.value;
  return (
    <div class="controls" role="toolbar" aria-label="Player">
      <button
        type="button"
        class="bare"
        aria-label={isPlaying ? "Pause" : "Play"}
        onClick={() => ensemble.do("play-pause")}
      >
        <Icon name={isPlaying ? "pause" : "play"} />
      </button>
      <span class="time-on-show" data-wall-ms={Math.round(atMs)}>
        <span class="quiet wide-only">{dateText(atMs)}</span> {preciseClockText(atMs)}
      </span>
      <label class="speed">
        <span class="visually-hidden">Speed</span>
        <select
          value={ensemble.speed.value}
          onChange={(event) => ensemble.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => <option key={speed} value={speed}>{speedText(speed)}</option>)}
        </select>
      </label>
      {ensemble.isWaiting.value && <span class="quiet" role="status">waiting for a picture …</span>}
      <span class="spread" />
      <button type="button" onClick={() => ensemble.do("mark-in")}>Begin here (I)</button>
      <button type="button" onClick={() => ensemble.do("mark-out")}>End here (O)</button>
    </div>
  );
}

function idsOf(shown: readonly Camera[]): string {
  return shown.map(({ id }) => id).join(",");
}

/** What the address names, else half a minute ago: that is written everywhere. */
function startMs(): number {
  const at = Number(route.peek().query["at"]);
  return Number.isFinite(at) && at > 0 ? at : nowMs.peek() - 30_000;
}
