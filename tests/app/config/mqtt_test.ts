import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { isBrokerUrl } from "../../../src/app/config/mqtt.ts";
import { OperatorError } from "../../../src/base/errors.ts";

const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

function read(mqtt: string) {
  return parseConfig(`mqtt: ${mqtt}\n`, PLACE).mqtt;
}

/** What is wrong with a section; null where nothing is. */
function refusal(mqtt: string): string | null {
  try {
    read(mqtt);
    return null;
  } catch (error) {
    ok(error instanceof OperatorError && error.code === "config-invalid");
    return error.toText();
  }
}

Deno.test("MQTT is off unless it is switched on", () => {
  strictEqual(read("{}"), null);
  strictEqual(read("{ url: mqtt://192.0.2.1 }"), null);
  deepStrictEqual(read("{ enabled: true, url: mqtt://192.0.2.1 }"), {
    ...{ url: "mqtt://192.0.2.1", user: null, password: null },
    ...{ caPath: null, certPath: null, keyPath: null, clientId: null, prefix: "" },
    ...{ allowCommands: false, homeAssistant: false, cameraWills: true, results: true },
    queue: { maxCount: 10_000, maxAgeMs: 86_400_000 },
  });
});

Deno.test("paths of MQTT start at the file's folder, and a prefix ends in a slash", () => {
  const settings = read(
    "{ enabled: true, url: mqtts://192.0.2.1, user: me, password_file: keys/mqtt, " +
      "ca_file: ca.pem, cert_file: a.pem, key_file: a.key, prefix: site/north }",
  );
  deepStrictEqual(settings?.password, { kind: "file", path: "/srv/site/keys/mqtt" });
  deepStrictEqual(
    [settings?.caPath, settings?.certPath, settings?.keyPath, settings?.prefix],
    ["/srv/site/ca.pem", "/srv/site/a.pem", "/srv/site/a.key", "site/north/"],
  );
});

const WRONG = [
  ["{ enabled: true }", /mqtt\.url.*because `enabled` is true/],
  ["{ url: http://192.0.2.1 }", /mqtt, mqtts, ws or wss/],
  ["{ prefix: a/# }", /levels such as/],
  ["{ prefix: /a }", /levels such as/],
  ["{ client_id: a b }", /letters, digits/],
  ["{ password: geheim }", /a `user` for the password/],
  ["{ user: me, password: 7 }", /`password` as text in quotes/],
  ["{ cert_file: a.pem }", /`cert_file` and `key_file`/],
  ["{ url: mqtt://192.0.2.1, ca_file: a.pem }", /mqtts or wss/],
  ["{ queue: { max_messages: 1 } }", /from 10 to 1000000/],
  ["{ topic: a }", /topic/],
] as const;

for (const [section, pattern] of WRONG) {
  Deno.test(`the mqtt section ${section} is refused, without its password`, () => {
    const text = refusal(section);
    match(text ?? "nothing is wrong", pattern);
    doesNotMatch(text ?? "", /geheim/);
  });
}

Deno.test("isBrokerUrl() takes the four kinds, with a port and without", () => {
  for (const url of ["mqtt://a", "mqtts://a:8883", "ws://a:9001/mqtt", "wss://[::1]/"]) {
    ok(isBrokerUrl(url), url);
  }
  for (const url of ["a:1883", "mqtt://", "tcp://a", ""]) ok(!isBrokerUrl(url), url);
});
