/**
 * Whether boxes are drawn around what is seen, and whether live pictures wait for
 * them: one choice for all pictures, kept by the browser.
 *
 * @module
 */

import { effect, type Signal, signal } from "@preact/signals";

export const boxesOn = keptChoice("lookback-boxes", true);

/** Live pictures wait until their boxes are known, instead of showing at once. */
export const boxesInStep = keptChoice("lookback-boxes-in-step", true);

function keptChoice(key: string, isUsual: boolean): Signal<boolean> {
  const choice = signal(keptOr(key, isUsual));
  effect(() => {
    const text = choice.value ? "on" : "off";
    try {
      localStorage.setItem(key, text);
    } catch {
      // Storage may be forbidden; then the choice lasts as long as the page.
    }
  });
  return choice;
}

function keptOr(key: string, isUsual: boolean): boolean {
  try {
    const kept = localStorage.getItem(key);
    return kept === null ? isUsual : kept === "on";
  } catch {
    return isUsual;
  }
}
