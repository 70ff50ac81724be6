/**
 * Headers of every answer: what a browser may do with it.
 *
 * Design: docs/design/security.md, "In the browser"
 *
 * @module
 */

/**
 * Scripts, styles and everything else come from here only; nothing is inline.
 * `blob:` is what players make of the bytes that they got (MediaSource, workers).
 */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Half a year, in seconds. Browsers ignore it with a certificate that they don't trust. */
const HSTS = "max-age=15552000";

const ALWAYS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "x-robots-tag": "noindex",
};

/** Adds the headers. What a route says about caching counts; else nothing is kept. */
export function withAnswerHeaders(
  response: Response,
  { isSecure }: { readonly isSecure: boolean },
): Response {
  // An upgrade to a WebSocket can't be changed, and has no content.
  if (response.status === 101) return response;
  const { headers } = response;
  for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value);
  if (isSecure) headers.set("strict-transport-security", HSTS);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  // What one person's browser keeps is not shown to the next one who logs in there.
  if (headers.get("cache-control")?.startsWith("private")) headers.append("vary", "cookie");
  return response;
}
