/**
 * Passwords: which are taken, and what is kept of them (scrypt, with its parameters
 * beside the hash, so that they can grow).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import * as z from "zod";

/** What trying one password costs whoever has the file. */
export interface PasswordCost {
  /** Memory and time: 128 × n × r bytes. A power of two. */
  readonly n: number;
  readonly r: number;
  /** How often in a row. */
  readonly p: number;
}

/** 32 MiB and about a second of one core: the OWASP cheat sheet's row with that memory. */
export const PASSWORD_COST: PasswordCost = { n: 2 ** 15, r: 8, p: 3 };

const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** The bounds keep a damaged file from taking all memory. */
export const passwordRecordSchema = z.strictObject({
  scheme: z.literal("scrypt"),
  n: z.int().min(2).max(2 ** 20),
  r: z.int().min(1).max(32),
  p: z.int().min(1).max(16),
  salt: z.base64(),
  hash: z.base64(),
});

export type PasswordRecord = Readonly<z.infer<typeof passwordRecordSchema>>;

export async function recordOf(
  password: string,
  cost: PasswordCost = PASSWORD_COST,
): Promise<PasswordRecord> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  const { n, r, p } = cost;
  return {
    scheme: "scrypt",
    n,
    r,
    p,
    salt: salt.toString("base64"),
    hash: hash.toString("base64"),
  };
}

/** Whether a password is the one of the record. Takes as long for a wrong one. */
export async function isPassword(password: string, record: PasswordRecord): Promise<boolean> {
  const hash = await derive(password, Buffer.from(record.salt, "base64"), record);
  const kept = Buffer.from(record.hash, "base64");
  return kept.length === hash.length && timingSafeEqual(kept, hash);
}

/** A record that no password belongs to: trying one takes as long as with a real one. */
export function decoyRecord({ n, r, p }: PasswordCost): PasswordRecord {
  const random = (bytes: number) => randomBytes(bytes).toString("base64");
  return { scheme: "scrypt", n, r, p, salt: random(SALT_BYTES), hash: random(HASH_BYTES) };
}

/** Whether a record was made with other parameters than new ones are. */
export function isOutdated(record: PasswordRecord, cost: PasswordCost = PASSWORD_COST): boolean {
  return record.n !== cost.n || record.r !== cost.r || record.p !== cost.p;
}

const SHORTEST = 10;

/** Nobody types more; hashing takes no longer for them, but reading does. */
export const LONGEST_PASSWORD = 256;

/** What is wrong with a new password; undefined where nothing is. */
export function passwordFault(password: string, userName: string): string | undefined {
  const letters = [...password];
  if (letters.length < SHORTEST) return `at least ${SHORTEST} characters are needed`;
  if (letters.length > LONGEST_PASSWORD) return `at most ${LONGEST_PASSWORD} characters are taken`;
  if (new Set(letters).size < 5) return "at least 5 different characters are needed";
  if (userName.length > 2 && password.toLowerCase().includes(userName.toLowerCase())) {
    return "it must not contain the user's name";
  }
  return undefined;
}

function derive(password: string, salt: Uint8Array, { n, r, p }: PasswordCost): Promise<Buffer> {
  // The same letters typed on another keyboard may come as other code points.
  const text = password.normalize("NFC");
  const options = { N: n, r, p, maxmem: 256 * r * (n + p + 2) };
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, options, (error, key) => error ? reject(error) : resolve(key));
  });
}
