/**
 * In which size recorded footage is played. As it was recorded, unless somebody chooses
 * otherwise or the browser can't: other sizes are encoded by the box while they play.
 *
 * In:   what was chosen, what the browser can. Out: which playlist, where to begin in it.
 *
 * Pure.
 *
 * @module
 */

/** "own", "automatic", or a size: "720p". */
export type Quality = string;

export const OWN: Quality = "own";
export const AUTOMATIC: Quality = "automatic";

/** Of 1080p two slow cores encode 2.5 s in a second, when they have nothing else to do. */
export const FASTEST_ENCODED = 2;

/** What an encoder makes in advance is lost with the next seek, in seconds at normal speed. */
export const ENCODED_BUFFER_S = 8;

const OWN_FILE = "recorded.m3u8";
const LADDER_FILE = "recorded-master.m3u8";

/** What begins where the camera's own stream can't be played. */
const FIRST_HEIGHT = 720;

/** What the browser says when it can't play a codec. */
const CODEC_FAULTS: readonly string[] = [
  "manifestIncompatibleCodecsError",
  "bufferIncompatibleCodecsError",
  "bufferAddCodecError",
];

/** The playlist's address below that of the camera. */
export function playlistFile(
  quality: Quality,
  { canPlayOwn }: { readonly canPlayOwn: boolean },
): string {
  if (quality === OWN && canPlayOwn) return OWN_FILE;
  return quality === OWN || quality === AUTOMATIC ? LADDER_FILE : `renditions/${quality}.m3u8`;
}

/** Whether a playlist has pieces that are encoded; undefined where it has both kinds. */
export function isEncodedFile(file: string): boolean | undefined {
  return file === LADDER_FILE ? undefined : file !== OWN_FILE;
}

/** A stream of the ladder, as hls.js tells it. */
export interface LadderLevel {
  readonly height: number;
  readonly uri: string;
}

export function isOwnLevel({ uri }: Pick<LadderLevel, "uri">): boolean {
  const [path = ""] = uri.split(/[?#]/, 1);
  return path.slice(path.lastIndexOf("/") + 1) === OWN_FILE;
}

/** The camera's own where the browser plays it, else a middling one. */
export function firstLevel(levels: readonly LadderLevel[]): number {
  const own = levels.findIndex(isOwnLevel);
  if (own >= 0) return own;
  return Math.max(0, levels.findLastIndex(({ height }) => height <= FIRST_HEIGHT));
}

export function isCodecFault(details: string): boolean {
  return CODEC_FAULTS.includes(details);
}

/** "As recorded", "Automatic", "720p". */
export function qualityText(quality: Quality): string {
  if (quality === OWN) return "As recorded";
  return quality === AUTOMATIC ? "Automatic" : quality;
}
