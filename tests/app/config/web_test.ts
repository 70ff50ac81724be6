import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { parseListen } from "../../../src/app/config/web.ts";
import { OperatorError } from "../../../src/base/errors.ts";

const PLACE = { path: "lookback.yaml", cwd: "/srv/site" };

/** What is wrong with a `web` section; null where nothing is. */
function refusal(web: string): string | null {
  try {
    parseConfig(`web: ${web}\n`, PLACE);
    return null;
  } catch (error) {
    ok(error instanceof OperatorError && error.code === "config-invalid");
    return error.message;
  }
}

Deno.test("parseListen() reads addresses of both kinds, and names", () => {
  const CASES = [
    ["127.0.0.1:8480", { hostname: "127.0.0.1", port: 8_480 }],
    ["[::1]:0", { hostname: "::1", port: 0 }],
    ["Localhost:80", { hostname: "localhost", port: 80 }],
    ["0.0.0.0:65535", { hostname: "0.0.0.0", port: 65_535 }],
    ["8480", undefined],
    [":8480", undefined],
    ["127.0.0.1", undefined],
    ["127.0.0.1:65536", undefined],
    ["::1:8480", undefined],
    ["http://127.0.0.1:8480", undefined],
  ] as const;
  for (const [text, address] of CASES) deepStrictEqual(parseListen(text), address, text);
});

Deno.test("the web server is off unless it has an address to listen at", () => {
  strictEqual(parseConfig("web: {}\n", PLACE).web, null);
  deepStrictEqual(parseConfig('web: { listen: "127.0.0.1:8480" }\n', PLACE).web, {
    listen: { hostname: "127.0.0.1", port: 8_480 },
    tls: null,
    isBehindProxy: false,
    webrtc: { isEnabled: true, iceServers: [], portRange: null, hosts: [] },
    live: { maxViewers: 64, maxRenditions: 2 },
    sessionMs: 168 * 3_600_000,
  });
});

Deno.test("beyond this machine the page is served only encrypted, or behind a proxy", () => {
  for (const listen of ["0.0.0.0:8480", "[::]:8480", "192.0.2.1:8480", "cameras.example:8480"]) {
    ok(refusal(`{ listen: "${listen}" }`)?.includes("others could read passwords"), listen);
    strictEqual(refusal(`{ listen: "${listen}", tls: self-signed }`), null);
    strictEqual(refusal(`{ listen: "${listen}", behind_proxy: true }`), null);
  }
  for (const listen of ["127.0.0.1:8480", "127.8.9.1:8480", "[::1]:8480", "localhost:8480"]) {
    strictEqual(refusal(`{ listen: "${listen}" }`), null, listen);
  }
});

Deno.test("a wrong web section is told in one line each, without its passwords", () => {
  const CASES = [
    ["{ listen: 8480 }", "an address and a port"],
    ["{ tls: yes }", '"self-signed", or'],
    ["{ tls: { cert: a.pem } }", "key"],
    ["{ webrtc: { port_range: [50100, 50000] } }", "the lower one first"],
    ["{ webrtc: { hosts: [example.org] } }", "an IP address"],
    ['{ webrtc: { ice_servers: [{ urls: "http://x" }] } }', "stun:"],
    ["{ live: { max_viewers: 0 } }", "1 to 1000"],
  ] as const;
  for (const [web, words] of CASES) ok(refusal(web)?.includes(words), `${web}: ${refusal(web)}`);
  const secret = refusal('{ webrtc: { ice_servers: [{ urls: "turn:x", password: [hush] }] } }');
  ok(secret !== null && !secret.includes("hush"), `${secret}`);
});
