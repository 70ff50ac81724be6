/**
 * Addresses that the browser found after its offer, as the server takes them: a part of
 * SDP (RFC 8840) that names the connection they belong to.
 *
 * Pure.
 *
 * @module
 */

export const FRAGMENT_KIND = "application/trickle-ice-sdpfrag";

/** What is used of a candidate. An empty text says that it was the last one. */
export interface FoundAddress {
  readonly candidate: string;
  readonly sdpMid: string | null;
}

/** @param offer The whole offer that was sent. */
export function iceFragment(offer: string, found: readonly FoundAddress[]): string {
  const lines = offer.split(/\r?\n/);
  const first = (start: string) => lines.filter((line) => line.startsWith(start)).slice(0, 1);
  const addresses = found.filter(({ candidate }) => candidate !== "");
  const isEnd = addresses.length < found.length;
  return [
    ...first("a=ice-ufrag:"),
    ...first("a=ice-pwd:"),
    ...first("m="),
    ...first("a=mid:"),
    ...addresses.map(({ candidate }) => `a=${candidate}`),
    ...(isEnd ? ["a=end-of-candidates"] : []),
  ].map((line) => `${line}\r\n`).join("");
}
