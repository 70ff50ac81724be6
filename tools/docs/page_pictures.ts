/**
 * What is done on the page before each of its pictures is taken.
 *
 * @module
 */

import type { Page } from "playwright-core";

export const PAGE_SIZE = { width: 1_200, height: 780 } as const;

interface Visit {
  readonly page: Page;
  /** Of the page, with "/" at its end. */
  readonly url: string;
  /** Where somebody is in a camera's picture, from 0 to 1. */
  placeOf(cameraId: string): number | undefined;
}

interface PagePicture {
  readonly name: string;
  /** Of the window, where it is another one. */
  readonly height?: number;
  /** Leaves the page as it shall be shown. */
  readonly take: (visit: Visit) => Promise<void>;
}

/** Live pictures need a moment until they move. */
const SETTLE_MS = 3_000;

/** A figure comes by once in 24 s. */
const COMES_WITHIN_MS = 60_000;

/** Live pictures are so much behind what was seen. */
const BEHIND_MS = 900;

async function at({ page, url }: Visit, hash: string): Promise<void> {
  await page.goto(`${url}#/${hash}`);
  await page.waitForSelector("header.head");
  await settle(page);
}

async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(SETTLE_MS);
}

/** Waits until somebody is in the middle of a camera's picture. */
async function comesBy({ page, placeOf }: Visit, cameraId: string): Promise<void> {
  const endMs = Date.now() + COMES_WITHIN_MS;
  while (Date.now() < endMs) {
    const place = placeOf(cameraId) ?? 0;
    if (place > 0.3 && place < 0.45) break;
    await page.waitForTimeout(100);
  }
  await page.waitForTimeout(BEHIND_MS);
}

export const PAGE_PICTURES: readonly PagePicture[] = [
  {
    name: "cameras",
    height: 900,
    async take(visit) {
      await at(visit, "cameras");
      await visit.page.waitForSelector(".live[data-camera=front][data-phase=playing]");
      await comesBy(visit, "front");
    },
  },
  {
    name: "camera",
    height: 960,
    async take(visit) {
      await onCamera(visit, "front");
      await comesBy(visit, "front");
    },
  },
  {
    name: "take",
    async take(visit) {
      const { page } = visit;
      await onCamera(visit, "drive");
      // Back where footage is, whatever the window shows.
      await clickTimeline(page, 0.35);
      await page.keyboard.press("i");
      await clickTimeline(page, 0.42);
      await page.keyboard.press("o");
      await settle(page);
      await page.locator("#take-title").scrollIntoViewIfNeeded();
      await settle(page);
    },
  },
  {
    name: "exports",
    height: 520,
    async take(visit) {
      await visit.page.click("text=Make the film");
      await settle(visit.page);
      await settle(visit.page);
      await at(visit, "exports");
    },
  },
  {
    name: "together",
    async take(visit) {
      await at(visit, "together?cameras=front,drive");
      await settle(visit.page);
    },
  },
  { name: "events", take: (visit) => at(visit, "events") },
  { name: "system", take: (visit) => at(visit, "system") },
  { name: "access", height: 480, take: (visit) => at(visit, "access/users") },
];

async function onCamera(visit: Visit, id: string): Promise<void> {
  await at(visit, `camera/${id}`);
  await visit.page.waitForSelector(`.live[data-camera=${id}][data-phase=playing]`);
  await visit.page.click("text=10 min");
  await settle(visit.page);
}

async function clickTimeline(page: Page, part: number): Promise<void> {
  const { x, y, width, height } = (await page.locator(".row-large").boundingBox())!;
  await page.mouse.click(x + width * part, y + height / 2);
  await page.waitForTimeout(1_000);
}
