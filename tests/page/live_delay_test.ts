import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { DelayReading } from "../../page/live/delay_reading.ts";
import { BOXES_WAIT_MS, holdBackMs } from "../../page/live/hold_back.ts";
import { originMsOf } from "../../page/live/hls_clock.ts";

/** Reads 25 frames a second, each with its delay. */
function readingOf(delays: readonly (number | undefined)[], reckonedMs?: number): DelayReading {
  const reading = new DelayReading();
  delays.forEach((delayMs, index) => reading.note(delayMs, reckonedMs, 1_000 + index * 40));
  return reading;
}

const steady = (count: number, delayMs: number | undefined) =>
  Array.from({ length: count }, () => delayMs);

Deno.test("DelayReading tells nothing in the first second, then not what was kept for the join", () => {
  const reading = readingOf([1_070, 800, 300, ...steady(22, 150)]);
  strictEqual(reading.at(1_960), null);
  deepStrictEqual(reading.at(2_000), { delayMs: 150, isEstimate: false });
});

Deno.test("DelayReading follows a picture that falls behind", () => {
  const reading = readingOf([...steady(50, 150), ...steady(50, 900)]);
  strictEqual(reading.at(5_000)?.delayMs, 900);
});

Deno.test("DelayReading tells nothing while frames come sooner than they can, or out of the future", () => {
  strictEqual(readingOf(steady(50, -20)).at(3_000), null);
  strictEqual(readingOf(steady(50, 13)).at(3_000), null);
});

Deno.test("DelayReading believes what is only reckoned after some seconds", () => {
  const reading = readingOf(steady(150, undefined), 90);
  strictEqual(reading.at(5_900), null);
  deepStrictEqual(reading.at(6_000), { delayMs: 90, isEstimate: true });
});

Deno.test("originMsOf() counts from the part that was read, where the player joined within a segment", () => {
  const segment = { programDateTime: 50_000, elementaryStreams: { video: { startPTS: 10 } } };
  strictEqual(originMsOf(segment, null), 40_000);
  const part = { fragOffset: 0.6, elementaryStreams: { audiovideo: { startPTS: 10 } } };
  strictEqual(originMsOf(segment, part), 40_600);
  strictEqual(originMsOf({ ...segment, programDateTime: null }, part), undefined);
  strictEqual(originMsOf(segment, { fragOffset: 0, elementaryStreams: {} }), undefined);
});

Deno.test("holdBackMs() has no picture wait, unless its boxes shall be in step and there are some", () => {
  const wish = { hasBoxes: true, isInStep: false, isLookedAt: true };
  strictEqual(holdBackMs(wish), 0);
  strictEqual(holdBackMs({ ...wish, isInStep: true }), BOXES_WAIT_MS);
  strictEqual(holdBackMs({ ...wish, isInStep: true, isLookedAt: false }), 0);
  strictEqual(holdBackMs({ ...wish, isInStep: true, hasBoxes: false }), 0);
});
