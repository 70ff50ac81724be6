/**
 * Keeps repeated messages of a DTLS handshake away from werift 0.25.2. A browser
 * sends a message again when no answer came within 50 ms; werift takes the second
 * one for new, derives its keys again from a transcript that has grown since, and
 * the connection is "connected" with keys that the browser does not have: the
 * picture stays black. Measured without the guard: 3 of 144 joins in the server's
 * role and 17 of 224 in the client's, when several come at once.
 *
 * What werift answers rightly by sending its last flight again is let through. So
 * is nothing that would begin a handshake anew on a connection that stands: the
 * messages are not authenticated, and anyone who can reach the port can send one.
 *
 * Leans on werift's inner parts: its version is pinned, and tests/live/whep_test.ts
 * fails when they change.
 *
 * Design: docs/design/live.md, "WebRTC"
 *
 * @module
 */

import type { RTCDtlsTransport } from "werift";

type Socket = NonNullable<RTCDtlsTransport["dtls"]>;
type Handshake = Parameters<Socket["onHandleHandshakes"]>[0][number];

/** The parts of werift's client socket that its type leaves out. */
interface ClientParts {
  readonly flight5?: { send(messages: unknown): unknown };
}

/** Kinds of handshake messages (RFC 5246, 7.4). */
const KIND = { clientHello: 1, serverHelloDone: 14, finished: 20 } as const;

/** A handshake has under ten messages from each side; higher numbers are not real. */
const MAX_SEQUENCE = 32;

/** Guards a transport whose role is set and whose handshake has not begun. */
export function guardDtls(transport: RTCDtlsTransport, onRepeat: () => void = () => {}): void {
  let socket: Socket | undefined;
  // werift makes the socket when the handshake begins, and hands out no event for it.
  Object.defineProperty(transport, "dtls", {
    configurable: true,
    get: () => socket,
    set(made: Socket | undefined) {
      socket = made;
      if (made !== undefined) guardSocket(made, transport.role === "server", onRepeat);
    },
  });
}

function guardSocket(socket: Socket, isServer: boolean, onRepeat: () => void): void {
  const handle = socket.onHandleHandshakes;
  const isRepeat = repeatFinder();
  const passes = isServer ? serverPasses : clientPasses;
  socket.onHandleHandshakes = (messages) => {
    const wanted = messages.filter((message) => {
      const repeated = isRepeat(message);
      if (repeated) onRepeat();
      return passes(socket, message, repeated);
    });
    return wanted.length > 0 ? handle(wanted) : Promise.resolve();
  };
}

function repeatFinder(): (message: Handshake) => boolean {
  const seen = new Set<string>();
  return ({ msg_type: kind, message_seq: sequence }) => {
    const key = `${kind}/${sequence}`;
    if (seen.has(key) || sequence > MAX_SEQUENCE) return true;
    seen.add(key);
    return false;
  };
}

function serverPasses(socket: Socket, message: Handshake, isRepeat: boolean): boolean {
  const { msg_type: kind, message_seq: sequence } = message;
  const { flight } = socket.dtls;
  if (kind === KIND.clientHello && socket.connected) return false;
  if (!isRepeat) return true;
  // Flight 2 and 4 are sent again for the hello that they answer, flight 6 for "finished".
  if (kind === KIND.clientHello) return sequence === 0 ? flight <= 2 : flight === 4;
  return kind === KIND.finished && flight === 6;
}

function clientPasses(socket: Socket, message: Handshake, isRepeat: boolean): boolean {
  if (!isRepeat) return true;
  if (message.msg_type === KIND.serverHelloDone && socket.dtls.flight === 5) {
    (socket as ClientParts).flight5?.send(socket.dtls.lastMessage);
  }
  return false;
}
