/**
 * One change of a settings file after the other, whoever makes it: the page and MQTT
 * in their Workers, a command in its own process. Reading, judging and writing happen
 * while the file's folder is held, so that nobody writes over what another has just
 * written.
 *
 * In:   the file's path, what is done with it. Out: what that gave.
 * Not here: what is written (web/config.ts). Editors don't know this lock: whoever
 * applies what was shown before says what that was (`ifMatch` there).
 *
 * The folder and not the file, because each change puts another file in its place, and
 * no file of its own, because that would be left behind.
 *
 * @module
 */

import { dirname } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import { OperatorError } from "../../base/errors.ts";
import { type FolderHold, tryHoldFolder } from "../../host/folder_lock.ts";

/** A holder has settings read by all that runs, which takes a second or two; in milliseconds. */
const LIMIT_MS = 15_000;

/** From one look to the next, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Does something with a settings file that nobody else changes meanwhile.
 *
 * @param path Absolute, and no link: whoever comes by a link must find the same folder.
 *
 * @throws {OperatorError} "usage" if others change it for more than 15 s.
 * @throws {Error} What `work` throws.
 */
export async function withSettingsFile<T>(
  path: string,
  work: () => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  using _held = await hold(path, clock);
  return await work();
}

async function hold(path: string, clock: Clock): Promise<FolderHold> {
  const untilMs = clock.monotonic() + LIMIT_MS;
  const { signal } = new AbortController();
  while (true) {
    const held = tryHoldFolder(dirname(path));
    if (held !== undefined) return held;
    if (clock.monotonic() >= untilMs) throw stillHeld(path);
    await clock.sleep(PAUSE_MS, signal);
  }
}

function stillHeld(path: string): OperatorError {
  return new OperatorError("usage", `Cannot change "${path}": it is being changed`, {
    found: { waited: `${LIMIT_MS / 1_000} s` },
    fix: ["try again when the other change has ended"],
  });
}
