/**
 * A progress bar on standard error with the time that is left; silent where
 * nobody looks.
 *
 * @module
 */

import process from "node:process";
import { formatDuration } from "../footage/duration.ts";

const BAR_CHARACTERS = 30;

/** Redrawing more often than this only costs time, in milliseconds. */
const REDRAW_MS = 100;

export interface ProgressBar extends Disposable {
  /** @param note Stands behind the bar, for example a speed. */
  update(done: number, total: number, note?: string): void;
  /** Takes it off the screen until the next update: something else is printed. */
  clear(): void;
}

/** Starts a bar. Disposing takes it off the screen. */
export function startProgress(label: string): ProgressBar {
  const isShown = Deno.stderr.isTerminal();
  const startedAt = performance.now();
  let drawnAt = -Infinity;
  const clear = () => {
    if (drawnAt > -Infinity) process.stderr.write("\r\x1b[K");
    drawnAt = -Infinity;
  };
  return {
    update(done, total, note) {
      const now = performance.now();
      if (!isShown || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      const drawn = bar({ label, done, total, passedMs: now - startedAt });
      process.stderr.write(`\r\x1b[K${drawn}${note === undefined ? "" : `, ${note}`}`);
    },
    clear,
    [Symbol.dispose]: clear,
  };
}

/** One state of the bar as text. */
export function bar(
  state: {
    readonly label: string;
    readonly done: number;
    readonly total: number;
    readonly passedMs: number;
  },
): string {
  const part = state.total === 0 ? 0 : Math.min(1, state.done / state.total);
  const filled = Math.round(part * BAR_CHARACTERS);
  const drawn = "█".repeat(filled) + "░".repeat(BAR_CHARACTERS - filled);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  if (part === 0 || part === 1) return `${state.label} ${drawn} ${percent} %`;
  const leftSeconds = Math.ceil(state.passedMs * (1 - part) / part / 1_000);
  return `${state.label} ${drawn} ${percent} %, ${formatDuration(leftSeconds * 1_000)} left`;
}
