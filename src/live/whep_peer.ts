/**
 * One viewer over WebRTC: werift's connection, the way packets go out, and when it
 * is over.
 *
 * In:  a browser's offer, frames of packets. Out: the answer, SRTP.
 * Not here: who may watch, and how many (whep.ts).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Server } from "node:net";
import type { RTCPeerConnection, RTCRtpSender } from "werift";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { guardDtls } from "./dtls_guard.ts";
import { PacedReplay } from "./paced_replay.ts";
import type { RtpFrame, RtpPacket } from "./rtp_packets.ts";
import { MAX_KEPT_BYTES } from "./whep_feed.ts";
import { announcedAnswer, hasOwnAddress, strippedOffer } from "./whep_sdp.ts";

export type Werift = typeof import("werift");

/** Bytes that wait to be sent: a whole kept group of pictures, and what comes meanwhile. */
const MAX_WAITING_BYTES = MAX_KEPT_BYTES + 4 * 1024 * 1024;

/** Bytes that a slow TCP connection may hold back. UDP holds back none. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/** How long a browser may take from the answer to the connection. */
const CONNECT_LIMIT_MS = 10_000;

/**
 * A browser reports at least each second what it received. One that was sent
 * packets for this long and said nothing is gone; ICE alone notices after 30 s.
 */
const SILENT_LIMIT_MS = 5_000;

/** How long a STUN server may take. Where it does not answer, the browser waits for nothing else. */
const STUN_LIMIT_SECONDS = 1;
const TURN_LIMIT_SECONDS = 3;

/** Baseline, as all browsers offer it; decoders go by the stream's own parameter sets. */
const H264_PARAMETERS = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

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

/** A STUN or TURN server. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

export interface PeerEvents {
  readonly onConnected: () => void;
  /** The connection failed or was ended from the other side. */
  readonly onEnded: () => void;
  /** The browser said again what it had said in the handshake. */
  readonly onRepeat: () => void;
}

export class WhepPeer {
  readonly #werift: Werift;
  readonly #connection: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  readonly #clock: Clock;
  readonly #replay: PacedReplay<RtpPacket>;
  readonly #madeAtMs: number;
  readonly #log = logger("live", "whep");
  #state: "connecting" | "connected" | "over" = "connecting";
  /** Since when packets go out that nobody acknowledged. */
  #silentSinceMs: number | undefined;
  #unsentBytes = 0;
  #waitsForKey = true;
  #missed = 0;

