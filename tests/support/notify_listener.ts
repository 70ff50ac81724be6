/**
 * Plays systemd: a datagram socket that NOTIFY_SOCKET can name.
 *
 * In:   a name for it: a path, or "@" and an abstract name.
 * Out:  each datagram's text, in order of arrival.
 *
 * Goes through the C library, because Deno's own datagrams are unstable and
 * know no abstract names.
 *
 * @module
 */

import { openLibc } from "../../src/host/libc.ts";

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // In a thread of its own: it waits.
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize", nonblocking: true },
  close: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;

/** A test that waits longer for a datagram fails. */
const LONGEST_WAIT_SECONDS = 30n;

export interface NotifyListener extends Disposable {
  /** The next datagram's text. Fails when none comes in half a minute. One caller at a time. */
  next(): Promise<string>;
}

/** Opens the socket. Disposing closes it; a path is left to the caller. */
export function listenForNotices(name: string): NotifyListener {
  const libc = openLibc(SYMBOLS);
  const socket = libc.symbols.socket(AF_UNIX, SOCK_DGRAM, 0);
  const limit = new BigInt64Array([LONGEST_WAIT_SECONDS, 0n]);
  const limitBytes = new Uint8Array(limit.buffer);
  libc.symbols.setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, limitBytes, limitBytes.length);
  const nameBytes = new TextEncoder().encode(name.replace(/^@/, "\0"));
  const address = new Uint8Array([AF_UNIX, 0, ...nameBytes]);
  if (libc.symbols.bind(socket, address, address.length) !== 0) {
    throw new Error(`Cannot listen at "${name}"`);
  }
  return {
    async next() {
      const datagram = new Uint8Array(4096);
      const size = await libc.symbols.recv(socket, datagram, BigInt(datagram.length), 0);
      if (size < 0) throw new Error(`Nothing came to "${name}"`);
      return new TextDecoder().decode(datagram.subarray(0, Number(size)));
    },
    [Symbol.dispose]() {
      libc.symbols.close(socket);
      libc.close();
    },
  };
}
