/**
 * How werift's connections are made: codecs, sockets, servers, addresses.
 *
 * In:   settings. Out: an RTCPeerConnection that has not heard of an offer yet.
 * Not here: what becomes of it (whep_peer.ts).
 *
 * Design: docs/design/live.md, "WebRTC"
 *
 * @module
 */

import type { Server } from "node:net";
import type { RTCPeerConnection } from "werift";
import type { IceServer } from "../model/live.ts";

export type Werift = typeof import("werift");

/** How connections are made. */
export interface PeerSettings {
  readonly iceServers: readonly IceServer[];
  /** The port of UDP and of TCP; any free one without it. */
  readonly port: number | undefined;
  /** The address on which sockets listen, "0.0.0.0" for all. */
  readonly bound: string;
  /** Addresses that browsers are told. */
  readonly addresses: readonly string[];
}

export const ALL_ADDRESSES = "0.0.0.0";

/** How long a STUN server may take. Where it does not answer, the browser waits for nothing else. */
const STUN_LIMIT_SECONDS = 1;
const TURN_LIMIT_SECONDS = 3;

/** Baseline, as all browsers offer it; decoders go by the stream's own parameter sets. */
const H264_PARAMETERS = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

export function openConnection(
  werift: Werift,
  { bound, iceServers, hasSound }: PeerSettings & { readonly hasSound: boolean },
): RTCPeerConnection {
  return new werift.RTCPeerConnection({
    codecs: {
      video: [werift.useH264({ parameters: H264_PARAMETERS })],
      // One at most: werift gives every packet the number of the first.
      audio: hasSound ? [werift.useOPUS({ mimeType: "audio/opus" })] : [],
    },
    headerExtensions: { video: [], audio: [] },
    iceServers: iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    })),
    // One socket for all addresses of the box, which werift itself would open for each.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [bound],
    ...(bound === ALL_ADDRESSES ? {} : { iceInterfaceAddresses: { udp4: bound } }),
    // For networks that let no UDP through.
    iceUseTcp: true,
    iceStunGatherTimeout: STUN_LIMIT_SECONDS,
    iceTurnConnectTimeout: TURN_LIMIT_SECONDS,
    bundlePolicy: "max-bundle",
  });
}

/**
 * A browser comes over TCP at most once for each of our addresses. werift itself
 * would take connections from anybody until the process has no file left to open.
 */
const MAX_TCP_CONNECTIONS = 8;

export function limitListeners(connection: RTCPeerConnection): void {
  for (const { connection: ice } of connection.iceTransports) {
    // Not in werift's types.
    const { protocols } = ice as unknown as { readonly protocols: { server?: Server }[] };
    for (const { server } of protocols) {
      if (server !== undefined) server.maxConnections = MAX_TCP_CONNECTIONS;
    }
  }
}

/** Addresses of this box, and those that it is told to have. */
export function announcedAddresses(bound: string, hosts: readonly string[]): string[] {
  const own = bound === ALL_ADDRESSES
    ? Deno.networkInterfaces()
      .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
      .map(({ address }) => address)
    : [bound];
  const all = [...new Set([...own, ...hosts])];
  // On a box without a network only its own browser can come.
  return all.length > 0 ? all : ["127.0.0.1"];
}
