/**
 * A viewer over WebRTC that is no browser: werift at the other end. It posts its
 * offer before it has gathered addresses, as the page does.
 *
 * @module
 */

import type { RTCPeerConnection, RtpPacket } from "werift";
import * as werift from "werift";
import { guardDtls } from "../../src/live/dtls_guard.ts";
import type { Whep } from "../../src/live/whep.ts";
import type { LiveSource } from "../../src/model/live.ts";
import { until } from "../support/until.ts";
import { unitsOfPayloads } from "./clip_source.ts";

const LOOPBACK = "127.0.0.1";

/** How long a join may take here, on a machine with much to do, in milliseconds. */
const JOIN_LIMIT_MS = 10_000;

export interface ViewerOptions {
  /** Sends each datagram of the handshake twice, as a browser does whom nobody answers in time. */
  readonly isImpatient?: boolean;
  /** Asks for sound too. */
  readonly isListening?: boolean;
}

/** What a sender report says: this RTP time was then. */
export interface Report {
  readonly kind: "video" | "audio";
  /** Seconds since 1900. */
  readonly ntpS: number;
  readonly rtpTimestamp: number;
}

export class WhepViewer {
  readonly received: RtpPacket[] = [];
  /** Packets of sound. */
  readonly heard: RtpPacket[] = [];
  readonly reports: Report[] = [];
  readonly #connection: RTCPeerConnection;
  readonly #isImpatient: boolean;
  id = "";
  answer = "";

  constructor({ isImpatient = false, isListening = false }: ViewerOptions = {}) {
    this.#isImpatient = isImpatient;
    this.#connection = new werift.RTCPeerConnection({
      codecs: { video: [werift.useH264()], audio: isListening ? [werift.useOPUS()] : [] },
      headerExtensions: { video: [], audio: [] },
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [LOOPBACK],
      iceInterfaceAddresses: { udp4: LOOPBACK },
    });
    this.#connection.onTrack.subscribe((track) => {
      const kept = track.kind === "audio" ? this.heard : this.received;
      track.onReceiveRtp.subscribe((packet) => void kept.push(packet));
    });
    this.#connection.addTransceiver("video", { direction: "recvonly" });
    if (isListening) this.#connection.addTransceiver("audio", { direction: "recvonly" });
    for (const { kind, receiver } of this.#connection.getTransceivers()) {
      receiver.onRtcp.subscribe((packet) => {
        if (!(packet instanceof werift.RtcpSrPacket)) return;
        const { ntpTimestamp, rtpTimestamp } = packet.senderInfo;
        const ntpS = Number(ntpTimestamp >> 32n) + Number(ntpTimestamp & 0xffffffffn) / 2 ** 32;
        this.reports.push({ kind: kind as "video" | "audio", ntpS, rtpTimestamp });
      });
    }
  }

  /** Calls with each address that it finds; undefined behind the last. */
  onCandidate(call: (candidate: string | undefined) => void): void {
    this.#connection.onIceCandidate.subscribe((found) => call(found?.candidate));
  }

  async takeAnswer(sdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp });
  }

  async takeCandidate(candidate: string | null): Promise<void> {
    await this.#connection.addIceCandidate(
      candidate === null ? null : { candidate, sdpMLineIndex: 0 },
    );
  }

  async offer(): Promise<string> {
    const offer = await this.#connection.createOffer();
    for (const transport of this.#connection.dtlsTransports) {
      const { connection } = transport.iceTransport;
      delete connection.stunServer;
      guardDtls(transport);
      if (!this.#isImpatient) continue;
      const send = connection.send.bind(connection);
      connection.send = async (data) => {
        await send(data);
        // 20 to 63 are DTLS (RFC 7983).
        if (data[0]! >= 20 && data[0]! <= 63) await send(data);
      };
    }
    await this.#connection.setLocalDescription(offer);
    return offer.sdp;
  }

  /** Joins and resolves as soon as the first packet is decrypted; gives the milliseconds. */
  async join(whep: Whep, source: LiveSource): Promise<number> {
    const { id, answer } = await whep.offer(source, await this.offer());
    this.id = id;
    this.answer = answer;
    await this.#connection.setRemoteDescription({ type: "answer", sdp: answer });
    return await until(() => this.received.length > 0, {
      limitMs: JOIN_LIMIT_MS,
      what: "a packet that can be decrypted",
    });
  }

  /** NAL units of the frames that came so far, in the order of their packets. */
  units(): Uint8Array[][] {
    const frames = Map.groupBy(this.received, ({ header }) => header.timestamp);
    return [...frames.values()].map((packets) =>
      unitsOfPayloads(
        packets.toSorted((one, other) => one.header.sequenceNumber - other.header.sequenceNumber)
          .map(({ payload }) => new Uint8Array(payload)),
      )
    );
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
