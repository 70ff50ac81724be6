/**
 * Why there is no connection, in plain words and without the address, which may hold
 * a password.
 *
 * Pure.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";

/** Words of the network, TLS and MQTT libraries, and what they mean; the first that fits counts. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/ECONNREFUSED|Connection refused \(os/i, "nothing listens there (connection refused)"],
  [/ENOTFOUND|EAI_AGAIN|dns error|failed to lookup/i, "the name of its host can't be looked up"],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, "there is no way to its host from here"],
  [/connack timeout/i, "it does not answer; does it speak MQTT there?"],
  [/Bad User Name or Password/i, "it does not take this user and password"],
  [/Not authorized/i, "it does not let this user in, or asks for a user and a password"],
  [/Client Identifier not valid|Identifier rejected/i, "it does not take this client_id"],
  [/Session taken over/i, "another connection has the same client_id"],
  [/Server (?:unavailable|busy|shutting down)/i, "it is not available at the moment"],
  [
    /Expired|CERT_HAS_EXPIRED/,
    "its certificate has expired, or the clock of this machine is wrong",
  ],
  [/NotValidYet/, "its certificate is not valid yet, or this machine's clock is wrong"],
  [
    /NotValidForName|ERR_TLS_CERT_ALTNAME/,
    "its certificate is for another name than the one in the url",
  ],
  [
    /UnknownIssuer|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    "its certificate is signed by an authority that is not known here; name that in ca_file",
  ],
  [
    /CaUsedAsEndEntity/,
    "its certificate is that of an authority (CA:TRUE), not of a server; make one that is signed " +
    "by it, and name the authority's in ca_file",
  ],
  [
    /CertificateRequired|certificate required/i,
    "it asks for a certificate: cert_file and key_file",
  ],
  [/corrupt message|wrong version number|InvalidContentType/i, "it does not speak TLS there"],
  [/Unexpected server response: (\d+)/, "it does not speak MQTT over WebSockets there"],
  [/ECONNRESET|EPIPE|reset by peer|broken pipe/i, "it closed the connection"],
];

export function describeFault(error: unknown): string {
  // Several addresses of one name fail with several errors; the first says enough.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = (first as { readonly code?: unknown } | null)?.code;
  const text = `${messageOf(first)} ${typeof code === "string" ? code : ""}`.trim();
  const known = MEANINGS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? maskSecrets(text);
}
