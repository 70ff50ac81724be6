/**
 * Makes a certificate that signs itself: enough for encryption, and to be known
 * again by its fingerprint. One fixed form of X.509 (RFC 5280), written as DER.
 *
 * @module
 */

import { isIP } from "node:net";
import { joined } from "../base/bytes.ts";
import type { TlsPair, TlsPlace } from "./tls.ts";

const DAY_MS = 86_400_000;

/** The longest that phones and tablets of a large maker take. */
const VALID_MS = 825 * DAY_MS;

/** A clock that is a little behind must not find it too young. */
const BEFORE_MS = DAY_MS;

/** From here on times have four digits of the year (RFC 5280, section 4.1.2.5). */
const LONG_TIMES_MS = Date.UTC(2050, 0, 1);

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;

/** DER tags. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  longTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** `[n]` in the standard's notation, around other values. */
  explicit: (n: number) => 0xa0 + n,
  /** `[n]` in place of a value's own tag. */
  implicit: (n: number) => 0x80 + n,
} as const;

/** Object identifiers, as DER has them. */
const OID = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  keyUsage: [0x55, 0x1d, 0x0f],
  otherNames: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
} as const;

export async function makeSelfSigned(
  { nowMs, names }: Pick<TlsPlace, "nowMs" | "names">,
): Promise<TlsPair> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const content = toBeSigned({ publicKey, names, fromMs: nowMs - BEFORE_MS });
  const signed = await crypto.subtle.sign({ ...CURVE, hash: "SHA-256" }, keys.privateKey, content);
  const certificate = sequence(content, ALGORITHM, bits(signatureOf(new Uint8Array(signed))));
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { cert: pem("CERTIFICATE", certificate), key: pem("PRIVATE KEY", key) };
}

/** Names and addresses by which this machine may be asked for. */
export function ownNames(listenHost: string): string[] {
  const addresses = Deno.networkInterfaces().map(({ address }) => address)
    // Link-local IPv6 addresses need a zone, which no certificate has.
    .filter((address) => !address.toLowerCase().startsWith("fe80"));
  const all = ["localhost", Deno.hostname(), "127.0.0.1", "::1", listenHost, ...addresses];
  return [...new Set(all)].filter((name) => !["", "0.0.0.0", "::"].includes(name));
}

function toBeSigned(
  { publicKey, names, fromMs }: {
    readonly publicKey: Uint8Array;
    readonly names: readonly string[];
    readonly fromMs: number;
  },
): Uint8Array<ArrayBuffer> {
  const name = sequence(
    der(TAG.set, sequence(oid("commonName"), der(TAG.utf8, text("Lookback")))),
  );
  return sequence(
    // Version 3, which has extensions.
    der(TAG.explicit(0), der(TAG.integer, Uint8Array.of(2))),
    integer(crypto.getRandomValues(new Uint8Array(16))),
    ALGORITHM,
    name,
    sequence(time(fromMs), time(fromMs + VALID_MS)),
    name,
    publicKey,
    der(TAG.explicit(3), extensions(names)),
  );
}

function extensions(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const critical = der(TAG.boolean, Uint8Array.of(0xff));
  const extension = (id: keyof typeof OID, ...parts: Uint8Array[]) => sequence(oid(id), ...parts);
  return sequence(
    // Empty: not an authority, so whoever trusts it trusts this server only.
    extension("basicConstraints", critical, der(TAG.octets, sequence())),
    // One bit of eight: digital signatures.
    extension("keyUsage", critical, der(TAG.octets, der(TAG.bits, Uint8Array.of(7, 0x80)))),
    extension("extendedKeyUsage", der(TAG.octets, sequence(oid("serverAuth")))),
    extension("otherNames", der(TAG.octets, sequence(...names.map(otherName)))),
  );
}

function otherName(name: string): Uint8Array<ArrayBuffer> {
  return isIP(name) === 0
    ? der(TAG.implicit(2), text(name))
    : der(TAG.implicit(7), addressBytes(name));
}

/** 4 or 16 bytes. The URL parser brings every way to write an address into one. */
export function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  if (isIP(address) === 4) return Uint8Array.from(address.split("."), Number);
  const [head = "", tail = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const [front, back] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - front.length - back.length).fill("0");
  const all = [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function time(atMs: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(atMs).toISOString().replaceAll(/[^\d]/g, "").slice(0, 14);
  return atMs < LONG_TIMES_MS
    ? der(TAG.utcTime, text(`${digits.slice(2)}Z`))
    : der(TAG.longTime, text(`${digits}Z`));
}

/** A signature of WebCrypto is two numbers of 32 bytes; a certificate has them as DER. */
function signatureOf(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  return sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
}

/** A positive whole number: without zeros in front, but for one where it would look negative. */
function integer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const short = bytes.subarray(from);
  return der(TAG.integer, short[0]! >= 0x80 ? joined([Uint8Array.of(0), short]) : short);
}

function oid(name: keyof typeof OID): Uint8Array<ArrayBuffer> {
  return der(TAG.oid, Uint8Array.from(OID[name]));
}

function bits(content: Uint8Array): Uint8Array<ArrayBuffer> {
  // No unused bits in the last byte.
  return der(TAG.bits, joined([Uint8Array.of(0), content]));
}

function sequence(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(TAG.sequence, joined(parts));
}

/** Tag, length, content. */
function der(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const head = length < 0x80
    ? [tag, length]
    : length < 0x100
    ? [tag, 0x81, length]
    : [tag, 0x82, length >> 8, length & 0xff];
  return joined([Uint8Array.from(head), content]);
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

function pem(what: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${what}-----\n${lines.join("\n")}\n-----END ${what}-----\n`;
}

const ALGORITHM = sequence(oid("ecdsaWithSha256"));
