/**
 * What this browser can play.
 *
 * @module
 */

import { mediaSourceKind } from "./mse_buffer.ts";
import type { Abilities } from "./ways.ts";

let known: Abilities | undefined;

export function browserAbilities(): Abilities {
  known ??= {
    hasWebrtc: hasWebrtcH264(),
    playsMse: (mime) => mediaSourceKind()?.isTypeSupported(mime) ?? false,
    hasNativeHls: document.createElement("video")
      .canPlayType("application/vnd.apple.mpegurl") !== "",
  };
  return known;
}

function hasWebrtcH264(): boolean {
  if (!("RTCPeerConnection" in globalThis)) return false;
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs;
  // Who does not tell may well do: the watchdog finds out.
  return codecs === undefined || codecs.some(({ mimeType }) => /h264/i.test(mimeType));
}
