/**
 * One camera's desk: what is on show (now, or an instant of the past), and every
 * deed of keys and buttons.
 *
 * @module
 */

import { computed, effect, signal } from "@preact/signals";
import { serverNowMs } from "../api/http.ts";
import { nowMs } from "../app/state.ts";
import { boxesOn } from "./boxes_choice.ts";
import type { Deed } from "../base/shortcuts.ts";
import { nextSpeed } from "../base/speeds.ts";
import { FASTEST_ENCODED, OWN, type Quality } from "./quality.ts";
import { type Marks, NO_MARKS, withIn, withOut } from "../timeline/marks.ts";
import { centred, keptInSight, type TimeView, zoomed } from "../timeline/view.ts";
import type { RecordedPlayer } from "./recorded_player.ts";

/** What the timeline shows at first: an hour with some room to the right. */
const FIRST_VIEW_MS = 60 * 60_000;

/** Who asks for an instant this young wants to see now. */
const NOW_MS = 4_000;

export class Desk {
  readonly mode = signal<"live" | "recorded">("live");
  readonly speed = signal(1);
  readonly quality = signal<Quality>(OWN);
  readonly marks = signal<Marks>(NO_MARKS);
  readonly view = signal<TimeView>(firstView());
  /** While somebody drags along the timeline. */
  readonly scrubMs = signal<number | undefined>(undefined);
  readonly player = signal<RecordedPlayer | undefined>(undefined);
  /** The instant on show; in live mode by the second. */
  readonly playheadMs = computed(() => {
    if (this.scrubMs.value !== undefined) return this.scrubMs.value;
    if (this.mode.value === "live") return nowMs.value + (serverNowMs() - Date.now());
    return this.player.value?.wallMs.value;
  });
  readonly isPlaying = computed(() =>
    this.mode.value === "live" || (this.player.value?.isPlaying.value ?? false)
  );

  /** What the footage on show can be played at. */
  readonly fastest = computed(() =>
    this.player.value?.isEncoded.value === true ? FASTEST_ENCODED : Infinity
  );

  readonly #stops: readonly (() => void)[];
  /** Asked for before there was a player. */
  #pending: { readonly atMs: number; isPlaying: boolean } | undefined;

