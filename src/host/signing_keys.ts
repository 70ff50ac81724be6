/**
 * The key that exports are signed with: made once below the storage root and
 * readable for its owner alone; and public keys that were handed out.
 *
 * Out:  `data/keys/signing.pem` (PKCS#8, mode 0600) and beside it
 *       `signing.pub.pem` (SPKI), which is for handing out.
 * Not here: signing itself (ed25519.ts). The private key is never printed,
 *       logged or handed on: callers get a function that signs.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { ensureFolder, removeIfThere, syncFolder, writeAll, writeFileDurably } from "./durable.ts";
import {
  generateKey,
  type PublicKey,
  publicKeyFromPem,
  publicKeyPem,
  type SigningKey,
  signingKeyFromPem,
} from "./ed25519.ts";

/** For its owner alone. */
const PRIVATE_FOLDER_MODE = 0o700;
const PRIVATE_FILE_MODE = 0o600;
const PUBLIC_FILE_MODE = 0o644;

/** The key, or why there is none to sign with. */
export type SigningKeyFound =
  | { readonly key: SigningKey }
  | { readonly key: null; readonly reason: string };

/** Where the public key of a storage root lies, to be handed out. */
export function publicKeyPath(root: string): string {
  return join(root, "data", "keys", "signing.pub.pem");
}

function privateKeyPath(root: string): string {
  return join(root, "data", "keys", "signing.pem");
}

/**
 * The key of a storage root, made if there is none. Never throws: footage is
 * recorded and exported without a key too.
 *
 * Processes that come at the same time get the same key.
 */
export async function ensureSigningKey(root: string): Promise<SigningKeyFound> {
  return await foundOrWhyNot(async () => {
    const key = await loadKey(root);
    return key !== undefined && await isThere(publicKeyPath(root)) ? key : await makeKey(root);
  });
}

/** The key of a storage root, if there is one that this user may read. Writes nothing. */
export async function readSigningKey(root: string): Promise<SigningKeyFound> {
  return await foundOrWhyNot(() => loadKey(root));
}

async function foundOrWhyNot(
  look: () => Promise<SigningKey | undefined>,
): Promise<SigningKeyFound> {
  try {
    const key = await look();
    return key === undefined ? { key: null, reason: "this storage root has no key yet" } : { key };
  } catch (error) {
    const isNotAllowed = error instanceof Deno.errors.PermissionDenied;
    const reason = isNotAllowed ? "this user may not read the signing key" : messageOf(error);
    return { key: null, reason };
  }
}

async function loadKey(root: string): Promise<SigningKey | undefined> {
  const path = privateKeyPath(root);
  let pem: string;
  try {
    pem = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const key = signingKeyFromPem(pem);
  if (key === undefined) throw new TypeError(`"${path}" is no Ed25519 key: it may be damaged`);
  return key;
}

/** Makes what is missing of the two files. Whoever comes second finds both. */
async function makeKey(root: string): Promise<SigningKey> {
  const folder = dirname(privateKeyPath(root));
  await ensureFolder(dirname(folder));
  await ensurePrivateFolder(folder);
  using lock = await Deno.open(folder);
  await lock.lock(true);
  const key = await loadKey(root) ?? await writePrivateKey(root);
  await writePublicKey(root, key.publicKey);
  await giveToOwner(root);
  return key;
}

async function ensurePrivateFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { mode: PRIVATE_FOLDER_MODE });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw error;
  }
  await syncFolder(dirname(folder));
}

async function writePrivateKey(root: string): Promise<SigningKey> {
  const { key, secretPem } = generateKey();
  const path = privateKeyPath(root);
  const temporary = `${path}.part`;
  await removeIfThere(temporary);
  {
    const options = { write: true, createNew: true, mode: PRIVATE_FILE_MODE };
    using file = await Deno.open(temporary, options);
    await writeAll(file, new TextEncoder().encode(secretPem));
    await file.sync();
  }
  await Deno.rename(temporary, path);
  await syncFolder(dirname(path));
  return key;
}

/** A public key whose private one is gone (a copy without it) is kept: it checks older exports. */
async function writePublicKey(root: string, key: PublicKey): Promise<void> {
  const path = publicKeyPath(root);
  const before = await readIfPublicKey(path);
  if (before?.id === key.id) return;
  if (before !== undefined) {
    await Deno.rename(path, join(dirname(path), `signing-${before.id}.pub.pem`));
  }
  await writeFileDurably(path, new TextEncoder().encode(publicKeyPem(key)));
  await Deno.chmod(path, PUBLIC_FILE_MODE);
}

/** The public key of a storage root; undefined when there is none that can be read. */
export async function readOwnPublicKey(root: string): Promise<PublicKey | undefined> {
  return await readIfPublicKey(publicKeyPath(root));
}

async function readIfPublicKey(path: string): Promise<PublicKey | undefined> {
  try {
    return await readPublicKey(path);
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

/** An administrator's export must not leave a key behind that the service can't read. */
async function giveToOwner(root: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  const { uid, gid } = await Deno.stat(join(root, "data"));
  if (uid === null || uid === 0) return;
  const paths = [privateKeyPath(root), publicKeyPath(root)];
  for (const path of [dirname(paths[0]!), ...paths]) await Deno.chown(path, uid, gid);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Reads a public key that somebody handed out.
 *
 * @param path A PEM file.
 *
 * @throws {OperatorError} "key-unreadable".
 */
export async function readPublicKey(path: string): Promise<PublicKey> {
  let pem: string;
  try {
    pem = await Deno.readTextFile(path);
  } catch (error) {
    throw keyUnreadable(path, messageOf(error));
  }
  // It would do too, but must not be where public ones are handed round.
  if (pem.includes("PRIVATE KEY")) throw keyUnreadable(path, "it is a private key");
  const key = publicKeyFromPem(pem);
  if (key === undefined) throw keyUnreadable(path, "it is no Ed25519 public key in PEM form");
  return key;
}

function keyUnreadable(path: string, reason: string): OperatorError {
  return new OperatorError("key-unreadable", `Cannot read the public key "${path}"`, {
    found: { reason },
    fix: ["give data/keys/signing.pub.pem of the storage root that the film was exported from"],
  });
}
