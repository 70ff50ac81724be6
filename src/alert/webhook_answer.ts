/**
 * What the answer of a webhook's receiver means, or the failure to get one, in
 * plain words and without the address, which may be a secret by itself.
 *
 * Pure.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import type { Delivery } from "../model/alert_sink.ts";

/** Answers of 400 to 499 that may be others the next time: too slow, too many. */
const PASSING = [408, 429];

/** Reads an answer. `headers` may say where it leads, and when to come again. */
export function judgeAnswer(
  { status, headers }: { readonly status: number; readonly headers: Headers },
): Delivery {
  const detail = `it answered ${status}`;
  if (status >= 200 && status < 300) return { outcome: "delivered", detail };
  if (status >= 300 && status < 400) {
    const to = originOf(headers.get("location"));
    const where = to === undefined ? "another address" : to;
    return {
      outcome: "refused",
      detail: `${detail}: a redirect to ${where}, which is not followed; set the new address`,
    };
  }
  if (status < 500 && !PASSING.includes(status)) return { outcome: "refused", detail };
  const seconds = Number(headers.get("retry-after") ?? NaN);
  // It may also be a date; then the usual pause does.
  return Number.isFinite(seconds) && seconds > 0
    ? { outcome: "failed", detail, retryInMs: Math.round(seconds * 1_000) }
    : { outcome: "failed", detail };
}

function originOf(location: string | null): string | undefined {
  const origin = URL.parse(location ?? "")?.origin;
  return origin === "null" ? undefined : origin;
}

/** Words of the network and TLS libraries, and what they mean; the first that fits counts. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/certificate: Expired/, "its certificate has expired, or the clock of this machine is wrong"],
  [
    /certificate: NotValidYet/,
    "its certificate is not valid yet, or this machine's clock is wrong",
  ],
  [/certificate: NotValidForName/, "its certificate is for another name than the one in the url"],
  [
    /certificate: UnknownIssuer/,
    "its certificate is signed by an authority that is not known here; name that in ca_file",
  ],
  [
    /CaUsedAsEndEntity/,
    "its certificate is that of an authority (CA:TRUE), not of a server; make one that is signed " +
    "by it, and name the authority's in ca_file",
  ],
  [/certificate: Revoked/, "its certificate has been revoked"],
  [/invalid peer certificate/, "its certificate is not accepted"],
  [/corrupt message|wrong version number/i, "it does not speak TLS there; is it http, not https?"],
  [/HandshakeFailure|ProtocolVersion|alert/, "it and this machine find no form of TLS in common"],
  [/invalid HTTP version/, "it does not speak HTTP there; is it https, not http?"],
  [/dns error/, "the name of its host can't be looked up"],
  [/Connection refused/, "nothing listens there (connection refused)"],
  [/unreachable|No route/i, "there is no way to its host from here"],
  [/connection closed|reset by peer|broken pipe/i, "it closed the connection without an answer"],
];

/** Why there was no answer. `timeoutMs` is how long one was waited for. */
export function describeFailure(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `no answer within ${timeoutMs / 1_000} s`;
  }
  const message = messageOf(error);
  const known = MEANINGS.find(([pattern]) => pattern.test(message));
  // What comes behind the address; in front of it nothing is said.
  return known?.[1] ?? message.replace(/^error sending request.*?: client error/, "client error");
}
