import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { FILM_BYTES, type WebWorld, webWorld } from "./web_world.ts";

const JSON_TYPE = { "content-type": "application/json" };
const PASSWORD = "correct horse battery";

/** Asks as a browser does that has the cookie. */
function browser(world: WebWorld, cookie: string) {
  return async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${world.origin}${path}`, {
      method,
      headers: { cookie, origin: world.origin, "sec-fetch-site": "same-origin", ...JSON_TYPE },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text), answer };
  };
}

Deno.test("whoever logs in with the one-time password can only change it, then do everything", async () => {
  await using world = await webWorld();
  const logIn = await world.logIn("admin", world.firstPassword);
  const session = await logIn.json();
  deepStrictEqual([session.role, session.cameras, session.mustChangePassword], [
    ...["administrator", "all", true],
  ]);
  const setCookie = logIn.headers.get("set-cookie") ?? "";
  match(setCookie, /^lookback_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const ask = browser(world, setCookie.split(";")[0]!);
  for (const [method, path] of [["GET", "/api/v1/users"], ["GET", "/api/v1/cameras"]] as const) {
    const refused = await ask(method, path);
    deepStrictEqual([refused.status, refused.body.code], [403, "password-change-needed"]);
  }
  const change = (old: string, fresh: string) =>
    ask("POST", "/api/v1/session/password", { old, new: fresh });
  strictEqual((await change("wrong", PASSWORD)).body.code, "password-wrong");
  strictEqual((await change(world.firstPassword, "short")).body.code, "password-weak");
  strictEqual((await change(world.firstPassword, world.firstPassword)).body.code, "password-weak");
  strictEqual((await change(world.firstPassword, PASSWORD)).status, 204);
  strictEqual((await ask("GET", "/api/v1/users")).status, 200);
  const out = await ask("DELETE", "/api/v1/session");
  strictEqual(out.status, 204);
  match(out.answer.headers.get("set-cookie") ?? "", /^lookback_session=; .*Max-Age=0/);
  strictEqual((await ask("GET", "/api/v1/session")).status, 401);
  const trail = (await world.access.audit.newest(10)).map(({ actor, action }) =>
    `${actor} ${action}`
  );
  deepStrictEqual(trail, [
    "user:admin log-out",
    "user:admin password-changed",
    "user:admin log-in",
    "console user-added",
  ]);
});

Deno.test("wrong log-ins are all told the same, and wait after a few", async () => {
  await using world = await webWorld();
  const answers = [];
  for (let n = 0; n < 6; n++) answers.push(await world.logIn("admin", "wrong"));
  const codes = await Promise.all(answers.map(async (each) => (await each.json()).code));
  deepStrictEqual(codes, [...Array(5).fill("log-in-wrong"), "log-in-wait"]);
  match(answers.at(-1)?.headers.get("retry-after") ?? "", /^[12]$/);
  strictEqual((await (await world.logIn("nobody", "wrong")).json()).code, "log-in-wrong");
});

Deno.test("administrators add, change and remove users and tokens", async () => {
  await using world = await webWorld();
  await world.addUser("root", PASSWORD, "administrator");
  const cookie = (await world.logIn("root", PASSWORD).then(async (answer) => {
    await answer.body?.cancel();
    return answer.headers.get("set-cookie") ?? "";
  })).split(";")[0]!;
  const ask = browser(world, cookie);
  const anna = { name: "anna", role: "viewer", cameras: ["front"] };
  const added = await ask("POST", "/api/v1/users", anna);
  strictEqual(added.status, 201);
  match(added.body.password, /^(?:\w{4}-){3}\w{4}$/);
  strictEqual((await ask("POST", "/api/v1/users", anna)).status, 409);
  const changed = await ask("PATCH", "/api/v1/users/anna", { role: "operator" });
  deepStrictEqual([changed.body.role, changed.body.cameras], ["operator", ["front"]]);
  const given = await ask("POST", "/api/v1/users/anna/password", {});
  ok(given.body.password !== added.body.password);
  const names = (await ask("GET", "/api/v1/users")).body.users.map((user: { name: string }) =>
    user.name
  );
  deepStrictEqual(names, ["admin", "root", "anna"]);
  const users = await (await ask("GET", "/api/v1/users")).answer.headers.get("cache-control");
  strictEqual(users, "no-store");
  strictEqual((await ask("DELETE", "/api/v1/users/anna")).status, 204);
  strictEqual((await ask("DELETE", "/api/v1/users/anna")).status, 404);
  const token = await ask("POST", "/api/v1/tokens", { ...anna, name: "home" });
  const as = (path: string) =>
    fetch(`${world.origin}${path}`, {
      headers: { authorization: `Bearer ${token.body.token}` },
    });
  const session = await (await as("/api/v1/session")).json();
  deepStrictEqual([session.user, session.role, session.expires], ["home", "viewer", null]);
  strictEqual((await ask("DELETE", `/api/v1/tokens/${token.body.id}`)).status, 204);
  strictEqual((await (await as("/api/v1/session")).json()).code, "not-logged-in");
});

Deno.test("a share shows its film to whoever has the link, without a script, until it is taken back", async () => {
  await using world = await webWorld();
  const ask = await world.as("operator", ["front"]);
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const wish = { camera: "front", from: "2026-11-21T20:57:00Z", to: "2026-11-21T20:58:00Z" };
  const post = (body: unknown) =>
    ask("/api/v1/shares", { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) });
  const added = await post({ ...wish, expires });
  const { id, url } = await added.json();
  const page = await fetch(url);
  const html = await page.text();
  strictEqual(page.status, 200);
  ok(html.includes("Front &#60;door&#62;") && !html.includes("<script"), html);
  const film = await fetch(`${url}/film.mp4`, { headers: { range: "bytes=-1" } });
  strictEqual(
    film.headers.get("content-range"),
    `bytes ${FILM_BYTES - 1}-${FILM_BYTES - 1}/${FILM_BYTES}`,
  );
  await film.body?.cancel();
  match(film.headers.get("vary") ?? "", /cookie/i);
  // The film's address alone is noted too, and neither of them twice.
  const direct = await post({ ...wish, expires });
  await (await fetch(`${(await direct.json()).url}/film.mp4`)).body?.cancel();
  const noted = (await world.access.audit.newest(20)).map(({ action }) => action);
  deepStrictEqual(noted.filter((action) => action === "share-opened").length, 2);
  for (
    const [change, code] of [
      [{ expires: "2020-01-01T00:00:00Z" }, "expiry-invalid"],
      [{ expires: "2099-01-01T00:00:00Z" }, "expiry-invalid"],
      [{ to: "2026-11-22T20:58:00Z", expires }, "window-invalid"],
    ] as const
  ) {
    strictEqual((await (await post({ ...wish, ...change })).json()).code, code);
  }
  const other = await (await world.as("operator"))(`/api/v1/shares/${id}`, { method: "DELETE" });
  strictEqual((await other.json()).code, "unknown");
  strictEqual((await ask(`/api/v1/shares/${id}`, { method: "DELETE" })).status, 204);
  for (const path of ["", "/film.mp4"]) {
    const gone = await fetch(`${url}${path}`);
    await gone.body?.cancel();
    strictEqual(gone.status, 404);
  }
});
