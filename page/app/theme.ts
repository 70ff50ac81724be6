/**
 * Light or dark: as the system has it, until somebody chooses.
 *
 * @module
 */

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "lookback-theme";

export const theme = signal<Theme>(kept());

/** Colours on canvases are drawn anew when this changes. */
export const themeTurns = signal(0);

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
    return "system";
  }
}

/** Begins to follow the choice and the system. */
export function startTheme(): void {
  effect(() => {
    const { value } = theme;
    if (value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = value;
    try {
      localStorage.setItem(KEY, value);
    } catch {
      // See `kept`.
    }
    themeTurns.value = themeTurns.peek() + 1;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    themeTurns.value = themeTurns.peek() + 1;
  });
}
