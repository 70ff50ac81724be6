/**
 * One viewer over WebRTC: werift's connection, the way packets go out, and when it
 * is over.
 *
 * In:  a browser's offer and addresses, frames of packets. Out: the answer, SRTP.
 * Not here: who may watch, and how many (whep.ts).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { RTCPeerConnection, RTCRtpSender } from "werift";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { OPUS_RATE } from "../media/opus_packet.ts";
import type { IceCandidateFound } from "../model/live.ts";
import { guardDtls } from "./dtls_guard.ts";
import { MAX_CANDIDATES, ufragsOf } from "./ice_candidates.ts";
import { PacedReplay } from "./paced_replay.ts";
import { TICKS_PER_SECOND } from "./rtp_clock.ts";
import type { RtpFrame, RtpPacket } from "./rtp_packets.ts";
import { reportBy } from "./sender_reports.ts";
import {
  limitListeners,
  openConnection,
  type PeerSettings,
  type Werift,
} from "./whep_connection.ts";
import { MAX_KEPT_BYTES } from "./whep_feed.ts";
import {
  announcedAnswer,
  announcedCandidate,
  candidatesIn,
  hasOwnAddress,
  isKept,
  keptBy,
  type KeptCandidates,
  strippedOffer,
} from "./whep_sdp.ts";

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

export interface PeerEvents {
  readonly onConnected: () => void;
  /** The connection failed or was ended from the other side. */
  readonly onEnded: () => void;
  /** The browser said again what it had said in the handshake. */
  readonly onRepeat: () => void;
}

/** Tells when pictures and sounds were taken: the wall time of an RTP time of so many ticks a second. */
export type WallClock = (rtpTimestamp: number, rate: number) => number;

export interface PeerParts {
  readonly werift: Werift;
  readonly clock: Clock;
  readonly settings: PeerSettings;
  readonly events: PeerEvents;
  readonly log: Logger;
  /** With sound, which is kept together with the pictures by this clock. */
  readonly soundBy?: WallClock | undefined;
  /** The answer comes without addresses, which {@linkcode WhepPeer.follow} gives. */
  readonly isTrickled?: boolean;
}

export class WhepPeer {
  readonly #werift: Werift;
  readonly #connection: RTCPeerConnection;
  readonly #video: RTCRtpSender;
  readonly #audio: RTCRtpSender | undefined;
  readonly #clock: Clock;
  readonly #settings: PeerSettings;
  readonly #keep: KeptCandidates;
  readonly #ufrags: ReadonlySet<string>;
  readonly #replay: PacedReplay<RtpPacket>;
  readonly #madeAtMs: number;
  readonly #log: Logger;
  #state: "connecting" | "connected" | "over" = "connecting";
  /** Since when packets go out that nobody acknowledged. */
  #silentSinceMs: number | undefined;
  #unsentBytes = 0;
  #waitsForKey = true;
  #missed = 0;
  #missedSounds = 0;
  /** Addresses of this box that were found; undefined behind the last one. */
  readonly #found: (IceCandidateFound | undefined)[] = [];
  #onFound: ((candidate: IceCandidateFound | undefined) => void) | undefined;
  /** Addresses of the viewer that count: those of the offer and those that came later. */
  #candidates = 0;

