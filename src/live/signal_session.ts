/**
 * One viewer's WebSocket by which a WebRTC connection is made: the offer and the
 * answer go over it, then addresses in both directions as they are found. The
 * connection ends with the socket, and the socket with the connection.
 *
 * In:   messages of the viewer (signals.ts). Out: the same, and calls of {@linkcode Signalled}.
 * Policy: a viewer who says what is no message, or far more than is needed, is hung up on.
 *
 * Design: docs/design/live.md, "WebRTC"
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { IceCandidateFound, IceServer, LiveRefusal, WhepAnswer } from "../model/live.ts";
import type { Socket } from "./mse_session.ts";
import { type BoxSignal, readSignal } from "./signals.ts";
import type { CandidatesFate } from "./whep.ts";

/** Messages of a viewer: some boxes find a hundred addresses, most of them of no use here. */
const MAX_MESSAGES = 400;

/** How long a viewer may take to make its offer, in milliseconds. */
const OFFER_LIMIT_MS = 10_000;

/** Close codes (RFC 6455, 7.4.1). */
const CLOSED = { over: 1000, goingAway: 1001, notUnderstood: 1008, refused: 1011 } as const;

/** What is signalled to. */
export interface Signalled {
  readonly cameraId: string;
  readonly iceServers: readonly IceServer[];
  /** @throws {OperatorError} Where it can't be answered. */
  readonly offer: (sdp: string, onEnd: () => void) => Promise<WhepAnswer | LiveRefusal>;
  readonly follow: (id: string, onFound: (found: IceCandidateFound | undefined) => void) => void;
  readonly addCandidate: (id: string, candidate: string) => CandidatesFate;
  readonly end: (id: string) => void;
  /** The socket is closed; whoever watched does so no more. */
  readonly onEnd: () => void;
}

export class SignalSession {
  readonly #socket: Socket;
  readonly #signalled: Signalled;
  readonly #limit = new AbortController();
  /** Addresses that came before the answer was there. */
  readonly #early: string[] = [];
  #messages = 0;
  #hasOffered = false;
  #id: string | undefined;
  #hasEnded = false;

  constructor(socket: Socket, signalled: Signalled, clock: Clock) {
    this.#socket = socket;
    this.#signalled = signalled;
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = () => this.#end();
    socket.onerror = (event) => {
      event.preventDefault();
      this.#end();
    };
    if (socket.readyState === WebSocket.OPEN) this.#open();
    else socket.onopen = () => this.#open();
    clock.sleep(OFFER_LIMIT_MS, this.#limit.signal).then(() => {
      if (!this.#limit.signal.aborted) this.#refuse("request-invalid", "No offer came");
    });
  }

  /** Ends the viewer's connection. */
  close(): void {
    this.#hangUp(CLOSED.goingAway);
    this.#end();
  }

  #open(): void {
    if (this.#hasEnded) return this.#hangUp(CLOSED.goingAway);
    this.#say({ type: "ready", iceServers: this.#signalled.iceServers });
  }

  #take(data: unknown): void {
    if (this.#hasEnded) return;
    this.#messages += 1;
    if (this.#messages > MAX_MESSAGES) return this.#refuse("request-invalid", "Too many messages");
    const signal = readSignal(data);
    if (signal === undefined) return this.#refuse("request-invalid", "This is no message of ours");
    if (signal.type === "offer") return this.#takeOffer(signal.sdp);
    if (!this.#hasOffered) return this.#refuse("request-invalid", "The offer comes first");
    if (signal.type === "end-of-candidates") return;
    if (this.#id === undefined) this.#early.push(signal.candidate);
    else this.#signalled.addCandidate(this.#id, signal.candidate);
  }

  #takeOffer(sdp: string): void {
    if (this.#hasOffered) return this.#refuse("request-invalid", "There is one offer to a socket");
    this.#hasOffered = true;
    this.#limit.abort();
    this.#answer(sdp).catch((error) => {
      if (error instanceof OperatorError) return this.#refuse(error.code, error.message);
      logger("live", this.#signalled.cameraId).error("Cannot answer an offer: {reason}", {
        reason: messageOf(error),
      });
      this.#refuse("failed", "This went wrong; the log says more");
    });
  }

  async #answer(sdp: string): Promise<void> {
    const { offer, follow, addCandidate, end } = this.#signalled;
    const answered = await offer(sdp, () => this.#connectionEnded());
    if (!("answer" in answered)) return this.#refuse(answered.code, answered.detail);
    const { id, answer, originMs = null } = answered;
    // Hung up meanwhile: only now is it known what to end.
    if (this.#hasEnded) return end(id);
    this.#id = id;
    this.#say({ type: "answer", sdp: answer, originMs });
    for (const candidate of this.#early.splice(0)) addCandidate(id, candidate);
    follow(id, (found) => {
      this.#say(
        found === undefined ? { type: "end-of-candidates" } : { type: "candidate", ...found },
      );
    });
  }

  #connectionEnded(): void {
    this.#id = undefined;
    this.#hangUp(CLOSED.over);
    this.#end();
  }

  #refuse(code: string, detail: string): void {
    this.#say({ type: "error", code, detail });
    this.#hangUp(code === "request-invalid" ? CLOSED.notUnderstood : CLOSED.refused);
    this.#end();
  }

  #say(signal: BoxSignal): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(signal));
  }

  #hangUp(code: number): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#limit.abort();
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined) this.#signalled.end(id);
    this.#signalled.onEnd();
  }
}
