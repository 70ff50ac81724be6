/**
 * What fingers, mouse and wheel do on a timeline's row.
 *
 * On the track: press and drag scrubs, with Shift it marks a stretch. On the scale
 * above it: drag moves the view. Two fingers zoom, the wheel too; a sideways wheel
 * (or with Shift) moves the view.
 *
 * @module
 */

import { lengthMs, moved, pinched, timeAt, type TimeView, wheelFactor, zoomed } from "./view.ts";

export interface GestureTarget {
  view(): TimeView;
  setView(view: TimeView): void;
  hover(atMs: number | undefined, x: number): void;
  seek(atMs: number, phase: "scrub" | "done"): void;
  mark(fromMs: number, toMs: number): void;
}

/** Height of the part that moves the view, in pixels: the scale. */
const SCALE_PX = 18;

interface Finger {
  x: number;
  readonly startX: number;
  readonly does: "scrub" | "pan" | "mark";
}

/** Follows an element. @returns Lets go of it. */
export function followGestures(element: HTMLElement, target: GestureTarget): () => void {
  const gestures = new RowGestures(element, target);
  const stop = new AbortController();
  const { signal } = stop;
  const listen = <K extends keyof HTMLElementEventMap>(
    name: K,
    act: (event: HTMLElementEventMap[K]) => void,
  ) => element.addEventListener(name, act, { signal, passive: false });
  listen("pointerdown", (event) => gestures.down(event));
  listen("pointermove", (event) => gestures.move(event));
  listen("pointerup", (event) => gestures.up(event, true));
  listen("pointercancel", (event) => gestures.up(event, false));
  listen("pointerleave", () => target.hover(undefined, 0));
  listen("wheel", (event) => gestures.wheel(event));
  return () => stop.abort();
}

class RowGestures {
  readonly #fingers = new Map<number, Finger>();

  constructor(
    private readonly element: HTMLElement,
    private readonly target: GestureTarget,
  ) {}

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y } = this.#placeOf(event);
    this.element.setPointerCapture(event.pointerId);
    const does = y < SCALE_PX ? "pan" : event.shiftKey ? "mark" : "scrub";
    this.#fingers.set(event.pointerId, { x, startX: x, does });
    if (this.#fingers.size === 1 && does === "scrub") this.#seek(x, "scrub");
  }

  move(event: PointerEvent): void {
    const { x } = this.#placeOf(event);
    if (event.pointerType === "mouse" || this.#fingers.size === 1) {
      this.target.hover(this.#timeAt(x), x);
    }
    const finger = this.#fingers.get(event.pointerId);
    if (finger === undefined) return;
    if (this.#fingers.size >= 2) this.#pinch(event.pointerId, x);
    else if (finger.does === "scrub") this.#seek(x, "scrub");
    else if (finger.does === "mark") this.#mark(finger.startX, x);
    else this.#pan(x - finger.x);
    finger.x = x;
  }

  up(event: PointerEvent, isDone: boolean): void {
    const finger = this.#fingers.get(event.pointerId);
    const wasAlone = this.#fingers.size === 1;
    this.#fingers.delete(event.pointerId);
    if (finger === undefined || !wasAlone) return;
    if (isDone && finger.does === "scrub") this.#seek(finger.x, "done");
    if (event.pointerType !== "mouse") this.target.hover(undefined, 0);
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x } = this.#placeOf(event);
    const view = this.target.view();
    const sideways = event.shiftKey ? event.deltaX + event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
      this.#pan(-sideways);
      return;
    }
    // A mouse may count in lines.
    const deltaPx = event.deltaMode === WheelEvent.DOM_DELTA_LINE
      ? event.deltaY * 16
      : event.deltaY;
    this.target.setView(zoomed(view, wheelFactor(deltaPx), this.#timeAt(x)));
  }

  #pinch(pointerId: number, x: number): void {
    const [first, second] = [...this.#fingers];
    if (first === undefined || second === undefined) return;
    const before = [first[1].x, second[1].x] as const;
    const after = [
      first[0] === pointerId ? x : first[1].x,
      second[0] === pointerId ? x : second[1].x,
    ] as const;
    this.target.setView(pinched(this.target.view(), before, after, this.#widthPx));
  }

  #pan(byPx: number): void {
    const view = this.target.view();
    this.target.setView(moved(view, -byPx / this.#widthPx * lengthMs(view)));
  }

  #seek(x: number, phase: "scrub" | "done"): void {
    this.target.seek(this.#timeAt(x), phase);
  }

  #mark(from: number, to: number): void {
    const [left, right] = from < to ? [from, to] : [to, from];
    this.target.mark(this.#timeAt(left), this.#timeAt(right));
  }

  #timeAt(x: number): number {
    return timeAt(x, this.target.view(), this.#widthPx);
  }

  get #widthPx(): number {
    return Math.max(this.element.clientWidth, 1);
  }

  #placeOf(event: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