  private constructor(
    parts: {
      readonly werift: Werift;
      readonly connection: RTCPeerConnection;
      readonly sender: RTCRtpSender;
      readonly clock: Clock;
    },
  ) {
    this.#werift = parts.werift;
    this.#connection = parts.connection;
    this.#sender = parts.sender;
    this.#clock = parts.clock;
    this.#madeAtMs = parts.clock.monotonic();
    this.#replay = new PacedReplay({
      send: (packet) => this.#send(packet),
      clock: parts.clock,
      maxBytes: MAX_WAITING_BYTES,
    });
  }

  /**
   * Answers an offer.
   *
   * @returns Undefined when no socket could be opened, for example because the port is taken.
   * @throws What werift throws for an offer that it does not understand.
   */
  static async answer(
    offer: string,
    parts: {
      readonly werift: Werift;
      readonly clock: Clock;
      readonly settings: PeerSettings;
      readonly events: PeerEvents;
    },
  ): Promise<{ readonly peer: WhepPeer; readonly answer: string } | undefined> {
    const { werift, clock, settings, events } = parts;
    const connection = openConnection(werift, settings);
    const track = new werift.MediaStreamTrack({ kind: "video" });
    const { sender } = connection.addTransceiver(track, { direction: "sendonly" });
    const peer = new WhepPeer({ werift, connection, sender, clock });
    try {
      const keep = settings.iceServers.length > 0 ? "udp" : "none";
      await connection.setRemoteDescription({ type: "offer", sdp: strippedOffer(offer, keep) });
      peer.#prepare(settings, events);
      await connection.setLocalDescription(await connection.createAnswer());
      limitListeners(connection);
      const answer = connection.localDescription?.sdp ?? "";
      if (!hasOwnAddress(answer, settings.bound)) {
        await peer.close();
        return undefined;
      }
      return { peer, answer: announcedAnswer(answer, settings) };
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /** Frames that were left out because the viewer was behind. */
  get missed(): number {
    return this.#missed;
  }

  get isConnected(): boolean {
    return this.#state === "connected";
  }

  /** True once nobody is at the other end: it never came, or has not been heard for long. */
  get isGone(): boolean {
    if (this.#state === "over") return true;
    const nowMs = this.#clock.monotonic();
    if (this.#state === "connecting") return nowMs - this.#madeAtMs > CONNECT_LIMIT_MS;
    if (this.#silentSinceMs === undefined) return false;
    return nowMs - this.#silentSinceMs > SILENT_LIMIT_MS;
  }

  take(frame: RtpFrame): void {
    if (this.#state !== "connected") return;
    const isUseless = this.#waitsForKey && !frame.isKey;
    const fits = this.#unsentBytes + frame.bytes <= MAX_UNSENT_BYTES;
    this.#waitsForKey = isUseless || !fits || !this.#replay.add(frame.packets);
    if (this.#waitsForKey) this.#missed += 1;
  }

  async close(): Promise<void> {
    this.#state = "over";
    await this.#replay.close();
    await this.#connection.close();
  }

  #prepare(settings: PeerSettings, events: PeerEvents): void {
    for (const transport of this.#connection.dtlsTransports) {
      // As client, werift waits 100 ms before it says hello.
      transport.role = "server";
      guardDtls(transport, events.onRepeat);
      transport.onRtcp.subscribe(() => this.#silentSinceMs = undefined);
      const { connection } = transport.iceTransport;
      // Without a server of ours werift would ask one of a stranger's on the internet.
      if (!settings.iceServers.some(({ urls }) => /^stuns?:/i.test(urls))) {
        delete connection.stunServer;
      }
      // Not in the configuration, which refuses a range of one port. One port for each
      // connection, because werift lets connections that open at once meet on one.
      if (settings.port !== undefined) {
        connection.options.portRange = [settings.port, settings.port];
      }
    }
    this.#connection.connectionStateChange.subscribe((state) => {
      if (this.#state === "over") return;
      if (state === "connected") {
        this.#state = "connected";
        events.onConnected();
      } else if (state === "failed" || state === "closed") {
        this.#state = "over";
        events.onEnded();
      }
    });
  }

  #send({ sequence, timestamp, isLast, payload }: RtpPacket): void {
    if (this.#state !== "connected") return;
    this.#silentSinceMs ??= this.#clock.monotonic();
    const header = new this.#werift.RtpHeader({
      sequenceNumber: sequence,
      timestamp,
      marker: isLast,
    });
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    this.#unsentBytes += bytes.length;
    // Settles at once over UDP; over TCP when the system has taken the bytes.
    this.#sender.sendRtp(new this.#werift.RtpPacket(header, bytes)).catch((error) => {
      this.#log.warn("Cannot send a packet: {reason}", { reason: messageOf(error) });
    }).finally(() => this.#unsentBytes -= bytes.length);
  }
}

/**
 * A browser comes over TCP at most once for each of our addresses. werift itself
 * would take connections from anybody until the process has no file left to open.
 */
const MAX_TCP_CONNECTIONS = 8;

function limitListeners(connection: RTCPeerConnection): void {
  for (const { connection: ice } of connection.iceTransports) {
    // Not in werift's types.
    const { protocols } = ice as unknown as { readonly protocols: { server?: Server }[] };
    for (const { server } of protocols) {
      if (server !== undefined) server.maxConnections = MAX_TCP_CONNECTIONS;
    }
  }
}

function openConnection(werift: Werift, settings: PeerSettings): RTCPeerConnection {
  const { bound, iceServers } = settings;
  return new werift.RTCPeerConnection({
    codecs: { video: [werift.useH264({ parameters: H264_PARAMETERS })], audio: [] },
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
    ...(bound === "0.0.0.0" ? {} : { iceInterfaceAddresses: { udp4: bound } }),
    // For networks that let no UDP through.
    iceUseTcp: true,
    iceStunGatherTimeout: STUN_LIMIT_SECONDS,
    iceTurnConnectTimeout: TURN_LIMIT_SECONDS,
    bundlePolicy: "max-bundle",
  });
}
