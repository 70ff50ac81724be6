/**
 * Tells whether two faults are the same one at two tries: each is said once.
 *
 * Pure.
 *
 * @module
 */

import type { RecorderFault } from "../media/ffmpeg_faults.ts";

/** Whether nothing differs but what may differ from try to try: seconds, sizes. */
export function isSameFault(one: RecorderFault | undefined, other: RecorderFault): boolean {
  return one !== undefined && words(one) === words(other);
}

function words({ cause, detail }: RecorderFault): string {
  return `${cause} ${detail.replaceAll(/\d+/g, "#")}`;
}
