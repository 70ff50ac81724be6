/**
 * What a person asks for: one camera and a stretch of time. Texts become
 * numbers before they come here (footage/instant.ts, footage/duration.ts).
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { TimeWindow } from "../model/window.ts";

export interface FootageRequest {
  readonly cameraId: string;
  readonly window: TimeWindow;
}

/**
 * The window that begins at an instant and lasts a duration.
 *
 * @throws {RangeError} If the duration is not a whole number of milliseconds above 0.
 */
export function makeWindow(startMs: UnixMs, durationMs: number): TimeWindow {
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0) {
    throw new RangeError(
      `Cannot make a window of ${durationMs} ms: need whole milliseconds above 0`,
    );
  }
  return { fromMs: startMs, toMs: unixMs(startMs + durationMs) };
}
