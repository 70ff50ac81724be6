/**
 * Which measurements there are, for the command line: names alone, because a command's
 * options are read without loading what they lead to.
 *
 * @module
 */

/** Those that need nothing but Lookback and ffmpeg, in the order in which they are taken. */
export const SECTION_IDS = [
  "start",
  "retrieval",
  "frame-log",
  "writer",
  "delay",
  "recording-cost",
  "capacity",
  "memory",
  "soak",
] as const;

export type SectionId = typeof SECTION_IDS[number];

/** Those that compare Lookback with something else, only in the repository. */
export const PEER_SECTION_IDS = ["cut-route"] as const;
