import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { logToPort } from "../../../src/base/log.ts";
import { withoutUser, withRights, withToken, withUser } from "../../../src/web/access/accounts.ts";
import { Attempts, clientKey } from "../../../src/web/access/attempts.ts";
import { AuditTrail } from "../../../src/web/access/audit_trail.ts";
import {
  isPassword,
  PASSWORD_COST,
  passwordFault,
  recordOf,
} from "../../../src/web/access/passwords.ts";
import { NO_ACCESS } from "../../../src/web/access/records.ts";
import { newPassword } from "../../../src/web/access/secret_texts.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const CHEAP = { n: 16, r: 1, p: 1 } as const;

Deno.test("recordOf() salts each hash, and isPassword() takes the same letters from any keyboard", async () => {
  const record = await recordOf("Ångström-é-123", CHEAP);
  const again = await recordOf("Ångström-é-123", CHEAP);
  ok(record.hash !== again.hash);
  strictEqual(await isPassword("Ångström-é-123".normalize("NFD"), record), true);
  strictEqual(await isPassword("Angström-é-123", record), false);
});

Deno.test("isPassword() is scrypt as RFC 7914 has it, and the usual cost is what OWASP asks for", async () => {
  const hash = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162";
  const record = {
    ...{ scheme: "scrypt", n: 1_024, r: 8, p: 16, salt: btoa("NaCl") } as const,
    hash: Uint8Array.fromHex(hash).toBase64(),
  };
  strictEqual(await isPassword("password", record), true);
  deepStrictEqual(PASSWORD_COST, { n: 32_768, r: 8, p: 3 });
});

Deno.test("passwordFault() refuses what is guessed first", () => {
  const FAULTS = ["short", "aaaaaaaaaaaa", "ababababababab", "anna-anna-anna-1", "a".repeat(300)];
  for (const password of FAULTS) ok(passwordFault(password, "anna") !== undefined, password);
  strictEqual(passwordFault("correct horse battery", "anna"), undefined);
  for (let n = 0; n < 50; n++) {
    const password = newPassword();
    match(password, /^(?:[0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    strictEqual(passwordFault(password, "anna"), undefined);
  }
});

Deno.test("Attempts waits twice as long after each failure, up to a quarter of an hour", () => {
  const attempts = new Attempts();
  const anna = { user: "anna", isKnown: true, client: "192.0.2.7" };
  const waits: number[] = [];
  for (let n = 0; n < 14; n++) {
    attempts.begin(anna, 0);
    waits.push(attempts.waitMs(anna, 0) / 1_000);
  }
  deepStrictEqual(waits, [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
  attempts.begin(anna, 3_600_000);
  strictEqual(attempts.waitMs(anna, 3_600_000), 0, "forgotten after an hour");
});

Deno.test("Attempts lets a client in that a user came from before, however strangers guess", () => {
  const attempts = new Attempts();
  const home = { user: "anna", client: "192.0.2.7" };
  attempts.begin({ ...home, isKnown: true }, 0);
  attempts.succeeded(home, 0);
  for (let n = 0; n < 50; n++) {
    attempts.begin({ user: "anna", isKnown: true, client: `198.51.100.${n}` }, 0);
  }
  strictEqual(attempts.waitMs(home, 0), 0);
  ok(attempts.waitMs({ user: "anna", client: "203.0.113.1" }, 0) > 0);
});

Deno.test("Attempts stays small and does not forget users for made-up names and addresses", () => {
  const attempts = new Attempts();
  const anna = { user: "anna", isKnown: true, client: "192.0.2.7" };
  for (let n = 0; n < 8; n++) attempts.begin(anna, 0);
  for (let n = 0; n < 9_000; n++) {
    attempts.begin({ user: `x${n}`, isKnown: false, client: `2001:db8:${n.toString(16)}::1` }, 0);
  }
  ok(attempts.size <= 8_193, `${attempts.size} entries`);
  ok(attempts.waitMs({ ...anna, client: "203.0.113.1" }, 0) > 0);
});

Deno.test("clientKey() takes a network of IPv6 for one client", () => {
  const CASES = [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:0:1:aaaa::1", "2001:db8:0:1"],
    ["2001:db8:0:1:bbbb:1:2:3", "2001:db8:0:1"],
    ["2001:0DB8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
  ] as const;
  for (const [address, key] of CASES) strictEqual(clientKey(address), key, address);
});

const password = await recordOf("x", CHEAP);
const admin = {
  name: "admin",
  role: "administrator",
  cameras: "all",
  password,
  createdMs: 0,
} as const;

Deno.test("accounts refuse odd names and rights, and to be without an administrator", () => {
  const data = withUser(NO_ACCESS, admin);
  const refused = (kind: string, change: () => unknown) =>
    throws(change, { name: "Refusal", kind });
  for (const name of ["", "Anna", "a b", "../x", "__proto__", "-a", "a".repeat(65)]) {
    refused("invalid", () => withUser(data, { ...admin, name }));
  }
  refused("exists", () => withUser(data, admin));
  refused("invalid", () => withUser(data, { ...admin, name: "b", cameras: ["front"] }));
  refused("last-administrator", () => withoutUser(data, "admin"));
  refused("last-administrator", () => withRights(data, "admin", { role: "viewer" }));
  refused("unknown", () => withRights(data, "nobody", { role: "viewer" }));
  const full = { ...data, tokens: Array(500).fill({}) };
  const token = { id: "", name: "", role: "viewer", cameras: "all", hash: "" } as const;
  refused("full", () => withToken(full, { ...token, createdMs: 0, expiresMs: null, by: "" }));
  strictEqual(withoutUser(withUser(data, { ...admin, name: "b" }), "admin").users.length, 1);
});

Deno.test("AuditTrail keeps lines in order, whole, and no more than its bounds", async () => {
  await using folder = await tempFolder();
  logToPort(() => {});
  const trail = new AuditTrail({
    folder: folder.path,
    clock: new FakeClock(),
    largestBytes: 5_000,
  });
  const line = { actor: "user:anna", action: "export", detail: "a\nb\u0000" };
  for (let n = 0; n < 500; n++) {
    trail.note({ ...line, subject: `film:${n}` });
    if (n % 20 === 0) await trail.flush();
  }
  const entries = await trail.newest(30);
  deepStrictEqual(entries.map(({ subject }) => subject).slice(0, 2), ["film:499", "film:498"]);
  strictEqual(entries.length, 30);
  strictEqual(entries[0]?.detail, "a b ");
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  ok(names.length <= 5, names.join(" "));
  // A power cut in the middle of a line.
  await Deno.writeTextFile(`${folder.path}/audit.jsonl`, '{"at":"20', { append: true });
  strictEqual((await trail.newest(1))[0]?.subject, "film:499");
  // A burst beyond what may wait is counted.
  for (let n = 0; n < 1_500; n++) trail.note({ ...line, subject: "burst" });
  await trail.flush();
  strictEqual(trail.lost, 500);
});
