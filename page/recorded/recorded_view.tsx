/**
 * The picture of recorded footage, with boxes around what was seen then.
 *
 * @module
 */

import { effect, type Signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { getEvents } from "../api/calls.ts";
import { classes } from "../base/class_names.ts";
import { drawBoxes, type DrawnBox } from "../live/boxes.ts";
import { RecordedPlayer } from "./recorded_player.ts";
import { boxAt, type Trace, traceOf } from "./traces.ts";

interface RecordedViewProps {
  readonly cameraId: string;
  readonly label: string;
  /** Frames a second, as far as that is known: steps of a frame begin with it. */
  readonly fps?: number;
  readonly isHidden?: boolean;
  readonly isMuted: boolean;
  readonly hasBoxes: Signal<boolean>;
  /** Told of the player once it is there, and of its end. */
  readonly onPlayer: (player: RecordedPlayer | undefined) => void;
}

export function RecordedView(
  { cameraId, label, fps, isHidden = false, isMuted, hasBoxes, onPlayer }: RecordedViewProps,
): VNode {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = useRef<RecordedPlayer | undefined>(undefined);
  useEffect(() => {
    const own = new RecordedPlayer(cameraId, video.current!);
    const traces = new TraceShelf(cameraId);
    const drawn = canvas.current!;
    // Draws on and off at once, in a standing picture too.
    const stop = effect(() => {
      const wallMs = own.wallMs.value;
      const isOn = hasBoxes.value && wallMs !== undefined;
      const { videoWidth: width, videoHeight: height } = own.video;
      drawBoxes(drawn, isOn ? traces.boxesAt(wallMs) : [], { width, height });
    });
    player.current = own;
    onPlayer(own);
    return () => {
      onPlayer(undefined);
      stop();
      own.close();
    };
  }, [cameraId]);
  useEffect(() => {
    if (player.current !== undefined) player.current.usualFps = fps;
  }, [cameraId, fps]);
  return (
    <div class={classes("live", "recorded", isHidden && "hidden")} data-camera={cameraId}>
      <video ref={video} playsInline muted={isMuted} aria-label={label} />
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  );
}

/** Fetched around an instant, and again when it is left. */
const REACH_MS = 5 * 60_000;

/** The events of a stretch of footage with where their things were. */
class TraceShelf {
  #fromMs = Infinity;
  #toMs = -Infinity;
  #traces: readonly Trace[] = [];
  #isAsking = false;

  constructor(private readonly cameraId: string) {}

  boxesAt(wallMs: number): readonly DrawnBox[] {
    if (wallMs < this.#fromMs || wallMs > this.#toMs) this.#ask(wallMs);
    return this.#traces.flatMap(({ name, score, points }) => {
      const box = boxAt({ points }, wallMs);
      return box === undefined ? [] : [{ box, name, score }];
    });
  }

  async #ask(wallMs: number): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const [from, to] = [Math.floor(wallMs - REACH_MS), Math.ceil(wallMs + REACH_MS)];
    try {
      const { events } = await getEvents({ camera: this.cameraId, from, to, limit: 500 });
      this.#traces = events.map(traceOf);
    } catch {
      // Footage plays without boxes; the next stretch may have them.
      this.#traces = [];
    } finally {
      [this.#fromMs, this.#toMs] = [from, to];
      this.#isAsking = false;
    }
  }
}
