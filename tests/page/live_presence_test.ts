import { deepStrictEqual } from "node:assert/strict";
import { followPresence } from "../../page/live/presence.ts";

/** A page's document, as far as it tells whether the page is seen. */
class FakePage extends EventTarget {
  visibilityState = "visible";

  turn(state: "visible" | "hidden"): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

Deno.test("followPresence() ends streams when a page was hidden for long, and is back at once", async () => {
  const page = new FakePage();
  const told: boolean[] = [];
  const { promise: isGone, resolve } = Promise.withResolvers<void>();
  const stop = followPresence(page, (isHere) => {
    told.push(isHere);
    if (!isHere) resolve();
  }, 5);
  page.turn("hidden");
  await isGone;
  page.turn("visible");
  deepStrictEqual(told, [true, false, true]);
  stop();
});

Deno.test("followPresence() lets a page play that comes back in time, or that nobody follows", () => {
  const page = new FakePage();
  const told: boolean[] = [];
  const stop = followPresence(page, (isHere) => told.push(isHere), 60_000);
  page.turn("hidden");
  page.turn("visible");
  deepStrictEqual(told, [true, true]);
  page.turn("hidden");
  stop();
  page.turn("visible");
  deepStrictEqual(told.includes(false), false);
});

Deno.test("followPresence() counts the time of a page that is opened in the background", async () => {
  const page = new FakePage();
  page.visibilityState = "hidden";
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = followPresence(page, (isHere) => isHere || resolve(), 5);
  await promise;
  stop();
});
