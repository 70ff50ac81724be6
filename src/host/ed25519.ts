/**
 * Ed25519 (RFC 8032) as this program uses it: keys as values that sign and
 * verify, their ids, and their forms as text.
 *
 * Not here: where keys lie (signing_keys.ts), what is signed (footage/receipt.ts).
 * A private key never leaves as text, except as what is written to its file.
 *
 * @module
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** What stands before the 32 bytes of a key in its SPKI form (RFC 8410, section 4). */
const SPKI_HEAD = new Uint8Array([0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]);

/** Bytes of a public key. */
const PUBLIC_KEY_BYTES = 32;

/** Hexadecimal digits of a key's id: enough to tell keys apart, short enough to read aloud. */
const KEY_ID_DIGITS = 16;

export interface PublicKey {
  /** The first 16 hexadecimal digits of the SHA-256 of its SPKI form. */
  readonly id: string;
  /** Its 32 bytes in base64. */
  readonly base64: string;
  readonly verify: (text: string, signature: Uint8Array) => boolean;
}

export interface SigningKey {
  readonly publicKey: PublicKey;
  readonly sign: (text: string) => Uint8Array;
}

/** A new key, and the text of the file that it is kept in (PKCS#8, PEM). */
export function generateKey(): { readonly key: SigningKey; readonly secretPem: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  const secretPem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  return { key: signingKey(privateKey), secretPem };
}

/** A key from its file's text; undefined when that is no Ed25519 key. */
export function signingKeyFromPem(pem: string): SigningKey | undefined {
  // What the parser says of a damaged key is dropped: it could quote it.
  const key = keyOrNothing(() => createPrivateKey(pem));
  return key?.asymmetricKeyType === "ed25519" ? signingKey(key) : undefined;
}

/** A public key from its PEM text (SPKI); undefined when that is no Ed25519 key. */
export function publicKeyFromPem(pem: string): PublicKey | undefined {
  const key = keyOrNothing(() => createPublicKey(pem));
  return key?.asymmetricKeyType === "ed25519" ? publicKey(key) : undefined;
}

/** A public key from its 32 bytes in base64; undefined for anything else. */
export function publicKeyFromBase64(base64: string): PublicKey | undefined {
  return bytesOfBase64(base64)?.length === PUBLIC_KEY_BYTES
    ? publicKeyFromPem(pemOf(base64))
    : undefined;
}

/** A public key as PEM (SPKI), which other programs read. */
export function publicKeyPem(key: PublicKey): string {
  return pemOf(key.base64);
}

/** Bytes that a text stands for. Undefined unless it is the one way to write them in base64. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text);
    return bytes.toBase64() === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function keyOrNothing(parse: () => KeyObject): KeyObject | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function signingKey(privateKey: KeyObject): SigningKey {
  return {
    publicKey: publicKey(createPublicKey(privateKey)),
    sign: (text) => new Uint8Array(sign(null, new TextEncoder().encode(text), privateKey)),
  };
}

function publicKey(key: KeyObject): PublicKey {
  const spki = new Uint8Array(key.export({ type: "spki", format: "der" }));
  return {
    id: createHash("sha256").update(spki).digest("hex").slice(0, KEY_ID_DIGITS),
    base64: spki.subarray(SPKI_HEAD.length).toBase64(),
    verify: (text, signature) => verify(null, new TextEncoder().encode(text), key, signature),
  };
}

function pemOf(base64: string): string {
  const bytes = new Uint8Array([...SPKI_HEAD, ...Uint8Array.fromBase64(base64)]);
  return `-----BEGIN PUBLIC KEY-----\n${bytes.toBase64()}\n-----END PUBLIC KEY-----\n`;
}
