import { deepStrictEqual, ok } from "node:assert/strict";
import { examineWeb } from "../../../src/app/doctor/measure_web.ts";

const AT = { root: "/nowhere", nowMs: 0 };

Deno.test("examineWeb() says whether the port is free, ours, or somebody else's", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const settings = { listen: { hostname: "127.0.0.1", port }, tls: null };
  const taken = await examineWeb(settings, { ...AT, isRecording: false });
  ok(taken.verdict === "problem" && taken.says.startsWith(`cannot listen at 127.0.0.1:${port}: `));
  const ours = await examineWeb(settings, { ...AT, isRecording: true });
  deepStrictEqual(ours.says, `listens at 127.0.0.1:${port}, not encrypted`);
  listener.close();
  const free = await examineWeb(settings, { ...AT, isRecording: false });
  deepStrictEqual([free.verdict, free.says], ["ok", `127.0.0.1:${port} is free, not encrypted`]);
  const silent = await examineWeb(settings, { ...AT, isRecording: true });
  deepStrictEqual([silent.verdict, silent.says], [
    "problem",
    `nothing listens at 127.0.0.1:${port}`,
  ]);
});

Deno.test("examineWeb() says that a certificate can't be read", async () => {
  const tls = {
    kind: "files",
    certPath: "/nowhere/cert.pem",
    keyPath: "/nowhere/key.pem",
  } as const;
  const settings = { listen: { hostname: "127.0.0.1", port: 0 }, tls };
  const { verdict, says } = await examineWeb(settings, { ...AT, isRecording: false });
  ok(verdict === "problem" && says.includes("/nowhere/cert.pem"), says);
});
