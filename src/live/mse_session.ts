/**
 * One viewer over a WebSocket, for Media Source Extensions: fragments as they are,
 * with all that a player must be told in between.
 *
 * To the page, in this order, again whenever the stream begins anew:
 *   text    {"type":"start", run, mime, codec, timescale, width, height, hasAudio}
 *   binary  the init segment
 *   text    {"type":"clock", originMs, timescale}: wall time of the stream's time 0,
 *           before the first fragment and when it changes
 *   binary  fragments; the first, and the one behind a gap, begins with a key frame
 * From the page nothing is expected.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import { MAX_GROUP_BYTES } from "../media/kept_group.ts";
import type { LiveSource, StreamFragment, StreamInfo, Viewer } from "../model/live.ts";

/**
 * Bytes that may wait for one viewer: four seconds of 8 Mbit/s. One that is further
 * behind sees the past, and gets nothing until the next key frame.
 */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** The kept group of pictures comes at once, which is not the viewer's fault. */
const MAX_BEGINNING_BYTES = MAX_WAITING_BYTES + MAX_GROUP_BYTES;

/** Messages that a page may send; none is needed, and a flood is not listened to. */
const MAX_MESSAGES = 20;

/** What is used of a WebSocket. */
export type Socket = Pick<WebSocket, "bufferedAmount" | "readyState" | "send" | "close"> & {
  binaryType: BinaryType;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
};

/** "Policy violation" (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008;
/** "Going away": the server stops. */
const GOING_AWAY = 1001;

export class MseSession implements Viewer {
  readonly #socket: Socket;
  readonly #source: LiveSource;
  readonly #onEnd: () => void;
  #place: Disposable | undefined;
  #messages = 0;
  #hasEnded = false;
  #info: StreamInfo | undefined;
  #saidOriginMs: number | undefined;
  /** Of the groups of pictures since the stream began. */
  #groups = 0;

  /** @param onEnd Called once, when the viewer has gone. */
  constructor(socket: Socket, parts: { source: LiveSource; onEnd: () => void }) {
    this.#socket = socket;
    this.#source = parts.source;
    this.#onEnd = parts.onEnd;
    socket.binaryType = "arraybuffer";
    socket.onmessage = () => this.#countMessage();
    socket.onclose = () => this.#end();
    socket.onerror = () => this.#end();
    if (socket.readyState === WebSocket.OPEN) this.#join();
    else socket.onopen = () => this.#join();
  }

  begin(info: StreamInfo): void {
    this.#info = info;
    this.#saidOriginMs = undefined;
    this.#groups = 0;
    const { run, mime, codec, timescale, width, height, hasAudio } = info;
    this.#say({ type: "start", run, mime, codec, timescale, width, height, hasAudio });
    this.#send(info.initSegment);
  }

  take({ bytes, isKey, originMs }: StreamFragment): boolean {
    if (isKey) this.#groups += 1;
    const mostBytes = this.#groups > 1 ? MAX_WAITING_BYTES : MAX_BEGINNING_BYTES;
    if (this.#socket.bufferedAmount > mostBytes) return false;
    if (originMs !== this.#saidOriginMs) {
      this.#saidOriginMs = originMs;
      this.#say({ type: "clock", originMs, timescale: this.#info?.timescale });
    }
    this.#send(bytes);
    return true;
  }

  /** Ends the viewer's connection. */
  close(): void {
    this.#hangUp(GOING_AWAY);
    this.#end();
  }

  #join(): void {
    if (this.#hasEnded) return this.#hangUp(GOING_AWAY);
    this.#place = this.#source.join(this);
  }

  #countMessage(): void {
    this.#messages += 1;
    if (this.#messages > MAX_MESSAGES) this.#hangUp(POLICY_VIOLATION);
  }

  #say(message: { readonly type: string; readonly [name: string]: unknown }): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  #hangUp(code: number): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#place?.[Symbol.dispose]();
    this.#onEnd();
  }
}
