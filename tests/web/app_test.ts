import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { OperatorError } from "../../src/base/errors.ts";
import { bareApp } from "../../src/web/bare_app.ts";
import { OPEN_ROUTES, routeTable } from "../../src/web/app.ts";
import { openapiDocument } from "../../src/web/openapi_document.ts";
import { raw, webWorld } from "./web_world.ts";

/** An operation of the OpenAPI document. */
interface Described {
  readonly operationId: string;
  readonly responses: object;
  readonly requestBody?: unknown;
  readonly security?: readonly unknown[];
}

/** A path of the table with something in place of its placeholders. */
function somePath(path: string): string {
  return path.replaceAll(/:[A-Za-z]+(?:\{[^}]*\})?/g, "x");
}

Deno.test("createWebApp() answers 401 without a log-in to every route but the open ones", async () => {
  await using world = await webWorld();
  const pages = ["GET /", "GET /login", "GET /assets/main-AB12CD34.js"];
  const open = new Set([...OPEN_ROUTES, ...pages]);
  const rows = routeTable(world.app);
  ok(rows.length > 40, `the table has only ${rows.length} routes`);
  for (const { method, path } of rows) {
    const response = await fetch(`${world.origin}${somePath(path)}`, { method });
    await response.body?.cancel();
    if (open.delete(`${method} ${path}`)) ok(response.status !== 401, `${method} ${path}`);
    else strictEqual(response.status, 401, `${method} ${path}`);
  }
  deepStrictEqual([...open], [], "open routes that are not in the table");
});

Deno.test("createWebApp() keeps a viewer from what operators and administrators do", async () => {
  await using world = await webWorld();
  const ask = await world.as("viewer");
  const ROWS = [
    ["GET", "/api/v1/users"],
    ["GET", "/api/v1/tokens"],
    ["GET", "/api/v1/audit"],
    ["GET", "/api/v1/shares"],
    ["GET", "/api/v1/config"],
    ["PUT", "/api/v1/config"],
    ["POST", "/api/v1/exports"],
    ["GET", "/api/v1/system/logs"],
  ] as const;
  for (const [method, path] of ROWS) {
    const response = await ask(path, { method });
    strictEqual(response.status, 403, `${method} ${path}`);
    strictEqual((await response.json()).code, "role-missing");
  }
});

Deno.test("createWebApp() shows a camera to those who may see it, to others it is unknown", async () => {
  await using world = await webWorld();
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const body = JSON.stringify({ camera: "front", from: "1", to: "2", expires });
  const init = { method: "POST", body, headers: { "content-type": "application/json" } };
  const shared = await (await world.as("operator"))("/api/v1/shares", init);
  await shared.body?.cancel();
  strictEqual(shared.status, 201);
  for (const cameras of [["yard"], []]) {
    const ask = await world.as("operator", cameras);
    const still = await ask("/api/v1/cameras/front/still");
    deepStrictEqual([still.status, (await still.json()).code], [404, "camera-unknown"]);
    const added = await ask("/api/v1/shares", init);
    deepStrictEqual([added.status, (await added.json()).code], [404, "camera-unknown"]);
  }
});

Deno.test("createWebApp() answers 404 to what there is not and 405 with what is possible", async () => {
  await using world = await webWorld();
  const ask = await world.as("viewer");
  const unknown = await ask("/api/v1/nothing");
  strictEqual(unknown.status, 404);
  strictEqual(unknown.headers.get("content-type"), "application/problem+json");
  strictEqual((await unknown.json()).code, "path-unknown");
  const wrong = await ask("/api/v1/session", { method: "PUT" });
  strictEqual(wrong.status, 405);
  strictEqual(wrong.headers.get("allow"), "POST, GET, HEAD, DELETE");
  await wrong.body?.cancel();
});

Deno.test("the page's files are cached for ever, packed where that is taken, and nothing else is there", async () => {
  await using world = await webWorld();
  const script = `${world.origin}/assets/main-AB12CD34.js`;
  const plain = await fetch(script, { headers: { "accept-encoding": "identity" } });
  strictEqual(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  strictEqual(await plain.text(), "export {};");
  // fetch() unpacks, and tells nothing of it.
  const packed = await raw(
    world.server.port,
    "GET /assets/main-AB12CD34.js HTTP/1.1\r\nhost: x\r\naccept-encoding: br, gzip\r\n" +
      "connection: close\r\n\r\n",
  );
  ok(packed.includes("content-encoding: gzip") && packed.endsWith("packed"), packed);
  const known = await fetch(script, { headers: { "if-none-match": '"script"' } });
  strictEqual(known.status, 304);
  const page = await fetch(`${world.origin}/`);
  strictEqual(page.headers.get("cache-control"), "no-cache");
  await page.body?.cancel();
});

Deno.test("every answer forbids scripts from elsewhere, frames, and guessing of types", async () => {
  await using world = await webWorld();
  for (const path of ["/", "/healthz", "/api/v1/users", "/share/aaaaaaaaaaaaaaaaaaaaaaaa"]) {
    const { headers, body } = await fetch(`${world.origin}${path}`);
    await body?.cancel();
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
      ok(policy.includes(part), `${path}: ${part}`);
    }
    ok(!policy.includes("unsafe"), path);
    strictEqual(headers.get("x-content-type-options"), "nosniff");
    strictEqual(headers.get("referrer-policy"), "no-referrer");
    strictEqual(headers.get("strict-transport-security"), null);
  }
});

Deno.test("openapiDocument() has every route of the API, once, with names and answers", async () => {
  await using world = await webWorld();
  const document = openapiDocument(world.app, "1.2.3") as {
    openapi: string;
    paths: Record<string, Record<string, Described>>;
    tags: { name: string; description: string }[];
  };
  strictEqual(document.openapi, "3.1.0");
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
  );
  const table = routeTable(world.app)
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")}`)
    .filter((row) => !/^GET \/($|login$|assets|share\.css|api\/openapi)/.test(row));
  deepStrictEqual(described.toSorted(), table.toSorted());
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const ids = operations.map(({ operationId }) => operationId);
  strictEqual(new Set(ids).size, ids.length);
  for (const { operationId, responses, requestBody, security } of operations) {
    ok(Object.keys(responses).some((status) => /^[123]/.test(status)), operationId);
    const isOpen = security?.length === 0;
    const needed = [
      ...(isOpen ? [] : ["401", "403"]),
      ...(requestBody === undefined ? [] : ["400", "408", "413", "415"]),
    ];
    for (const status of needed) ok(status in responses, `${operationId} has no ${status}`);
  }
  const same = await (await world.as("viewer"))("/api/openapi.json");
  strictEqual((await same.json()).info.version, "0.0.0-test");
});

Deno.test("bareApp() says what is wrong with a request, and of our own faults only that there was one", async () => {
  const app = bareApp();
  app.get("/ours", () => {
    throw new TypeError("rtsp://user:secret@camera");
  });
  app.get("/machine", () => {
    throw new OperatorError("database-unusable", 'Cannot use the database "/srv/x"', {
      fix: ["look at /srv/x"],
    });
  });
  const response = await app.request("/ours");
  strictEqual(response.status, 500);
  const text = await response.text();
  ok(!text.includes("camera"), text);
  const unusable = await app.request("/machine");
  const { code, ...said } = await unusable.json();
  deepStrictEqual([unusable.status, code], [503, "database-unusable"]);
  ok(!JSON.stringify(said).includes("/srv"), JSON.stringify(said));
});
