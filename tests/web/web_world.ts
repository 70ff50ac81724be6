/**
 * A whole web server for tests: real sockets, real accounts in a temporary folder,
 * passwords that cost next to nothing. Behind the doors is one film, the rest of
 * them throws.
 *
 * @module
 */

import { logToPort } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/clock.ts";
import { unixMs } from "../../src/base/units.ts";
import { Access } from "../../src/web/access/access.ts";
import { type PasswordCost, recordOf } from "../../src/web/access/passwords.ts";
import { withPassword, withToken, withUser } from "../../src/web/access/accounts.ts";
import { hashOf, newId, newToken } from "../../src/web/access/secret_texts.ts";
import { createWebApp } from "../../src/web/app.ts";
import type { ArchiveCamera, ByteBody, WebParts } from "../../src/web/doors.ts";
import type { ConnectionLimits } from "../../src/web/http_connections.ts";
import type { Role, WebApp } from "../../src/web/needs.ts";
import { NewsHub } from "../../src/web/news.ts";
import type { Assets } from "../../src/web/routes/assets.ts";
import { WebServer } from "../../src/web/server.ts";
import type { TlsPair } from "../../src/web/tls.ts";
import { tempFolder } from "../support/temp_folder.ts";

export const CHEAP: PasswordCost = { n: 16, r: 1, p: 1 };

/** What the film's bytes are: 0, 1, 2 … */
export const FILM_BYTES = 100_000;

export interface WorldOptions {
  readonly limits?: ConnectionLimits;
  readonly tls?: () => Promise<TlsPair>;
  readonly isBehindProxy?: boolean;
  readonly answerLimitMs?: number;
  /** Doors that do something. */
  readonly doors?: Partial<WebParts>;
}

export interface WebWorld extends AsyncDisposable {
  readonly root: string;
  readonly app: WebApp;
  readonly access: Access;
  readonly server: WebServer;
  /** "http://127.0.0.1:PORT" */
  readonly origin: string;
  /** What the first start printed. */
  readonly firstPassword: string;
  /** A request with a token. */
  as(role: Role, cameras?: "all" | readonly string[]): Promise<Asker>;
  /** A user with a password of its own; logs in. */
  logIn(name: string, password: string): Promise<Response>;
  addUser(name: string, password: string, role?: Role): Promise<void>;
}

export type Asker = (path: string, init?: RequestInit) => Promise<Response>;

export async function webWorld(options: WorldOptions = {}): Promise<WebWorld> {
  const folder = await tempFolder();
  const lines: string[] = [];
  logToPort((record) => lines.push(record.text));
  const clock = systemClock;
  const access = await Access.open({
    root: folder.path,
    clock,
    sessionMs: 3_600_000,
    cost: CHEAP,
  });
  const news = new NewsHub(() => {});
  const parts = { version: "0.0.0-test", clock, news, ...closedDoors(), ...options.doors };
  const app = createWebApp({ ...parts, access, assets: ASSETS });
  const server = await WebServer.start({
    app,
    settings: {
      listen: { hostname: "127.0.0.1", port: 0 },
      isBehindProxy: options.isBehindProxy ?? false,
    },
    tls: options.tls ?? null,
    clock,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.answerLimitMs === undefined ? {} : { answerLimitMs: options.answerLimitMs }),
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    root: folder.path,
    app,
    access,
    server,
    origin,
    firstPassword: /one-time password (\S+)/.exec(lines.join("\n"))?.[1] ?? "",
    as: (role, cameras = "all") => asker(access, origin, { role, cameras }),
    logIn: (user, password) =>
      fetch(`${origin}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ user, password }),
      }),
    addUser: (name, password, role = "viewer") => addUser(access, { name, password, role }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      news.close();
      await access[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function asker(
  access: Access,
  origin: string,
  rights: { readonly role: Role; readonly cameras: "all" | readonly string[] },
): Promise<Asker> {
  const text = newToken();
  const { role, cameras } = rights;
  await access.change((data) =>
    withToken(data, {
      ...{ id: newId(), name: "test", role, hash: hashOf(text), createdMs: 0, expiresMs: null },
      cameras: cameras === "all" ? "all" : [...cameras],
      by: "test",
    })
  );
  return (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${text}`);
    return fetch(`${origin}${path}`, { ...init, headers });
  };
}

async function addUser(
  access: Access,
  { name, password, role }: {
    readonly name: string;
    readonly password: string;
    readonly role: Role;
  },
): Promise<void> {
  const record = await recordOf(password, CHEAP);
  await access.change((data) => {
    const user = { name, role, cameras: "all" as const, password: record, createdMs: 0 };
    return withPassword(withUser(data, user), name, { password: record, mustChange: false });
  });
}

/** What a server answers to bytes of any kind; reads until it closes, or `until` holds. */
export async function raw(
  port: number,
  request: string,
  until: (answer: string) => boolean = () => false,
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request)).catch(() => {});
  const buffer = new Uint8Array(16_384);
  let answer = "";
  while (!until(answer)) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    answer += new TextDecoder("latin1").decode(buffer.subarray(0, count));
  }
  return answer;
}

export const CAMERA: ArchiveCamera = {
  cameraId: "front",
  name: "Front <door>",
  enabled: true,
  geoLocation: null,
  firstMs: unixMs(0),
  lastMs: unixMs(1_000),
};

function filmBody(): ByteBody {
  return {
    totalBytes: FILM_BYTES,
    etag: '"film"',
    read: (from, to) =>
      new Blob([Uint8Array.from({ length: to - from }, (_, i) => from + i)]).stream(),
  };
}

type Doors = Pick<WebParts, "live" | "archive" | "exports" | "events" | "system">;

function closedDoors(): Doors {
  return {
    archive: door<WebParts["archive"]>("archive", {
      cameras: () => [CAMERA],
      hasCamera: (cameraId: string) => cameraId === "front",
      film: () => Promise.resolve(filmBody()),
    }),
    live: door("live", {}),
    exports: door("exports", {}),
    events: door("events", {}),
    system: door<WebParts["system"]>("system", { isReady: () => true }),
  };
}

/** A door that only has some of its handles; the others say which one was tried. */
export function door<T extends object>(name: string, handles: Partial<T>): T {
  return new Proxy(handles, {
    get(target, key) {
      const handle = Reflect.get(target, key);
      if (handle !== undefined) return handle;
      return () => {
        throw new Error(`The door "${name}" has no "${String(key)}" in this test`);
      };
    },
  }) as T;
}

const text = (value: string) => new TextEncoder().encode(value);

const ASSETS: Assets = new Map([
  ["/", {
    contentType: "text/html; charset=utf-8",
    etag: '"page"',
    isImmutable: false,
    bytes: text("<!doctype html>"),
    gzip: undefined,
  }],
  ["/assets/main-AB12CD34.js", {
    contentType: "text/javascript; charset=utf-8",
    etag: '"script"',
    isImmutable: true,
    bytes: text("export {};"),
    gzip: text("packed"),
  }],
]);
