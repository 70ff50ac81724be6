/**
 * Several players at one instant: a common clock that each of them follows, and
 * that waits for who has nothing to show yet.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { serverNowMs } from "../api/http.ts";
import type { Deed } from "../base/shortcuts.ts";
import { nextSpeed } from "../base/speeds.ts";
import { type Marks, NO_MARKS, withIn, withOut } from "../timeline/marks.ts";
import { centred, keptInSight, type TimeView, zoomed } from "../timeline/view.ts";
import { boxesOn } from "./boxes_choice.ts";
import { correctionOf, StepClock } from "./in_step.ts";
import { FASTEST_ENCODED } from "./quality.ts";
import type { RecordedPlayer } from "./recorded_player.ts";

/** How often players are compared with the clock. */
const COMPARE_EVERY_MS = 100;

/** Who still has nothing after that is left behind. */
const LONGEST_WAIT_MS = 4_000;

/** Newer footage may not be written yet. */
const UNWRITTEN_MS = 12_000;

export class Ensemble {
  readonly instantMs = signal(0);
  readonly isPlaying = signal(false);
  /** The clock stands because a picture is missing. */
  readonly isWaiting = signal(false);
  readonly speed = signal(1);
  readonly marks = signal<Marks>(NO_MARKS);
  readonly view = signal<TimeView>({ fromMs: 0, toMs: 1 });
  /** Which cameras have footage of the instant; who is not in it is not known yet. */
  readonly presence = signal<ReadonlyMap<string, boolean>>(new Map());

  readonly #players = new Map<string, RecordedPlayer>();
  readonly #clock: StepClock;
  readonly #timer: number;
  #waitsSinceMs: number | undefined;

  /** @param other What keys ask for that is not the players'. */
  constructor(startMs: number, private readonly other: (deed: Deed) => void) {
    this.#clock = new StepClock(startMs, () => performance.now());
    this.instantMs.value = startMs;
    this.view.value = { fromMs: startMs - 45 * 60_000, toMs: startMs + 15 * 60_000 };
    this.#timer = setInterval(() => this.#compare(), COMPARE_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  attach(cameraId: string, player: RecordedPlayer | undefined): void {
    if (player === undefined) this.#players.delete(cameraId);
    else {
      this.#players.set(cameraId, player);
      player.speed = this.speed.peek();
      player.seek(this.instantMs.peek());
    }
  }

  seek(atMs: number): void {
    const reached = Math.min(atMs, serverNowMs() - UNWRITTEN_MS);
    this.#clock.set(reached);
    this.instantMs.value = reached;
    for (const player of this.#players.values()) player.seek(reached);
  }

  goTo(atMs: number): void {
    this.view.value = centred(this.view.peek(), atMs);
    this.seek(atMs);
  }

  setSpeed(speed: number): void {
    const isSlow = this.#players.values().some(({ isEncoded }) => isEncoded.peek());
    const possible = isSlow ? Math.min(speed, FASTEST_ENCODED) : speed;
    this.speed.value = possible;
    for (const player of this.#players.values()) player.speed = possible;
    if (this.#clock.rate !== 0) this.#clock.run(possible);
  }

  do(deed: Deed): void {
    const act = this.#deeds[deed];
    if (act === undefined) this.other(deed);
    else act();
  }

  readonly #deeds: Partial<Record<Deed, () => void>> = {
    "play-pause": () => this.isPlaying.peek() ? this.#pause() : this.#play(),
    "second-back": () => this.seek(this.instantMs.peek() - 1_000),
    "second-on": () => this.seek(this.instantMs.peek() + 1_000),
    "ten-back": () => this.seek(this.instantMs.peek() - 10_000),
    "ten-on": () => this.seek(this.instantMs.peek() + 10_000),
    "frame-back": () => this.#step(-1),
    "frame-on": () => this.#step(1),
    slower: () => this.setSpeed(nextSpeed(this.speed.peek(), -1)),
    faster: () => this.setSpeed(nextSpeed(this.speed.peek(), 1)),
    "mark-in": () => this.marks.value = withIn(this.marks.peek(), this.instantMs.peek()),
    "mark-out": () => this.marks.value = withOut(this.marks.peek(), this.instantMs.peek()),
    "marks-off": () => this.marks.value = NO_MARKS,
    "zoom-in": () => this.view.value = zoomed(this.view.peek(), 0.5, this.instantMs.peek()),
    "zoom-out": () => this.view.value = zoomed(this.view.peek(), 2, this.instantMs.peek()),
    boxes: () => boxesOn.value = !boxesOn.peek(),
  };

  #play(): void {
    this.isPlaying.value = true;
    this.#clock.run(this.speed.peek());
  }

  #pause(): void {
    this.isPlaying.value = false;
    this.#clock.run(0);
    this.instantMs.value = this.#clock.instantMs;
    for (const player of this.#players.values()) {
      player.pause();
      player.seek(this.instantMs.peek());
    }
  }

  /** Cameras have frames of different lengths: a step is one of 25 a second for all. */
  #step(frames: number): void {
    if (this.isPlaying.peek()) this.#pause();
    this.seek(this.instantMs.peek() + frames * 40);
  }

  #compare(): void {
    const isWaiting = this.#isWaiting();
    this.isWaiting.value = isWaiting;
    if (this.isPlaying.peek()) {
      const rate = isWaiting ? 0 : this.speed.peek();
      if (this.#clock.rate !== rate) this.#clock.run(rate);
      this.instantMs.value = this.#clock.instantMs;
      this.view.value = keptInSight(this.view.peek(), this.instantMs.peek());
      if (this.instantMs.peek() > serverNowMs() - UNWRITTEN_MS / 2) this.#pause();
    }
    this.#notePresence();
    if (this.isPlaying.peek()) {
      for (const player of this.#players.values()) {
        this.#correct(player);
      }
    }
  }

  #isWaiting(): boolean {
    const stalled = [...this.#players.values()].some((player) =>
      player.isStalled && player.hasFootage(this.#clock.instantMs) !== false
    );
    if (!stalled) {
      this.#waitsSinceMs = undefined;
      return false;
    }
    this.#waitsSinceMs ??= performance.now();
    return performance.now() - this.#waitsSinceMs < LONGEST_WAIT_MS;
  }

  #correct(player: RecordedPlayer): void {
    const instantMs = this.#clock.instantMs;
    const hasFootage = player.hasFootage(instantMs);
    // In a gap the picture stands, covered, where footage goes on.
    if (hasFootage === false || this.isWaiting.peek()) {
      if (player.isPlaying.peek()) player.pause();
      return;
    }
    // Beyond what it has fetched.
    if (hasFootage === undefined) {
      if (player.phase.peek() !== "loading") player.seek(instantMs);
      return;
    }
    if (!player.isPlaying.peek()) player.play();
    if (player.isStalled) return;
    const correction = correctionOf((player.wallMs.peek() ?? 0) - instantMs, this.speed.peek());
    if (correction.kind === "seek") player.seek(instantMs);
    else player.rate = correction.rate;
  }

  #notePresence(): void {
    const fresh = new Map<string, boolean>();
    for (const [cameraId, player] of this.#players) {
      const isEmpty = player.phase.peek() === "empty" || player.phase.peek() === "end";
      const isThere = isEmpty ? false : player.hasFootage(this.#clock.instantMs);
      if (isThere !== undefined) fresh.set(cameraId, isThere);
    }
    const old = this.presence.peek();
    const isSame = old.size === fresh.size && [...fresh].every(([id, is]) => old.get(id) === is);
    if (!isSame) this.presence.value = fresh;
  }
}
