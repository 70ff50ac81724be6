/**
 * What a camera has recorded so far, over all its runs.
 *
 * @module
 */

/** What was recorded so far; shared with the status line. */
export interface RunCounters {
  frames: number;
  batches: number;
  bytes: number;
  /** From frame to frame by their time stamps, holes included; time between runs is not. */
  streamMs: number;
  /** Fragments before the first key frame: nothing in them can be shown. */
  skippedFragments: number;
}

export function nothingRecorded(): RunCounters {
  return { frames: 0, batches: 0, bytes: 0, streamMs: 0, skippedFragments: 0 };
}
