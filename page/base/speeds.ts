/**
 * The speeds that recorded footage plays at.
 *
 * @module
 */

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16];

/** The next speed up (1) or down (-1); the last one stays. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  if (step === 1) return SPEEDS.find((other) => other > speed) ?? SPEEDS.at(-1)!;
  return SPEEDS.findLast((other) => other < speed) ?? SPEEDS[0]!;
}

/** "¼×", "½×", "4×". */
export function speedText(speed: number): string {
  if (speed === 0.25) return "¼×";
  if (speed === 0.5) return "½×";
  return `${speed}×`;
}
