/**
 * Why TLS did not come about beneath a WebSocket: the libraries say no more of it than
 * that the connection was closed, so that it is tried once more without them.
 *
 * In:   access. Out: the fault; undefined where TLS is as it should be, or nobody waits
 *       for it any more.
 *
 * @module
 */

import type { BrokerAccess } from "./broker_access.ts";

/** A broker that takes longer has another trouble, in milliseconds. */
const LIMIT_MS = 3_000;

/** The usual port of https, and so of wss. */
const USUAL_PORT = 443;

export async function tlsFaultOf(access: BrokerAccess, signal: AbortSignal): Promise<unknown> {
  if (new URL(access.url).protocol !== "wss:" || signal.aborted) return undefined;
  const ending = new AbortController();
  const givenUp = new Promise<undefined>((resolve) => {
    ending.signal.addEventListener("abort", () => resolve(undefined));
  });
  const end = () => ending.abort();
  const limit = setTimeout(end, LIMIT_MS);
  signal.addEventListener("abort", end);
  try {
    // Connecting can't be broken off: what comes of it later is closed without a word.
    return await Promise.race([handshakeFault(access, ending.signal), givenUp]);
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", end);
  }
}

/** Connects once. Never throws. */
async function handshakeFault(
  { url, ca, cert, key }: BrokerAccess,
  ending: AbortSignal,
): Promise<unknown> {
  const { hostname, port } = new URL(url);
  try {
    using connection = await Deno.connectTls({
      hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? USUAL_PORT : Number(port),
      ...(ca === undefined ? {} : { caCerts: [ca] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    });
    if (ending.aborted) return undefined;
    // Unlike close(), this may be done twice.
    ending.addEventListener("abort", () => connection[Symbol.dispose]());
    await connection.handshake();
    return undefined;
  } catch (error) {
    return error;
  }
}