  private constructor(offer: string, { werift, clock, settings, log, soundBy }: PeerParts) {
    this.#werift = werift;
    this.#clock = clock;
    this.#settings = settings;
    this.#log = log;
    this.#keep = keptBy(settings);
    this.#ufrags = ufragsOf(offer);
    this.#connection = openConnection(werift, { ...settings, hasSound: soundBy !== undefined });
    // By one stream for both, players know that they belong together.
    const streams = [new werift.MediaStream([])];
    const sender = (kind: "video" | "audio") =>
      this.#connection.addTransceiver(new werift.MediaStreamTrack({ kind }), {
        direction: "sendonly",
        streams,
      }).sender;
    this.#video = sender("video");
    if (soundBy !== undefined) {
      this.#audio = sender("audio");
      reportBy(this.#video, (timestamp) => soundBy(timestamp, TICKS_PER_SECOND));
      reportBy(this.#audio, (timestamp) => soundBy(timestamp, OPUS_RATE));
    }
    this.#madeAtMs = clock.monotonic();
    this.#replay = new PacedReplay({
      send: (packet) => this.#send(this.#video, packet),
      clock,
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
    parts: PeerParts,
  ): Promise<{ readonly peer: WhepPeer; readonly answer: string } | undefined> {
    const peer = new WhepPeer(offer, parts);
    try {
      const sdp = strippedOffer(offer, peer.#keep);
      peer.#candidates = candidatesIn(sdp);
      await peer.#connection.setRemoteDescription({ type: "offer", sdp });
      peer.#prepare(parts.events);
      const answer = await (parts.isTrickled === true ? peer.#earlyAnswer() : peer.#wholeAnswer());
      if (answer !== undefined) return { peer, answer };
      await peer.close();
      return undefined;
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /** Frames that were left out because the viewer was behind. */
  get missed(): number {
    return this.#missed;
  }

  /** Packets of sound that were left out because the viewer was behind. */
  get missedSounds(): number {
    return this.#missedSounds;
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

  /** Sound is always live: none of it is kept or made up for. */
  takeSound(packet: RtpPacket): void {
    if (this.#state !== "connected" || this.#audio === undefined) return;
    if (this.#unsentBytes + packet.payload.length > MAX_UNSENT_BYTES) this.#missedSounds += 1;
    else this.#send(this.#audio, packet);
  }

  /** Gives the addresses of this box that were found, and those that will be; undefined ends them. */
  follow(onFound: (candidate: IceCandidateFound | undefined) => void): void {
    this.#onFound = onFound;
    for (const candidate of this.#found.splice(0)) onFound(candidate);
  }

  /** Whether a fragment is about this connection, and not about one to begin anew. */
  isKnownAs(ufrag: string): boolean {
    return this.#ufrags.has(ufrag);
  }

  /**
   * An address of the viewer, "candidate:…"; of those that must not be called nothing
   * becomes. That no more will come is not told to werift: the one that is seen counts too.
   *
   * @returns False where it is one too many: it is left out.
   */
  addCandidate(line: string): boolean {
    if (this.#state !== "connecting" || !isKept(line, this.#keep)) return true;
    if (this.#candidates >= MAX_CANDIDATES) return false;
    this.#candidates += 1;
    const candidate = this.#werift.IceCandidate.fromJSON({ candidate: line });
    if (candidate === undefined) return true;
    for (const transport of this.#connection.iceTransports) {
      transport.addRemoteCandidate(candidate)?.catch((error: unknown) => {
        this.#log.debug("Cannot use a viewer's address: {reason}", { reason: messageOf(error) });
      });
    }
    return true;
  }

  async close(): Promise<void> {
    this.#state = "over";
    await this.#replay.close();
    await this.#connection.close();
  }

  /** With all addresses, once they are gathered. */
  async #wholeAnswer(): Promise<string | undefined> {
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createAnswer());
    limitListeners(connection);
    const answer = connection.localDescription?.sdp ?? "";
    if (!hasOwnAddress(answer, this.#settings.bound)) return undefined;
    return announcedAnswer(answer, this.#settings);
  }

  /** Without addresses, as soon as a socket is open. */
  async #earlyAnswer(): Promise<string | undefined> {
    const connection = this.#connection;
    const answer = await connection.createAnswer();
    const open = Promise.withResolvers<boolean>();
    connection.onIceCandidate.subscribe((found) => {
      limitListeners(connection);
      if (found === undefined) return open.resolve(false);
      const { candidate, sdpMid = null, sdpMLineIndex = null } = found;
      for (const line of announcedCandidate(candidate, this.#settings)) {
        this.#tell({ candidate: line, sdpMid, sdpMLineIndex });
      }
      if (hasOwnAddress(candidate, this.#settings.bound)) open.resolve(true);
    });
    connection.setLocalDescription(answer).then(() => open.resolve(false), open.reject)
      .finally(() => this.#tell(undefined));
    return await open.promise ? answer.sdp : undefined;
  }

  #tell(candidate: IceCandidateFound | undefined): void {
    if (this.#onFound === undefined) this.#found.push(candidate);
    else this.#onFound(candidate);
  }

  #prepare(events: PeerEvents): void {
    const { iceServers, port } = this.#settings;
    for (const transport of this.#connection.dtlsTransports) {
      // As client, werift waits 100 ms before it says hello.
      transport.role = "server";
      guardDtls(transport, events.onRepeat);
      transport.onRtcp.subscribe(() => this.#silentSinceMs = undefined);
      const { connection } = transport.iceTransport;
      // Without a server of ours werift would ask one of a stranger's on the internet.
      if (!iceServers.some(({ urls }) => /^stuns?:/i.test(urls))) delete connection.stunServer;
      // Not in the configuration, which refuses a range of one port. One port for each
      // connection, because werift lets connections that open at once meet on one.
      if (port !== undefined) connection.options.portRange = [port, port];
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

  #send(sender: RTCRtpSender, { sequence, timestamp, isLast, payload }: RtpPacket): void {
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
    sender.sendRtp(new this.#werift.RtpPacket(header, bytes)).catch((error) => {
      this.#log.warn("Cannot send a packet: {reason}", { reason: messageOf(error) });
    }).finally(() => this.#unsentBytes -= bytes.length);
  }
}
