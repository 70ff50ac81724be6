import { deepStrictEqual } from "node:assert/strict";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { openapiDocument } from "../../src/web/openapi_document.ts";
import { webWorld } from "./web_world.ts";

/** What the linter's rules say of this API that is meant so. */
const MEANT = [
  // A WebSocket is answered with 101.
  "operation-2xx-response",
  // /healthz has nothing to refuse.
  "operation-4xx-response",
];

Deno.test("the OpenAPI document passes the recommended rules of redocly", async () => {
  await using world = await webWorld();
  const config = await createConfig({ extends: ["recommended"] });
  const found = await lintFromString({
    source: JSON.stringify(openapiDocument(world.app, "1.0.0")),
    absoluteRef: "openapi.json",
    config,
  });
  const problems = found.filter(({ ruleId }) => !MEANT.includes(ruleId))
    .map(({ ruleId, message, location }) => `${ruleId} ${message} ${location[0]?.pointer}`);
  deepStrictEqual(problems, []);
});
