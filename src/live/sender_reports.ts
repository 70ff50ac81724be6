/**
 * Has werift 0.25.2 say in its sender reports (RFC 3550, 6.4.1) when a picture or a
 * sound was taken, by one clock for both: by it players keep lips and voice together.
 *
 * werift itself takes the moment of sending, which is later for sound, because that is
 * encoded first; and it writes the part below a second as its decimal digits, so that
 * the two are apart by anything up to a second.
 *
 * Leans on werift's inner parts: its version is pinned, and tests/live/whep_sound_test.ts
 * fails when they change.
 *
 * Design: docs/design/live.md, "Sound"
 *
 * @module
 */

import type { RTCRtpSender } from "werift";

/** From 1900, where NTP's time begins, to 1970, in seconds. */
const NTP_TO_UNIX_S = 2_208_988_800;

const FRACTIONS = 2 ** 32;

/** 64 bits: seconds since 1900, and below the point. */
export function ntpOf(unixMs: number): bigint {
  const seconds = Math.floor(unixMs / 1_000);
  const fraction = Math.floor((unixMs - seconds * 1_000) / 1_000 * FRACTIONS);
  return (BigInt(seconds + NTP_TO_UNIX_S) << 32n) | BigInt(fraction);
}

/** @param wallMsOf The wall time of an RTP time of this sender. */
export function reportBy(
  sender: RTCRtpSender,
  wallMsOf: (rtpTimestamp: number) => number,
): void {
  // Written at each packet, read when a report is made.
  Object.defineProperty(sender, "ntpTimestamp", {
    configurable: true,
    get(this: { readonly rtpTimestamp: number }) {
      return ntpOf(wallMsOf(this.rtpTimestamp));
    },
    set() {},
  });
}
