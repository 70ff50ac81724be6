/**
 * Connects werift with itself once. The first connection of a process takes 75 to
 * 280 ms longer than the next ones: code is compiled and a certificate is made.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import { guardDtls } from "./dtls_guard.ts";
import type { Werift } from "./whep_connection.ts";
import { WhepPeer } from "./whep_peer.ts";

const LOOPBACK = "127.0.0.1";

/** A box on which this takes longer gains nothing by it any more. */
const LIMIT_MS = 5_000;

/**
 * Resolves when it stood, when the limit is over, or when `signal` is aborted.
 *
 * @throws {Error} If it can't be done.
 */
export async function warmUp(werift: Werift, signal: AbortSignal): Promise<void> {
  const browser = new werift.RTCPeerConnection({
    codecs: { video: [werift.useH264()], audio: [] },
    iceServers: [],
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [LOOPBACK],
    iceInterfaceAddresses: { udp4: LOOPBACK },
  });
  const done = new AbortController();
  const stood = Promise.withResolvers<void>();
  // It may fail before anybody waits for it.
  stood.promise.catch(() => {});
  const failed = () => stood.reject(new Error("the connection ended before it stood"));
  let peer: WhepPeer | undefined;
  try {
    browser.addTransceiver("video", { direction: "recvonly" });
    const offer = await browser.createOffer();
    for (const transport of browser.dtlsTransports) {
      delete transport.iceTransport.connection.stunServer;
      guardDtls(transport);
    }
    await browser.setLocalDescription(offer);
    const opened = await WhepPeer.answer(browser.localDescription?.sdp ?? "", {
      werift,
      clock: systemClock,
      settings: { iceServers: [], port: undefined, bound: LOOPBACK, addresses: [LOOPBACK] },
      events: { onConnected: stood.resolve, onEnded: failed, onRepeat: () => {} },
      log: logger("live", "whep"),
    });
    if (opened === undefined) throw new Error("no socket could be opened");
    peer = opened.peer;
    await browser.setRemoteDescription({ type: "answer", sdp: opened.answer });
    const limit = systemClock.sleep(LIMIT_MS, AbortSignal.any([signal, done.signal]));
    await Promise.race([stood.promise, limit]);
  } finally {
    done.abort();
    await peer?.close();
    await browser.close();
  }
}
