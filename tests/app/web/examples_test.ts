/**
 * Each example of the OpenAPI document, sent to a whole web server over three
 * seconds of footage: it is answered with a status, and in a kind of body, that the document names.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { webPlan } from "../../../src/app/web/web.ts";
import { WebRoom } from "../../../src/app/web/room.ts";
import { logToPort } from "../../../src/base/log.ts";
import { unixMs } from "../../../src/base/units.ts";
import { accessFile } from "../../../src/web/access/access.ts";
import { withToken, withUser } from "../../../src/web/access/accounts.ts";
import { recordOf } from "../../../src/web/access/passwords.ts";
import { hashOf, newId, newToken } from "../../../src/web/access/secret_texts.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { realArchive } from "../../support/real_archive.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly example?: unknown;
  readonly schema?: { readonly example?: unknown };
}

interface Schema {
  readonly example?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The requests that an operation's examples make: one for each kind of body that it takes. */
function examplesOf(
  path: string,
  { parameters = [], requestBody }: Operation,
): readonly { readonly path: string; readonly init: RequestInit }[] {
  let filled = path;
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  for (const { name, in: place, example, schema } of parameters) {
    const value = example ?? schema?.example;
    if (place === "path") {
      ok(value !== undefined, `${path}: "${name}" has no example`);
      filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)));
    }
    if (place === "query" && value !== undefined) query.set(name, String(value));
    if (place === "header" && value !== undefined) headers[name] = String(value);
  }
  const full = query.size === 0 ? filled : `${filled}?${query}`;
  const [kind, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (kind === undefined || media === undefined) return [{ path: full, init: { headers } }];
  return bodiesOf(media.schema, path).map((example) => {
    const body = kind === "application/json" ? JSON.stringify(example) : String(example);
    return { path: full, init: { headers: { ...headers, "content-type": kind }, body } };
  });
}

function bodiesOf(schema: Schema, path: string): readonly unknown[] {
  const { example, properties, required = [], anyOf } = schema;
  if (example !== undefined) return [example];
  if (anyOf !== undefined) return anyOf.flatMap((each) => bodiesOf(each, path));
  for (const name of required) {
    ok(properties?.[name]?.example !== undefined, `${path}: "${name}" has no example`);
  }
  const given = Object.entries(properties ?? {}).filter(([, part]) => part.example !== undefined);
  return [Object.fromEntries(given.map(([name, part]) => [name, part.example]))];
}

/** A whole server, and a way to ask it as an administrator. */
async function openRoom(root: string) {
  const token = newToken();
  const password = await recordOf("x", { n: 2, r: 1, p: 1 });
  const rights = { role: "administrator", cameras: "all" } as const;
  await accessFile(root).change((data) =>
    withToken(withUser(data, { name: "root", ...rights, password, createdMs: 0 }), {
      ...{ id: newId(), name: "test", ...rights, hash: hashOf(token) },
      ...{ createdMs: 0, expiresMs: null, by: "root" },
    })
  );
  const yaml = 'web: { listen: "127.0.0.1:0", webrtc: { enabled: false } }\n' +
    "cameras: [{ id: front, source: test://320x180@5 }]\n";
  const configPath = `${root}/lookback.yaml`;
  await Deno.writeTextFile(configPath, yaml);
  const plan = webPlan(parseConfig(yaml, { path: configPath, cwd: root }))!;
  // The examples have times of that day.
  const clock = new FakeClock("2026-11-21T21:00:00Z");
  const startedMs = clock.now();
  const room = await WebRoom.open(
    { root, identity: "test", version: "0.0.0", startedMs, plan },
    {
      clock,
      onSightsWanted: () => {},
      onViewers: () => {},
      reload: () => Promise.resolve({ ok: true, text: "read" }),
    },
  );
  const ask = (path: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(new URL(path, room.url), { ...init, headers });
  };
  return { room, ask };
}

/** They answer for as long as the asker stays. */
const ENDLESS = ["getStreamSse", "getCamerasByCameraIdLiveMjpeg"];

Deno.test("each example of the OpenAPI document is answered as it says", async () => {
  const startMs = unixMs(Date.parse("2026-11-21T20:57:08Z"));
  await using archive = await realArchive({ startMs });
  const faults: string[] = [];
  logToPort(({ level, text }) => level === "error" ? faults.push(text) : 0);
  const { room, ask } = await openRoom(archive.root);
  try {
    const document = await (await ask("/api/openapi.json", {})).json() as Document;
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const { operationId, responses } = operation;
        for (const example of examplesOf(path, operation)) {
          const answer = await ask(example.path, { ...example.init, method: method.toUpperCase() });
          if (ENDLESS.includes(operationId)) await answer.body?.cancel();
          else await answer.bytes();
          const named = responses[answer.status];
          ok(named !== undefined, `${operationId} answers ${answer.status}: ${faults.at(-1)}`);
          const kind = answer.headers.get("content-type")?.split(";")[0];
          const kinds = Object.keys(named.content ?? {});
          if (kinds.length > 0) ok(kinds.includes(kind ?? ""), `${operationId}: ${kind}`);
          // What is documented as JSON may not be refused by its own schema.
          strictEqual(answer.status === 400, false, `${operationId}: its example is refused`);
        }
      }
    }
  } finally {
    await room.close();
  }
});
