/**
 * The buttons under the picture.
 *
 * @module
 */

import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import { pictureUrl } from "../api/calls.ts";
import { Icon, type IconName } from "../app/icons.tsx";
import { classes } from "../base/class_names.ts";
import type { Deed } from "../base/shortcuts.ts";
import { SPEEDS, speedText } from "../base/speeds.ts";
import { dateText, preciseClockText, zoneText } from "../base/time_text.ts";
import { boxesOn } from "./boxes_choice.ts";
import type { Desk } from "./desk.ts";
import { AUTOMATIC, OWN, qualityText } from "./quality.ts";

interface ControlsProps {
  readonly cameraId: string;
  readonly desk: Desk;
  readonly isMuted: Signal<boolean>;
  readonly hasAudio: boolean;
  /** Sizes that footage can be had in. */
  readonly renditions: readonly string[];
}

export function Controls(
  { cameraId, desk, isMuted, hasAudio, renditions }: ControlsProps,
): VNode {
  const isLive = desk.mode.value === "live";
  const isPlaying = desk.isPlaying.value;
  const deed = (name: Deed, icon: IconName, label: string) => (
    <button
      type="button"
      class="bare"
      aria-label={label}
      title={label}
      onClick={() => desk.do(name)}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="controls" role="toolbar" aria-label="Player">
      {deed("play-pause", isPlaying ? "pause" : "play", isPlaying ? "Pause" : "Play")}
      {deed("frame-back", "frameBack", "A frame back")}
      {deed("frame-on", "frameOn", "A frame on")}
      <TimeOnShow desk={desk} />
      <button
        type="button"
        class={classes("live-button", isLive && "on")}
        aria-pressed={isLive}
        onClick={() => desk.do("live")}
      >
        Live
      </button>
      <label class="speed">
        <span class="visually-hidden">Speed</span>
        <select
          value={desk.speed.value}
          disabled={isLive}
          onChange={(event) => desk.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed} disabled={speed > desk.fastest.value}>
              {speedText(speed)}
            </option>
          ))}
        </select>
      </label>
      {renditions.length > 0 && <SizeChoice desk={desk} renditions={renditions} />}
      <span class="spread" />
      <Toggle icon="boxes" label="Boxes around what is seen" isOn={boxesOn} />
      {hasAudio && (
        <button
          type="button"
          class="bare"
          aria-pressed={!isMuted.value}
          aria-label="Sound"
          title="Sound"
          onClick={() => isMuted.value = !isMuted.value}
        >
          <Icon name={isMuted.value ? "mute" : "sound"} />
        </button>
      )}
      <ThisPicture cameraId={cameraId} desk={desk} />
      {deed("full-screen", "full", "Whole screen")}
      {deed("help", "keys", "Keys")}
    </div>
  );
}

/** Of recorded footage; live pictures find their size by themselves. */
function SizeChoice(
  { desk, renditions }: { readonly desk: Desk; readonly renditions: readonly string[] },
): VNode {
  return (
    <label class="speed">
      <span class="visually-hidden">Size</span>
      <select
        value={desk.quality.value}
        disabled={desk.mode.value === "live"}
        onChange={(event) => desk.setQuality(event.currentTarget.value)}
      >
        {[OWN, AUTOMATIC, ...renditions].map((quality) => (
          <option key={quality} value={quality}>{qualityText(quality)}</option>
        ))}
      </select>
    </label>
  );
}

function Toggle(
  { icon, label, isOn }: {
    readonly icon: IconName;
    readonly label: string;
    readonly isOn: Signal<boolean>;
  },
): VNode {
  return (
    <button
      type="button"
      class={classes("bare", isOn.value && "on")}
      aria-pressed={isOn.value}
      aria-label={label}
      title={label}
      onClick={() => isOn.value = !isOn.value}
    >
      <Icon name={icon} />
    </button>
  );
}

function TimeOnShow({ desk }: { readonly desk: Desk }): VNode {
  const atMs = desk.playheadMs.value;
  return (
    <span
      class="time-on-show"
      data-wall-ms={atMs === undefined ? "" : Math.round(atMs)}
      {...(atMs === undefined ? {} : { title: zoneText(atMs) })}
    >
      {atMs === undefined ? "–" : (
        <>
          <span class="quiet wide-only">{dateText(atMs)}</span> {preciseClockText(atMs)}
        </>
      )}
    </span>
  );
}

/** The exact frame as a file. */
function ThisPicture(
  { cameraId, desk }: { readonly cameraId: string; readonly desk: Desk },
): VNode {
  const save = () => {
    const atMs = desk.hereMs();
    if (atMs === undefined) return;
    const link = document.createElement("a");
    link.href = pictureUrl(cameraId, atMs);
    link.download = `${cameraId}-${new Date(atMs).toISOString().replaceAll(":", "")}.jpg`;
    link.click();
  };
  return (
    <button
      type="button"
      class="bare"
      aria-label="Save this picture"
      title="Save this picture"
      onClick={save}
    >
      <Icon name="picture" />
    </button>
  );
}
