/**
 * A part of the terminal that is redrawn in place, with log lines above it.
 *
 * @module
 */

import { createLogUpdate } from "log-update";
import process from "node:process";

export interface Screen extends Disposable {
  /** Replaces what is drawn. */
  draw(lines: readonly string[]): void;
  /** Prints a line above what is drawn. */
  log(line: string): void;
}

/** A screen on standard error; disposing leaves the last state standing. */
export function openScreen(): Screen {
  const update = createLogUpdate(process.stderr, { showCursor: true });
  let drawn: readonly string[] = [];
  return {
    draw(lines) {
      drawn = lines;
      update(lines.join("\n"));
    },
    log(line) {
      update.clear();
      process.stderr.write(`${line}\n`);
      update(drawn.join("\n"));
    },
    [Symbol.dispose]() {
      update.done();
    },
  };
}
