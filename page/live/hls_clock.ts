/**
 * Wall time of what an HLS player shows, out of a piece that it has read. The player
 * itself reckons from where it believes a segment begins, and is wrong by the parts
 * that it left out where it joined in the middle of one. Pure.
 *
 * @module
 */

/** Where in the player's time a piece lies, by its kind. */
export type PieceStreams = Readonly<
  Partial<Record<string, { readonly startPTS: number } | null>>
>;

/** A segment. */
export interface ReadSegment {
  readonly programDateTime: number | null;
  readonly elementaryStreams: PieceStreams;
}

/** A part of one; `fragOffset` is how far behind the segment's beginning, in seconds. */
export interface ReadPart {
  readonly fragOffset: number;
  readonly elementaryStreams: PieceStreams;
}

/** Wall time of the player's time 0, in milliseconds; undefined where the piece does not tell. */
export function originMsOf(
  segment: ReadSegment,
  part: ReadPart | null,
): number | undefined {
  const { video, audiovideo } = (part ?? segment).elementaryStreams;
  const startS = (audiovideo ?? video)?.startPTS;
  if (segment.programDateTime === null || startS === undefined) return undefined;
  return segment.programDateTime + ((part?.fragOffset ?? 0) - startS) * 1_000;
}
