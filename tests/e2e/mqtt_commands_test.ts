import { match, ok, strictEqual } from "node:assert/strict";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { PASSWORD, say, startBroker, USER } from "../support/mosquitto.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("lookback mqtt watch prints what goes over the broker below its prefix", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await using broker = await startBroker({ folder: cwd });
  const mqtt = { enabled: true, url: broker.url, user: USER, password: PASSWORD, prefix: "site" };
  await writeConfig(cwd, JSON.stringify({ cameras: [], mqtt }));
  {
    await using watching = startLookback(["mqtt", "watch"], { cwd });
    await watching.shown("Watching");
    await say(broker, { topic: "cameras/front/status", payload: "another's" });
    await say(broker, { topic: "site/cameras/front/status", payload: '{"state":"online"}' });
    await watching.shown("online");
    watching.kill("SIGTERM");
    const { code, stdout } = await watching.finished;
    strictEqual(code, 0);
    strictEqual(stdout, 'site/cameras/front/status (QoS 1) {"state":"online"}\n');
  }
  await broker.stop();
  const gone = await lookback(["mqtt", "watch"], { cwd });
  strictEqual(gone.code, 1);
  match(gone.stderr, /Cannot speak with the message broker\n.*\n {2}reason: nothing listens there/);
  ok(!gone.stderr.includes(PASSWORD));
});

Deno.test("lookback mqtt asyncapi prints the document, with or without a broker", async () => {
  await using folder = await tempFolder();
  const { code, stdout } = await lookback(["mqtt", "asyncapi"], { cwd: folder.path });
  strictEqual(code, 0);
  strictEqual(JSON.parse(stdout).asyncapi, "3.0.0");
});
