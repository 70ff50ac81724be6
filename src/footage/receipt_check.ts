/**
 * Checks a receipt by itself: that its text is as it was written, to the byte,
 * and whose signature it has.
 *
 * Strict, so that no changed byte is overlooked: the text must be the one way in
 * which what it says is written.
 *
 * Not here: the film that the receipt is about (verify_export.ts).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { bytesOfBase64, type PublicKey, publicKeyFromBase64 } from "../host/ed25519.ts";
import { RECEIPT_FORMAT, type ReceiptSignature } from "./receipt.ts";

/** Written by versions before signatures. */
const FORMAT_WITHOUT_SIGNATURE = "lookback-receipt-1";

/** What was looked at, and what was found. */
export interface Check {
  readonly check: "receipt" | "film" | "size" | "sha256" | "signature" | "key" | "name";
  /** "unsure": nothing is wrong, but it proves nothing either. */
  readonly result: "ok" | "fault" | "unsure";
  readonly detail: string;
}

/** A receipt whose text is whole. */
export interface ReadReceipt {
  readonly cameraId: string;
  readonly start: string;
  readonly end: string;
  readonly frames: number;
  readonly film: { readonly name: string; readonly sizeBytes: number; readonly sha256: string };
  /** What is signed. */
  readonly unsignedText: string;
  readonly signature: Partial<ReceiptSignature> | null;
}

/**
 * Reads a receipt.
 *
 * @returns What it says, or in words what is wrong with its text, and where.
 */
export function readReceipt(bytes: Uint8Array): ReadReceipt | string {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    return `it can't be read: ${messageOf(error)}`;
  }
  const canonical = canonicalText(value);
  if (text !== canonical) return `it is not as it was written: ${firstDifference(text, canonical)}`;
  return receiptOf(value) ?? "it is no receipt that this version of Lookback knows";
}

/** The one way in which a receipt is written. */
function canonicalText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function firstDifference(text: string, canonical: string): string {
  let at = 0;
  while (at < text.length && text[at] === canonical[at]) at += 1;
  const before = text.slice(0, at).split("\n");
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}

function receiptOf(value: unknown): ReadReceipt | undefined {
  if (!isObject(value) || !isObject(value.file) || !isObject(value.delivered)) return undefined;
  const { signature, ...rest } = value;
  const { name, size_bytes: sizeBytes, sha256 } = value.file;
  const { start, end, frames } = value.delivered;
  const texts = [value.camera_id, name, sha256, start, end];
  if (!texts.every((text) => typeof text === "string")) return undefined;
  if (!Number.isSafeInteger(sizeBytes) || !Number.isSafeInteger(frames)) return undefined;
  if (!hasRightPlace(value)) return undefined;
  return {
    cameraId: String(value.camera_id),
    start: String(start),
    end: String(end),
    frames: Number(frames),
    film: { name: String(name), sizeBytes: Number(sizeBytes), sha256: String(sha256) },
    unsignedText: canonicalText(rest),
    signature: isObject(signature) ? signature : null,
  };
}

/** The signature is the last field, where the format has one: what is signed stands before it. */
function hasRightPlace(value: Record<string, unknown>): boolean {
  if (value.format === FORMAT_WITHOUT_SIGNATURE) return !("signature" in value);
  if (value.format !== RECEIPT_FORMAT || Object.keys(value).at(-1) !== "signature") return false;
  return value.signature === null || isObject(value.signature);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys that a signature is compared with. */
export interface KnownKeys {
  /** The key that the film must be signed by. */
  readonly wanted: PublicKey | undefined;
  /** The key of the storage root at hand, and where it lies. */
  readonly own: { readonly key: PublicKey; readonly root: string } | undefined;
}

/** Whether the receipt was signed as it is now, and by whom. */
export function checkSignature(receipt: ReadReceipt, keys: KnownKeys): Check[] {
  const { signature, unsignedText } = receipt;
  if (signature === null) return [unsigned(keys)];
  const key = signedBy(signature);
  const value = bytesOfBase64(String(signature.value));
  if (key === undefined || value === undefined) {
    return [{ check: "signature", result: "fault", detail: "it is not whole" }];
  }
  if (!key.verify(unsignedText, value)) {
    const detail = `the receipt is not what key ${key.id} signed: something in it was changed`;
    return [{ check: "signature", result: "fault", detail }];
  }
  const detail = `Ed25519, the receipt is as key ${key.id} signed it`;
  return [{ check: "signature", result: "ok", detail }, whoseKey(key, keys)];
}

/** The key in a signature, if every field about it is as it must be. */
function signedBy(signature: Partial<ReceiptSignature>): PublicKey | undefined {
  const fields = Object.keys(signature).join(" ");
  if (fields !== "algorithm public_key key_id value") return undefined;
  if (signature.algorithm !== "Ed25519") return undefined;
  const key = publicKeyFromBase64(String(signature.public_key));
  return key?.id === signature.key_id ? key : undefined;
}

function unsigned({ wanted }: KnownKeys): Check {
  const detail = "there is none: whoever could write to the receipt could change it";
  return { check: "signature", result: wanted === undefined ? "unsure" : "fault", detail };
}

function whoseKey(key: PublicKey, { wanted, own }: KnownKeys): Check {
  if (wanted !== undefined) {
    return wanted.base64 === key.base64
      ? { check: "key", result: "ok", detail: `signed by the key that was given, ${key.id}` }
      : {
        check: "key",
        result: "fault",
        detail: `signed by key ${key.id}, not by the key that was given, ${wanted.id}`,
      };
  }
  if (own?.key.base64 === key.base64) {
    return { check: "key", result: "ok", detail: `signed by the key of ${own.root}` };
  }
  const other = own === undefined ? "" : `, not by that of ${own.root} (${own.key.id})`;
  return {
    check: "key",
    result: "unsure",
    detail: `signed by key ${key.id}${other}; give --key FILE to be sure whose it is`,
  };
}
