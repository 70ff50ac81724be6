/**
 * Digest authentication (RFC 2617, without "qop"), as most cameras ask for it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { RtspRequest } from "./message.ts";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const REALM = "Test camera";

/** The challenge that goes with a 401. */
export function digestChallenge(nonce: string): string {
  return `Digest realm="${REALM}", nonce="${nonce}"`;
}

/** Whether the request proves that its sender knows the password. */
export function provesPassword(
  request: RtspRequest,
  { nonce, credentials }: { readonly nonce: string; readonly credentials: Credentials },
): boolean {
  const header = request.headers.get("authorization") ?? "";
  if (!header.startsWith("Digest ")) return false;
  const fields = new Map(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const secret = md5(`${credentials.user}:${REALM}:${credentials.password}`);
  const subject = md5(`${request.method}:${fields.get("uri")}`);
  return fields.get("username") === credentials.user && fields.get("nonce") === nonce &&
    fields.get("response") === md5(`${secret}:${nonce}:${subject}`);
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
