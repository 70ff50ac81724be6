/**
 * Certificate and key of the page: given files, or a pair that Lookback makes at its
 * first start and keeps in data/tls/, readable by its owner only.
 *
 * Design: docs/design/security.md, "Encryption"
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { ensureFolder, writeFileDurably } from "../host/durable.ts";
import { makeSelfSigned } from "./self_signed.ts";
import type { TlsSettings } from "./settings.ts";

const log = logger("web");

/** PEM texts. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** A certificate of our own is made anew so long before its end. */
const RENEW_MS = 30 * DAY_MS;

const PRIVATE_MODE = 0o600;

export interface TlsPlace {
  readonly root: string;
  readonly nowMs: number;
  /** Names and addresses that a certificate of our own is for. */
  readonly names: readonly string[];
}

/**
 * The pair to encrypt with.
 *
 * @throws {OperatorError} "certificate-unusable".
 */
export async function tlsPair(settings: TlsSettings, place: TlsPlace): Promise<TlsPair> {
  if (settings.kind === "self-signed") return await ownPair(place);
  const { certPath, keyPath } = settings;
  const pair = { cert: await readPem(certPath), key: await readPem(keyPath) };
  const fault = pairFault(pair);
  if (fault !== undefined) throw unusable(certPath, fault);
  return pair;
}

/** SHA-256 of a certificate, as browsers show it: to be compared at the first visit. */
export function fingerprintOf({ cert }: Pick<TlsPair, "cert">): string {
  return new X509Certificate(cert).fingerprint256;
}

async function ownPair(place: TlsPlace): Promise<TlsPair> {
  const folder = join(place.root, "data", "tls");
  const paths = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const kept = await keptPair(paths);
  if (kept !== undefined && isFresh(kept, place.nowMs)) return kept;
  const pair = await makeSelfSigned(place);
  await ensureFolder(folder);
  // The key first: a certificate without its key would be of no use.
  for (const which of ["key", "cert"] as const) {
    const bytes = new TextEncoder().encode(pair[which]);
    await writeFileDurably(paths[which], bytes, { mode: PRIVATE_MODE });
  }
  log.info("Made a certificate for {names}; its SHA-256 is {fingerprint}", {
    names: place.names.join(", "),
    fingerprint: fingerprintOf(pair),
  });
  return pair;
}

async function keptPair(
  paths: { readonly cert: string; readonly key: string },
): Promise<TlsPair | undefined> {
  try {
    const [cert, key] = await Promise.all([
      Deno.readTextFile(paths.cert),
      Deno.readTextFile(paths.key),
    ]);
    return { cert, key };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unusable(paths.cert, messageOf(error));
  }
}

/** Whole, and not about to run out. */
function isFresh(pair: TlsPair, nowMs: number): boolean {
  if (pairFault(pair) !== undefined) return false;
  return Date.parse(new X509Certificate(pair.cert).validTo) - nowMs > RENEW_MS;
}

function pairFault({ cert, key }: TlsPair): string | undefined {
  try {
    new X509Certificate(cert);
  } catch {
    return "it is no certificate (PEM)";
  }
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key) ? undefined : "its key is no key (PEM)";
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw unusable(path, messageOf(error));
  }
}

export function unusable(path: string, reason: string): OperatorError {
  return new OperatorError("certificate-unusable", `Cannot encrypt with "${path}": ${reason}`, {
    fix: [
      "check the files of web.tls and their rights",
      "or set web.tls to self-signed",
    ],
  });
}
