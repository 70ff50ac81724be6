/**
 * Keeps a live picture near its newest frame: how fast to play, and when to jump.
 *
 * In:   what is buffered and where the picture is, in seconds.
 * Out:  a rate, and for a large lag a position.
 *
 * @module
 */

export interface BufferState {
  readonly positionS: number;
  /** Where what is buffered around or after the position begins and ends. */
  readonly startS: number;
  readonly endS: number;
  /** How far behind the newest frame it shall be. */
  readonly targetS: number;
}

export interface Steering {
  readonly rate: number;
  /** Undefined: play on from where it is. */
  readonly seekS: number | undefined;
}

/** From here on catching up by playing faster would take many seconds. */
const JUMP_S = 1.5;

/** A lag that is this much over the target is caught up with; less would hunt forever. */
const SLACK_S = 0.15;

/** People don't notice these changes of speed, and sound keeps its pitch. */
export const CATCH_UP_RATE = 1.1;
const FALL_BACK_RATE = 0.97;

/** What to do now. Called after every piece that comes. */
export function steer({ positionS, startS, endS, targetS }: BufferState): Steering {
  const lagS = endS - positionS;
  const seekS = Math.max(startS, endS - targetS);
  if (positionS < startS || lagS > Math.max(JUMP_S, 4 * targetS)) return { rate: 1, seekS };
  if (lagS > targetS + SLACK_S) return { rate: CATCH_UP_RATE, seekS: undefined };
  if (lagS < targetS / 2) return { rate: FALL_BACK_RATE, seekS: undefined };
  return { rate: 1, seekS: undefined };
}

/** What is buffered may lie in pieces: the newest one counts. Undefined while there is none. */
export function newestRange(
  ranges: { readonly length: number; start(index: number): number; end(index: number): number },
): { readonly startS: number; readonly endS: number } | undefined {
  const last = ranges.length - 1;
  return last < 0 ? undefined : { startS: ranges.start(last), endS: ranges.end(last) };
}
