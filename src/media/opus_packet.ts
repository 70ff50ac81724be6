/**
 * How long an Opus packet plays, read from its first bytes (RFC 6716, 3.1).
 *
 * Pure.
 *
 * @module
 */

/** Opus counts time in samples of this rate, whatever was encoded (RFC 7845, 4). */
export const OPUS_RATE = 48_000;

/** Samples of one frame, by the configuration's kind and the place within its group. */
const SILK_SAMPLES = [480, 960, 1_920, 2_880] as const;
const HYBRID_SAMPLES = [480, 960] as const;
const CELT_SAMPLES = [120, 240, 480, 960] as const;

/** 120 ms: no packet may be longer. */
const MAX_SAMPLES = 5_760;

/** Samples at 48 kHz; undefined for what is no Opus packet. */
export function opusSamples(packet: Uint8Array): number | undefined {
  const [head, second = 0] = packet;
  if (head === undefined) return undefined;
  const samples = frameSamples(head >> 3) * frameCount(head & 3, second);
  return samples > 0 && samples <= MAX_SAMPLES ? samples : undefined;
}

function frameSamples(configuration: number): number {
  if (configuration < 12) return SILK_SAMPLES[configuration % 4]!;
  if (configuration < 16) return HYBRID_SAMPLES[configuration % 2]!;
  return CELT_SAMPLES[configuration % 4]!;
}

/** One frame, two, or as many as the second byte says. */
function frameCount(code: number, second: number): number {
  if (code === 3) return second & 0x3f;
  return code === 0 ? 1 : 2;
}
