/**
 * Signs the body of a webhook, so that its receiver knows who sent it, that nobody
 * changed it, and when: HMAC-SHA256 (RFC 2104) of the time, a dot and the body.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/**
 * The value of the header `X-Lookback-Signature`.
 *
 * @param signed `timestamp` as in `X-Lookback-Timestamp`: whole seconds since 1970.
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { signatureOf } from "./signature.ts";
 *
 * strictEqual(
 *   signatureOf("key", { timestamp: "1795294629", body: "{}" }),
 *   "sha256=dd1ca0849c6e34b4fee914aec62bb1570d724b3b123417ac5485785aae923cb0",
 * );
 * ```
 */
export function signatureOf(
  secret: string,
  signed: { readonly timestamp: string; readonly body: string },
): string {
  const hmac = createHmac("sha256", secret).update(`${signed.timestamp}.${signed.body}`);
  return `sha256=${hmac.digest("hex")}`;
}
