/**
 * Recorded footage on the page: which instant shows, which frame that is, and the
 * timeline moved by a mouse. It counts on `readClock` (clock_picture.ts).
 *
 * @module
 */

import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** On a machine that runs other tests beside it. */
export const SHOW_LIMIT_MS = 20_000;

/** Between the time in a recorded picture and the time that it is recorded at: the way here. */
const CLOCK_TOLERANCE_MS = 400;

/** What the page says of a frame and what the frame log says: a part of a frame. */
const FRAME_TOLERANCE_MS = 15;

/** Looks, each the same, after which the page has done all that it was asked for. */
const STEADY_LOOKS = 6;

/** The instant in the recorded picture, and the one that the page says it is of. */
export interface Shown {
  readonly clockMs: number | null;
  readonly wallMs: number;
  /** Another instant was asked for, and the picture is an old one. */
  readonly isSeeking: boolean;
}

export const SHOWN = `({
  clockMs: readClock(document.querySelector(".recorded video")),
  wallMs: Number(document.querySelector(".time-on-show").dataset.wallMs),
  isSeeking: document.querySelector(".recorded video").seeking,
})`;

/** For the words of a failure. */
const PLAYER = `(() => {
  const { currentTime, seeking, paused, readyState, buffered } =
    document.querySelector(".recorded video");
  const ranges = Array.from({ length: buffered.length }, (_, index) => [buffered.start(index), buffered.end(index)]);
  return { currentTime, seeking, paused, readyState, buffered: ranges };
})()`;

/** Waits until an expression is true in the page. Playwright's own way needs `eval`, which the page forbids. */
export async function isSo(page: Page, expression: string): Promise<void> {
  await until(() => page.evaluate<boolean>(expression), {
    limitMs: SHOW_LIMIT_MS,
    what: expression,
  });
}

/**
 * Waits until the picture is of the instant that the page says, and that one is as wished and
 * stays: at first the page says what was asked for, which lies within a frame.
 */
export async function isOnShow(
  page: Page,
  isWished: (shown: Shown) => boolean,
  wish = "another instant",
): Promise<Shown> {
  let shown: Shown | undefined;
  let steadyLooks = 0;
  const isSo = async () => {
    const before = shown?.wallMs;
    shown = await page.evaluate<Shown>(SHOWN);
    const { clockMs, wallMs, isSeeking } = shown;
    const isOfThen = clockMs !== null && Math.abs(wallMs - clockMs) < CLOCK_TOLERANCE_MS;
    const isSteady = isOfThen && !isSeeking && wallMs === before && isWished(shown);
    steadyLooks = isSteady ? steadyLooks + 1 : 0;
    return steadyLooks === STEADY_LOOKS;
  };
  await until(isSo, { limitMs: SHOW_LIMIT_MS, what: "the picture of an instant" }).catch(
    async (error) => {
      const what = `${wish} is wished, on show is ${JSON.stringify(shown)}`;
      const player = JSON.stringify(await page.evaluate(PLAYER));
      throw new Error(`${what}, now is ${Date.now()}, the player has ${player}`, { cause: error });
    },
  );
  return shown!;
}

/** Drags along the timeline, from one instant to another. @returns What a pixel is worth. */
export async function drag(page: Page, fromMs: number, toMs: number): Promise<number> {
  const row = page.locator(".row-large");
  const { x, y, width, height } = (await row.boundingBox())!;
  const [startMs = 0, endMs = 0] = await Promise.all(
    ["data-from-ms", "data-to-ms"].map(async (name) => Number(await row.getAttribute(name))),
  );
  const place = (atMs: number) => x + (atMs - startMs) / (endMs - startMs) * width;
  await page.mouse.move(place(fromMs), y + height / 2);
  await page.mouse.down();
  await page.mouse.move(place(toMs), y + height / 2, { steps: 4 });
  await page.mouse.up();
  return (endMs - startMs) / width;
}

/** Which of the frames is said to be on show; not a whole number where none is. */
export function placeOf(frames: readonly number[], wallMs: number): number {
  const place = frames.findLastIndex((atMs) => atMs <= wallMs + FRAME_TOLERANCE_MS);
  return wallMs - (frames[place] ?? 0) <= FRAME_TOLERANCE_MS ? place : NaN;
}

/** Whether the frame that is said to be on show is the one of an instant. */
export function hasFrame(
  frames: readonly number[],
  wallMs: number,
  instant: number | readonly [earliestMs: number, latestMs: number],
): boolean {
  const [earliestMs, latestMs] = typeof instant === "number" ? [instant, instant] : instant;
  const place = placeOf(frames, wallMs);
  const nextMs = frames[place + 1] ?? NaN;
  return wallMs <= latestMs + FRAME_TOLERANCE_MS && nextMs > earliestMs - FRAME_TOLERANCE_MS;
}

/** The frames around an instant, for the words of a failure. */
export function framesNear(frames: readonly number[], atMs: number): string {
  const near = frames.filter((each) => Math.abs(each - atMs) < 150);
  return `${atMs} among frames of ${near.map((each) => each - atMs).join(", ")} ms beside it`;
}
