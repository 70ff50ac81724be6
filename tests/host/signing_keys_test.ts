import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { OperatorError } from "../../src/base/errors.ts";
import { generateKey, publicKeyFromBase64, publicKeyPem } from "../../src/host/ed25519.ts";
import {
  ensureSigningKey,
  publicKeyPath,
  readOwnPublicKey,
  readPublicKey,
  readSigningKey,
} from "../../src/host/signing_keys.ts";
import { tempFolder } from "../support/temp_folder.ts";

const MODULE = new URL("../../src/host/signing_keys.ts", import.meta.url).href;

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

/** The key's id that another process gets. */
async function idElsewhere(root: string): Promise<string> {
  const script = `import { ensureSigningKey } from ${JSON.stringify(MODULE)};
    const { key } = await ensureSigningKey(Deno.args[0]);
    await Deno.stdout.write(new TextEncoder().encode(key.publicKey.id));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script, "--", root],
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("ensureSigningKey() makes a key that its owner alone can read, and a public one beside it", async () => {
  await using folder = await tempFolder();
  const { key } = await ensureSigningKey(folder.path);
  const keys = join(folder.path, "data", "keys");
  strictEqual(await modeOf(keys), 0o700);
  strictEqual(await modeOf(join(keys, "signing.pem")), 0o600);
  strictEqual(await modeOf(join(keys, "signing.pub.pem")), 0o644);
  match(await Deno.readTextFile(join(keys, "signing.pem")), /^-----BEGIN PRIVATE KEY-----\n/);
  const names = await Array.fromAsync(Deno.readDir(keys), ({ name }) => name);
  deepStrictEqual(names.toSorted(), ["signing.pem", "signing.pub.pem"]);
  const handedOut = await readPublicKey(publicKeyPath(folder.path));
  strictEqual(handedOut.id, key!.publicKey.id);
  match(handedOut.id, /^[0-9a-f]{16}$/);
  const signature = key!.sign("text");
  strictEqual(signature.length, 64);
  ok(handedOut.verify("text", signature));
  ok(!handedOut.verify("texT", signature));
});

Deno.test("ensureSigningKey() gives the same key again, and to processes that come at once", async () => {
  await using folder = await tempFolder();
  const [one, other, here] = await Promise.all([
    idElsewhere(folder.path),
    idElsewhere(folder.path),
    ensureSigningKey(folder.path),
  ]);
  const { key } = await readSigningKey(folder.path);
  match(one, /^[0-9a-f]{16}$/);
  deepStrictEqual([one, other, here.key?.publicKey.id], Array(3).fill(key?.publicKey.id));
});

Deno.test("ensureSigningKey() makes a public key again that is missing", async () => {
  await using folder = await tempFolder();
  const { key } = await ensureSigningKey(folder.path);
  await Deno.remove(publicKeyPath(folder.path));
  await ensureSigningKey(folder.path);
  strictEqual((await readOwnPublicKey(folder.path))?.id, key?.publicKey.id);
});

Deno.test("ensureSigningKey() keeps the public key of a private one that is gone", async () => {
  await using folder = await tempFolder();
  const before = await ensureSigningKey(folder.path);
  const keys = join(folder.path, "data", "keys");
  await Deno.remove(join(keys, "signing.pem"));
  const after = await ensureSigningKey(folder.path);
  ok(before.key!.publicKey.id !== after.key!.publicKey.id);
  const kept = await readPublicKey(join(keys, `signing-${before.key!.publicKey.id}.pub.pem`));
  strictEqual(kept.base64, before.key!.publicKey.base64);
  strictEqual((await readOwnPublicKey(folder.path))?.id, after.key!.publicKey.id);
});

Deno.test("ensureSigningKey() gives the reason instead of a key that is damaged, and never its text", async () => {
  await using folder = await tempFolder();
  await ensureSigningKey(folder.path);
  const path = join(folder.path, "data", "keys", "signing.pem");
  const secret = (await Deno.readTextFile(path)).split("\n")[1]!;
  await Deno.writeTextFile(path, `-----BEGIN PRIVATE KEY-----\n${secret.slice(1)}\n`);
  const found = await ensureSigningKey(folder.path);
  ok(found.key === null);
  match(found.reason, /signing\.pem" is no Ed25519 key/);
  ok(!found.reason.includes(secret.slice(8, 24)));
});

Deno.test("ensureSigningKey() gives the reason where nothing can be written", async () => {
  await using folder = await tempFolder();
  const root = join(folder.path, "file");
  await Deno.writeTextFile(root, "");
  const found = await ensureSigningKey(root);
  ok(found.key === null);
  ok(found.reason !== "");
});

Deno.test("readSigningKey() makes nothing", async () => {
  await using folder = await tempFolder();
  deepStrictEqual(await readSigningKey(folder.path), {
    key: null,
    reason: "this storage root has no key yet",
  });
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

const UNREADABLE = [
  { name: "is not there", text: undefined, reason: /No such file/ },
  { name: "is no key", text: "hello", reason: /no Ed25519 public key/ },
  { name: "is a private key", text: generateKey().secretPem, reason: /it is a private key/ },
  {
    name: "is a key of another kind",
    text: generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).publicKey,
    reason: /no Ed25519 public key/,
  },
] as const;

for (const { name, text, reason } of UNREADABLE) {
  Deno.test(`readPublicKey() throws key-unreadable when the file ${name}`, async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "key.pem");
    if (text !== undefined) await Deno.writeTextFile(path, text);
    await rejects(readPublicKey(path), (error: OperatorError) => {
      ok(error instanceof OperatorError);
      strictEqual(error.code, "key-unreadable");
      strictEqual(error.exitCode, 2);
      match(error.advice.found!.reason!, reason);
      return true;
    });
  });
}

Deno.test("publicKeyFromBase64() gives back the key, and nothing for other bytes", () => {
  const { publicKey } = generateKey().key;
  strictEqual(publicKeyFromBase64(publicKey.base64)?.id, publicKey.id);
  strictEqual(publicKeyPem(publicKey).split("\n").length, 4);
  for (const text of ["", "AAAA", `${publicKey.base64}AAAA`, publicKey.base64.slice(0, -1), "!"]) {
    strictEqual(publicKeyFromBase64(text), undefined, text);
  }
  // The last letter has two bits that stand for nothing.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = letters.indexOf(publicKey.base64.at(-2)!);
  const other = `${publicKey.base64.slice(0, -2)}${letters[last ^ 1]}=`;
  strictEqual(publicKeyFromBase64(other), undefined);
});
