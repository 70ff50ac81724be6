/**
 * Whether boxes are drawn around what is seen: one choice for all pictures, kept by
 * the browser.
 *
 * @module
 */

import { effect, signal } from "@preact/signals";

const KEY = "lookback-boxes";

export const boxesOn = signal(isKeptOn());

effect(() => {
  try {
    localStorage.setItem(KEY, boxesOn.value ? "on" : "off");
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
});

function isKeptOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}
