/**
 * Where in a player's own time an instant of wall time lies, and back: a recorded
 * playlist joins stretches of footage that have gaps between them.
 *
 * @module
 */

/** A stretch that plays without a break. Player's times in seconds, wall time in milliseconds. */
export interface Stretch {
  readonly startS: number;
  readonly endS: number;
  readonly wallMs: number;
}

const endMsOf = ({ startS, endS, wallMs }: Stretch) => wallMs + (endS - startS) * 1000;

/** Clocks of segments agree to a few milliseconds; a "hole" that small is none. */
const JOINT_MS = 20;

/** Within the last frame of any camera. */
const LAST_FRAME_S = 0.01;

/** Far less than a frame, and more than what players round to. */
const INSIDE_S = 0.001;

export class PositionMap {
  /** @param stretches By the player's time, as its playlist has them. */
  constructor(readonly stretches: readonly Stretch[]) {}

  /** Wall time of a position; before the first stretch and after the last it goes on straight. */
  wallMsAt(positionS: number): number | undefined {
    const stretch = this.stretches.findLast(({ startS }) => startS <= positionS + 1e-3) ??
      this.stretches[0];
    if (stretch === undefined) return undefined;
    return stretch.wallMs + (positionS - stretch.startS) * 1000;
  }

  /**
   * The position that shows an instant.
   *
   * @returns For an instant within a gap the position where footage goes on, with
   * `isExact` false; undefined where there is none from there on.
   */
  positionAt(
    wallMs: number,
  ): { readonly positionS: number; readonly isExact: boolean } | undefined {
    for (const stretch of this.stretches) {
      if (wallMs >= endMsOf(stretch) + JOINT_MS) continue;
      const offsetS = (wallMs - stretch.wallMs) / 1000;
      const isExact = offsetS >= -JOINT_MS / 1000;
      const lengthS = stretch.endS - stretch.startS;
      // A frame's own time may be rounded to the frame before it, and the very end belongs to
      // the next stretch.
      const insideS = Math.min(Math.max(offsetS, 0) + INSIDE_S, Math.max(lengthS - INSIDE_S, 0));
      return { positionS: stretch.startS + insideS, isExact };
    }
    return undefined;
  }

  /** Shows the last frame. */
  get lastS(): number | undefined {
    const last = this.stretches.at(-1);
    return last === undefined ? undefined : Math.max(last.startS, last.endS - LAST_FRAME_S);
  }

  /** The end of the last stretch. */
  get endMs(): number | undefined {
    const last = this.stretches.at(-1);
    return last === undefined ? undefined : endMsOf(last);
  }
}

/** A piece of a playlist, as hls.js tells it. */
export interface PlaylistPiece {
  readonly start: number;
  readonly duration: number;
  readonly programDateTime: number | null;
}

/** Joins pieces that follow each other in both times. */
export function mapOf(pieces: readonly PlaylistPiece[]): PositionMap {
  const stretches: Stretch[] = [];
  for (const { start, duration, programDateTime } of pieces) {
    const last = stretches.at(-1);
    const wallMs = programDateTime ?? (last === undefined ? undefined : endMsOf(last));
    if (wallMs === undefined) continue;
    const isNext = last !== undefined && Math.abs(endMsOf(last) - wallMs) < JOINT_MS &&
      Math.abs(last.endS - start) < JOINT_MS / 1000;
    // Joined pieces keep the first one's clock: small errors of each must not add up, so a piece
    // that has drifted begins a stretch of its own.
    if (isNext) stretches[stretches.length - 1] = { ...last, endS: start + duration };
    else stretches.push({ startS: start, endS: start + duration, wallMs });
  }
  return new PositionMap(stretches);
}
