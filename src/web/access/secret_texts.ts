/**
 * Secrets that Lookback makes: tokens for programs and browsers, passwords for
 * people. Kept are only hashes of them.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** 256 bits: as hard to guess as the hash that is kept of it. */
const TOKEN_BYTES = 32;

/** A token for a cookie, a header or an address. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/**
 * What is kept of a token. A plain hash is enough: nobody tries out 2^256 of them,
 * and finding it in a table by its hash takes no longer for one that is nearly right.
 */
export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Short name of a token, session or share, for addresses and lists. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

/** 32 letters and digits; none that is taken for another: i, l, o, u are left out. */
const PASSWORD_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** A password to read out and type: 80 random bits as "k7mf-2xq9-dh3t-08va". */
export function newPassword(): string {
  const letters = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => PASSWORD_LETTERS[byte % PASSWORD_LETTERS.length]);
  return [0, 4, 8, 12].map((from) => letters.slice(from, from + 4).join("")).join("-");
}