  /** @param other What keys ask for that is not the desk's: "jump", "full-screen", "help". */
  constructor(private readonly other: (deed: Deed) => void) {
    let wasInSight = true;
    const follow = effect(() => {
      const atMs = this.playheadMs.value;
      if (atMs === undefined || this.scrubMs.value !== undefined) return;
      const view = this.view.peek();
      const isInSight = atMs >= view.fromMs && atMs <= view.toMs;
      // Only what plays out of sight is followed: who looks elsewhere is left alone.
      if (wasInSight && this.isPlaying.peek()) this.view.value = keptInSight(view, atMs);
      wasInSight = isInSight || this.view.peek() !== view;
    });
    const slow = effect(() => {
      if (this.speed.value > this.fastest.value) this.setSpeed(this.fastest.value);
    });
    this.#stops = [follow, slow];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  attach(player: RecordedPlayer | undefined): void {
    this.player.value = player;
    if (player !== undefined) player.quality = this.quality.peek();
    if (player === undefined || this.#pending === undefined) return;
    const { atMs, isPlaying } = this.#pending;
    this.#pending = undefined;
    player.speed = this.speed.peek();
    player.seek(atMs);
    if (isPlaying) player.play();
  }

  /** The instant that marks are set at. */
  hereMs(): number | undefined {
    return this.mode.peek() === "live" ? serverNowMs() : this.player.peek()?.wallMs.peek();
  }

  seek(atMs: number, phase: "scrub" | "done" = "done"): void {
    if (phase === "scrub") {
      this.scrubMs.value = atMs;
      return;
    }
    this.scrubMs.value = undefined;
    if (atMs > serverNowMs() - NOW_MS) {
      this.seeNow();
      return;
    }
    const wasLive = this.mode.peek() === "live";
    this.mode.value = "recorded";
    const player = this.player.peek();
    if (player === undefined) {
      this.#pending = { atMs, isPlaying: wasLive };
      return;
    }
    player.seek(atMs);
    if (wasLive) player.play();
  }

  /** Plays the footage that is on show, or that will be. */
  play(): void {
    if (this.#pending !== undefined) this.#pending.isPlaying = true;
    this.player.peek()?.play();
  }

  /** Goes there and has it in the middle of the timeline. */
  goTo(atMs: number): void {
    this.view.value = centred(this.view.peek(), atMs);
    this.seek(atMs);
  }

  seeNow(): void {
    this.#pending = undefined;
    this.player.peek()?.pause();
    this.mode.value = "live";
    this.view.value = keptInSight(this.view.peek(), serverNowMs());
  }

  setSpeed(speed: number): void {
    const possible = Math.min(speed, this.fastest.peek());
    this.speed.value = possible;
    const player = this.player.peek();
    if (player !== undefined) player.speed = possible;
  }

  setQuality(quality: Quality): void {
    this.quality.value = quality;
    const player = this.player.peek();
    if (player !== undefined) player.quality = quality;
  }

  playPause(): void {
    const player = this.player.peek();
    // To stop the present is to look at the past.
    if (this.mode.peek() === "live") this.#freeze();
    else if (player?.isPlaying.peek()) player.pause();
    else player?.play();
  }

  do(deed: Deed): void {
    const act = this.#deeds[deed];
    if (act === undefined) this.other(deed);
    else act();
  }

  readonly #deeds: Partial<Record<Deed, () => void>> = {
    "play-pause": () => this.playPause(),
    "second-back": () => this.#jump(-1_000),
    "second-on": () => this.#jump(1_000),
    "ten-back": () => this.#jump(-10_000),
    "ten-on": () => this.#jump(10_000),
    "frame-back": () => this.#step(-1),
    "frame-on": () => this.#step(1),
    slower: () => this.setSpeed(nextSpeed(this.speed.peek(), -1)),
    faster: () => this.setSpeed(nextSpeed(this.speed.peek(), 1)),
    "mark-in": () => this.#mark(withIn),
    "mark-out": () => this.#mark(withOut),
    "marks-off": () => this.marks.value = NO_MARKS,
    "zoom-in": () => this.#zoom(0.5),
    "zoom-out": () => this.#zoom(2),
    live: () => this.seeNow(),
    boxes: () => boxesOn.value = !boxesOn.peek(),
  };

  #jump(byMs: number): void {
    const here = this.hereMs();
    if (here !== undefined) this.seek(here + byMs);
  }

  #step(frames: number): void {
    if (this.mode.peek() === "live") this.#freeze();
    else this.player.peek()?.step(frames);
  }

  /** The newest footage that is written, standing. */
  #freeze(): void {
    this.seek(serverNowMs() - FROZEN_MS);
    if (this.#pending !== undefined) this.#pending.isPlaying = false;
    this.player.peek()?.pause();
  }

  #mark(set: (marks: Marks, atMs: number) => Marks): void {
    const here = this.hereMs();
    if (here !== undefined) this.marks.value = set(this.marks.peek(), here);
  }

  #zoom(factor: number): void {
    const view = this.view.peek();
    const here = this.hereMs();
    const isInSight = here !== undefined && here >= view.fromMs && here <= view.toMs;
    this.view.value = zoomed(view, factor, isInSight ? here : (view.fromMs + view.toMs) / 2);
  }
}

/** Recordings are ten seconds long by default, and only finished ones can be played. */
const FROZEN_MS = 12_000;

function firstView(): TimeView {
  const toMs = serverNowMs() + FIRST_VIEW_MS * 0.1;
  return { fromMs: toMs - FIRST_VIEW_MS, toMs };
}
