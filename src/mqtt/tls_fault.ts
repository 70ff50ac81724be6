/**
 * Why TLS did not come about beneath a WebSocket: the libraries say no more of it than
 * that the connection was closed, so that it is tried once more without them.
 *
 * In:   access. Out: the fault; undefined where TLS is as it should be.
 *
 * @module
 */

import type { BrokerAccess } from "./broker_access.ts";

/** A broker that takes longer has another trouble, in milliseconds. */
const LIMIT_MS = 3_000;

/** The usual port of https, and so of wss. */
const USUAL_PORT = 443;

export async function tlsFaultOf({ url, ca, cert, key }: BrokerAccess): Promise<unknown> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "wss:") return undefined;
  try {
    using connection = await Deno.connectTls({
      hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? USUAL_PORT : Number(port),
      ...(ca === undefined ? {} : { caCerts: [ca] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    });
    const limit = setTimeout(() => connection.close(), LIMIT_MS);
    try {
      await connection.handshake();
    } finally {
      clearTimeout(limit);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
