import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readAnswer } from "../../../src/app/discover/discovery_answer.ts";

/** An answer as the library hands it over. */
function answer(match: Record<string, unknown>): unknown {
  const probeMatch = { endpointReference: { address: "urn:uuid:1" }, ...match };
  return { probeMatches: { probeMatch } };
}

const SERVICES = [
  { name: "its own address", XAddrs: "http://192.0.2.7/onvif", service: "http://192.0.2.7/onvif" },
  {
    name: "its own address among others",
    XAddrs: "http://[fe80::1]/onvif http://192.0.2.7:8080/onvif",
    service: "http://192.0.2.7:8080/onvif",
  },
  {
    name: "http before https",
    XAddrs: "https://192.0.2.7/onvif http://192.0.2.7/onvif",
    service: "http://192.0.2.7/onvif",
  },
  { name: "https alone", XAddrs: "https://192.0.2.7/a", service: "https://192.0.2.7/a" },
  { name: "not another's address", XAddrs: "http://198.51.100.1/onvif", service: null },
  { name: "no other scheme", XAddrs: "file://192.0.2.7/etc/passwd", service: null },
  { name: "nothing for nonsense", XAddrs: "%%%", service: null },
  { name: "nothing for nothing", XAddrs: undefined, service: null },
];

for (const { name, XAddrs, service } of SERVICES) {
  Deno.test(`readAnswer() takes as service ${name}`, () => {
    strictEqual(readAnswer(answer({ XAddrs }), "192.0.2.7")?.service, service);
  });
}

const SCOPES = [
  { scopes: "onvif://www.onvif.org/name/Yard%20Cam", found: "Yard Cam" },
  { scopes: "onvif://www.onvif.org/type/x onvif://www.onvif.org/NAME/Hof", found: "Hof" },
  { scopes: { _: "onvif://www.onvif.org/name/A", $: { MatchBy: "x" } }, found: "A" },
  { scopes: "onvif://www.onvif.org/name/100%", found: "100%" },
  { scopes: "onvif://www.onvif.org/name/%1B[2Jgone", found: "[2Jgone" },
  { scopes: "onvif://www.onvif.org/name/", found: null },
  { scopes: 7, found: null },
];

for (const { scopes, found } of SCOPES) {
  Deno.test(`readAnswer() reads the name ${JSON.stringify(found)} of ${JSON.stringify(scopes)}`, () => {
    strictEqual(readAnswer(answer({ scopes }), "192.0.2.7")?.name, found);
  });
}

Deno.test("readAnswer() reads the whole of a small answer", () => {
  deepStrictEqual(readAnswer(answer({}), "192.0.2.7"), {
    endpoint: "urn:uuid:1",
    address: "192.0.2.7",
    name: null,
    hardware: null,
    service: null,
  });
});

for (const data of [null, "hello", {}, { probeMatches: { probeMatch: {} } }]) {
  Deno.test(`readAnswer() is undefined for ${JSON.stringify(data)}`, () => {
    strictEqual(readAnswer(data, "192.0.2.7"), undefined);
  });
}
