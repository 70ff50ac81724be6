import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { logToPort } from "../../../src/base/log.ts";
import { Access, accessFile } from "../../../src/web/access/access.ts";
import {
  withoutUser,
  withPassword,
  withRights,
  withShare,
  withToken,
  withUser,
} from "../../../src/web/access/accounts.ts";
import type { PasswordCost } from "../../../src/web/access/passwords.ts";
import { recordOf } from "../../../src/web/access/passwords.ts";
import { hashOf, newId, newToken } from "../../../src/web/access/secret_texts.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const CHEAP: PasswordCost = { n: 16, r: 1, p: 1 };
const HOUR_MS = 3_600_000;
const PASSWORD = "correct horse battery";
const CLIENT = "192.0.2.7";

async function world(clock = new FakeClock()) {
  const folder = await tempFolder();
  const lines: string[] = [];
  logToPort((record) => lines.push(`${record.level} ${record.text}`));
  const options = { root: folder.path, clock, sessionMs: HOUR_MS, cost: CHEAP };
  const opened: Access[] = [];
  const open = async (more: Partial<{ cost: PasswordCost }> = {}) => {
    const access = await Access.open({ ...options, ...more });
    opened.push(access);
    return access;
  };
  return {
    root: folder.path,
    clock,
    lines,
    open,
    firstPassword: () => /one-time password (\S+)/.exec(lines.join("\n"))?.[1] ?? "",
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function withAnna(access: Access): Promise<void> {
  const password = await recordOf(PASSWORD, CHEAP);
  const anna = { name: "anna", role: "viewer", cameras: "all", password, createdMs: 0 } as const;
  await access.change((data) =>
    withPassword(withUser(data, anna), "anna", { password, mustChange: false })
  );
}

async function logIn(access: Access, password = PASSWORD, user = "anna") {
  const outcome = await access.logIn({ user, password, client: CLIENT });
  if (outcome.kind !== "in") throw new Error(`refused: ${outcome.kind}`);
  return outcome;
}

Deno.test("Access.open() makes one administrator, prints its password once, and lets it only change it", async () => {
  await using test = await world();
  const access = await test.open();
  const password = test.firstPassword();
  strictEqual(test.lines.filter((line) => line.includes(password)).length, 1);
  const { actor, cookie } = await logIn(access, password, "admin");
  deepStrictEqual([actor.role, actor.mustChangePassword], ["administrator", true]);
  const file = await Deno.readTextFile(`${test.root}/data/access.json`);
  ok(!file.includes(password) && !file.includes(cookie));
  for (const name of ["access.json", "sessions.json", "audit.jsonl"]) {
    await access.audit.flush();
    const { mode } = await Deno.stat(`${test.root}/data/${name}`);
    strictEqual((mode ?? 0) & 0o777, 0o600, name);
  }
  const again = await test.open();
  strictEqual(test.lines.filter((line) => line.includes("one-time")).length, 1);
  const change = { old: password, fresh: PASSWORD, client: CLIENT };
  deepStrictEqual(await again.changeOwnPassword(actor, change), { kind: "changed" });
  strictEqual(again.actorOf({ cookie })?.mustChangePassword, false);
  strictEqual((await again.logIn({ user: "admin", password, client: CLIENT })).kind, "wrong");
});

Deno.test("Access keeps log-ins over a restart, as hashes, until they expire", async () => {
  await using test = await world();
  const first = await test.open();
  await withAnna(first);
  const { cookie } = await logIn(first);
  const second = await test.open();
  strictEqual(second.actorOf({ cookie })?.name, "anna");
  const kept = await Deno.readTextFile(`${test.root}/data/sessions.json`);
  ok(kept.includes(hashOf(cookie)) && !kept.includes(cookie));
  await test.clock.advance(HOUR_MS - 1);
  strictEqual(second.actorOf({ cookie })?.name, "anna");
  await test.clock.advance(1);
  strictEqual(second.actorOf({ cookie }), undefined);
});

Deno.test("Access ends log-ins when rights or password change, and what goes on under them", async () => {
  await using test = await world();
  const access = await test.open();
  await withAnna(access);
  const CHANGES = [
    () => access.change((data) => withRights(data, "anna", { cameras: ["yard"] })),
    async () => {
      const password = await recordOf(PASSWORD, CHEAP);
      await access.change((data) => withPassword(data, "anna", { password, mustChange: false }));
    },
  ];
  for (const change of CHANGES) {
    const { actor, cookie } = await logIn(access);
    const granted = access.granted(actor);
    await change();
    strictEqual(access.actorOf({ cookie }), undefined);
    ok(granted.aborted);
  }
  const kept = await logIn(access);
  const other = await logIn(access);
  const granted = access.granted(kept.actor);
  const fresh = "another good password";
  await access.changeOwnPassword(kept.actor, { old: PASSWORD, fresh, client: CLIENT });
  strictEqual(access.actorOf({ cookie: other.cookie }), undefined);
  strictEqual(access.actorOf({ cookie: kept.cookie })?.name, "anna");
  ok(!granted.aborted);
  await access.logOut(kept.actor);
  ok(granted.aborted);
});

Deno.test("Access notices within a refresh that a command removed a user", async () => {
  await using test = await world();
  const access = await test.open();
  await withAnna(access);
  const { cookie, actor } = await logIn(access);
  const granted = access.granted(actor);
  await accessFile(test.root).change((data) => withoutUser(data, "anna"));
  await access.refresh();
  strictEqual(access.actorOf({ cookie }), undefined);
  ok(granted.aborted);
});

Deno.test("Access goes on with what it knew while its file is torn, and does not start on it", async () => {
  await using test = await world();
  const access = await test.open();
  await withAnna(access);
  const { cookie } = await logIn(access);
  await Deno.writeTextFile(`${test.root}/data/access.json`, '{"version": 1, "users": [{"pass');
  await access.refresh();
  strictEqual(access.actorOf({ cookie })?.name, "anna");
  ok(test.lines.some((line) => line.startsWith("error") && line.includes("access.json")));
  await rejects(test.open(), { code: "access-unreadable" });
});

Deno.test("Access makes those wait who guess, whether there is such a user or not", async () => {
  await using test = await world();
  const access = await test.open();
  await withAnna(access);
  for (const user of ["anna", "nobody"]) {
    const kinds: string[] = [];
    const client = `192.0.2.${user.length}`;
    for (let n = 0; n < 6; n++) {
      kinds.push((await access.logIn({ user, password: "wrong", client })).kind);
    }
    deepStrictEqual(kinds, [...Array(5).fill("wrong"), "wait"], user);
  }
  const elsewhere = { user: "anna", password: PASSWORD, client: "198.51.100.1" };
  strictEqual((await access.logIn(elsewhere)).kind, "wait");
  await test.clock.advance(2_000);
  strictEqual((await access.logIn(elsewhere)).kind, "in");
});

Deno.test("Access hashes few passwords at once and refuses when the line is long", async () => {
  await using test = await world();
  const access = await test.open();
  const outcomes = await Promise.all(
    Array.from(
      { length: 40 },
      (_, n) => access.logIn({ user: `user-${n}`, password: "wrong", client: `192.0.2.${n}` }),
    ),
  );
  const count = (kind: string) => outcomes.filter((each) => each.kind === kind).length;
  deepStrictEqual([count("wrong"), count("busy")], [9, 31]);
  strictEqual(access.refusedLogIns, 31);
});

Deno.test("Access keeps a password with today's cost after the next log-in", async () => {
  await using test = await world();
  await withAnna(await test.open());
  const access = await test.open({ cost: { n: 32, r: 1, p: 1 } });
  const { cookie } = await logIn(access);
  strictEqual(access.data.users.find(({ name }) => name === "anna")?.password.n, 32);
  strictEqual(access.actorOf({ cookie })?.name, "anna");
  strictEqual((await logIn(access)).actor.name, "anna");
});

Deno.test("Access takes tokens until they expire or are taken back", async () => {
  await using test = await world();
  const access = await test.open();
  const token = newToken();
  const nowMs = test.clock.now();
  await access.change((data) =>
    withToken(data, {
      ...{ id: newId(), name: "x", role: "viewer", cameras: ["front"], hash: hashOf(token) },
      ...{ createdMs: nowMs, expiresMs: nowMs + 1_000, by: "admin" },
    })
  );
  const actor = access.actorOf({ token });
  deepStrictEqual([actor?.kind, actor?.role, actor?.cameras], ["token", "viewer", ["front"]]);
  strictEqual(access.actorOf({ token: `${token}a` }), undefined);
  await test.clock.advance(1_000);
  strictEqual(access.actorOf({ token }), undefined);
});

Deno.test("shareOf() stops when it expires, and when its maker may no longer show the camera", async () => {
  await using test = await world();
  const access = await test.open();
  await withAnna(access);
  await access.change((data) => withRights(data, "anna", { role: "operator" }));
  const token = newToken();
  const nowMs = test.clock.now();
  await access.change((data) =>
    withShare(data, {
      ...{ id: newId(), hash: hashOf(token), cameraId: "front", fromMs: 0, toMs: 1_000 },
      ...{ expiresMs: nowMs + 1_000, createdMs: nowMs, by: "anna", byKind: "user" },
    })
  );
  strictEqual(access.shareOf(token)?.cameraId, "front");
  strictEqual(access.shareOf(newToken()), undefined);
  for (const rights of [{ role: "viewer" }, { role: "operator", cameras: ["yard"] }] as const) {
    await access.change((data) => withRights(data, "anna", rights));
    strictEqual(access.shareOf(token), undefined, JSON.stringify(rights));
  }
  await access.change((data) => withRights(data, "anna", { cameras: ["front"] }));
  strictEqual(access.shareOf(token)?.cameraId, "front");
  await test.clock.advance(1_000);
  strictEqual(access.shareOf(token), undefined);
});

Deno.test("shareOf() stops when the token that made the share runs out", async () => {
  await using test = await world();
  const access = await test.open();
  const [tokenId, link, nowMs] = [newId(), newToken(), test.clock.now()];
  await access.change((data) => {
    const rights = { role: "operator", cameras: ["front"], by: "admin" } as const;
    const maker = { ...rights, cameras: ["front"], id: tokenId, name: "x", hash: hashOf("x") };
    const share = { id: newId(), hash: hashOf(link), cameraId: "front", fromMs: 0, toMs: 1_000 };
    return withShare(
      withToken(data, { ...maker, createdMs: nowMs, expiresMs: nowMs + 1_000 }),
      { ...share, expiresMs: nowMs + 9_000, createdMs: nowMs, by: tokenId, byKind: "token" },
    );
  });
  strictEqual(access.shareOf(link)?.cameraId, "front");
  await test.clock.advance(1_000);
  strictEqual(access.shareOf(link), undefined);
});

Deno.test({
  name: "Access leaves the accounts to the folder's owner when an administrator changes them",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using test = await world();
    const [data, nobody] = [`${test.root}/data`, 65_534];
    await Deno.mkdir(data);
    await Deno.chown(data, nobody, nobody);
    const access = await test.open();
    await access.audit.flush();
    for (const name of ["access.json", "access.json.lock", "audit.jsonl"]) {
      const { uid, gid, mode } = await Deno.stat(`${data}/${name}`);
      deepStrictEqual([uid, gid, mode! & 0o777], [nobody, nobody, 0o600], name);
    }
  },
});
