import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MOST_BYTES, routed, SUBSCRIPTIONS } from "../../src/mqtt/routing.ts";

const SET = "cameras/front/configuration/set";
const COMMAND = "system/command";

function route(topic: string, payload: string | Uint8Array, isRetained = false, isAllowed = true) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return routed({ topic, payload: bytes, isRetained }, { isAllowed });
}

Deno.test("routed() finds out what is asked, with defaults filled in", () => {
  deepStrictEqual(route(SET, '{"recording_enabled":true,"motion_sensitivity":0.8}'), {
    kind: "set",
    cameraId: "front",
    changes: { recording_enabled: true, motion_sensitivity: 0.8 },
  });
  deepStrictEqual(route(COMMAND, '{"command":"export","camera_id":"front"}'), {
    kind: "command",
    command: { command: "export", camera_id: "front", seconds: 60, mode: "exact" },
  });
});

const REFUSED = [
  { name: "no JSON", topic: COMMAND, payload: "{", code: "malformed" },
  {
    name: "bytes that are no text",
    topic: COMMAND,
    payload: Uint8Array.of(255),
    code: "malformed",
  },
  {
    name: "a command that there is not",
    topic: COMMAND,
    payload: '{"command":"rm"}',
    code: "invalid",
  },
  {
    name: "a key that there is not",
    topic: SET,
    payload: '{"source":"rtsp://192.0.2.66/"}',
    code: "invalid",
  },
  {
    name: "a camera's id that would leave its folder",
    topic: COMMAND,
    payload: '{"command":"export","camera_id":"../front"}',
    code: "invalid",
  },
  { name: "no object", topic: SET, payload: "7", code: "invalid" },
  {
    name: "more than anybody has to say",
    topic: SET,
    payload: new Uint8Array(MOST_BYTES + 1),
    code: "too-large",
  },
  { name: "what was kept", topic: SET, payload: "{}", isRetained: true, code: "retained" },
  { name: "what is not allowed", topic: SET, payload: "{}", isAllowed: false, code: "not-allowed" },
] as const;

for (const { name, topic, payload, code, ...rest } of REFUSED) {
  Deno.test(`routed() refuses ${name}`, () => {
    const { isRetained = false, isAllowed = true } = rest as {
      isRetained?: boolean;
      isAllowed?: boolean;
    };
    const refused = route(topic, payload, isRetained, isAllowed);
    ok(refused.kind === "refused");
    strictEqual(refused.code, code);
    deepStrictEqual(refused.to, topic === COMMAND ? "command" : { cameraId: "front" });
  });
}

Deno.test("routed() tells who asked, as far as that can be read", () => {
  const refused = route(COMMAND, '{"command":"rm","correlation_id":"a1"}');
  ok(refused.kind === "refused");
  deepStrictEqual([refused.command, refused.correlationId], ["rm", "a1"]);
});

Deno.test("routed() knows nothing of other topics", () => {
  for (
    const topic of [
      ...["system/other", "system/command/result", "cameras/front/status"],
      ...["cameras/a/b/configuration/set", "cameras/+/configuration/set", ""],
    ]
  ) {
    deepStrictEqual(route(topic, "{}"), { kind: "unknown" }, topic);
  }
});

Deno.test("routed() answers anything at all", () => {
  for (const text of ["null", "[]", '""', "1e999", '{"command":null}', '{"__proto__":{}}']) {
    for (const topic of [SET, COMMAND]) ok(route(topic, text).kind !== "unknown", text);
  }
});

Deno.test("SUBSCRIPTIONS are the topics that come in", () => {
  deepStrictEqual(SUBSCRIPTIONS, [
    { filter: "system/command", qos: 1 },
    { filter: "cameras/+/configuration/set", qos: 2 },
  ]);
});
