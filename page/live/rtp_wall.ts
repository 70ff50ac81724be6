/**
 * Wall time of an RTP time stamp: 90,000 ticks to a second, in 32 bits that begin
 * again every 13 hours.
 *
 * @module
 */

const TICKS_PER_MS = 90;
const LAP_MS = 2 ** 32 / TICKS_PER_MS;

/**
 * @param originMs Wall time of tick 0, of any lap.
 * @param nearMs The lap is the one that comes nearest to this.
 */
export function wallMsOfRtp(
  timestamp: number,
  { originMs, nearMs }: { readonly originMs: number; readonly nearMs: number },
): number {
  const firstMs = originMs + timestamp / TICKS_PER_MS;
  return firstMs + Math.round((nearMs - firstMs) / LAP_MS) * LAP_MS;
}
