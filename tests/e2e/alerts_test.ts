import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readBody } from "../../src/alert/body.ts";
import { startReceiver } from "../alert/receiver.ts";
import { lookback } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("lookback alerts test tries every way out, and tells which one failed", async () => {
  await using folder = await tempFolder();
  await using receiver = startReceiver(() => 200);
  const cwd = folder.path;
  const config = {
    cameras: [{ id: "front", name: "Front door", source: "test://640x360@25" }],
    alerts: {
      rules: [{
        name: "night-watch",
        when: ["camera_offline"],
        priority: "warning",
        text: "{camera} is gone",
      }],
      webhook: [
        { name: "home", url: receiver.url, secret: "hunter2" },
        { name: "gone", url: "http://ann:hunter2@127.0.0.1:1/", priorities: ["critical"] },
      ],
      command: [{ name: "tell", run: ["sh", "-c", "exit 3"] }],
    },
  };
  await Deno.writeTextFile(join(cwd, "lookback.yaml"), JSON.stringify(config));
  const all = await lookback(["alerts", "test"], { cwd });
  strictEqual(all.code, 1, all.stderr);
  deepStrictEqual(all.stdout.trimEnd().split("\n"), [
    "log: delivered (critical): a line in the log",
    "webhook home: delivered (critical): it answered 200",
    "webhook gone: failed (critical): nothing listens there (connection refused)",
    'command tell: failed (critical): "sh" ended with code 3',
  ]);
  match(all.stderr, /error alert front: Test: person seen by Front door \(rule test, event test-/);
  doesNotMatch(all.stdout + all.stderr, /hunter2/);

  const one = await lookback(["alerts", "test", "--rule", "night-watch", "--json"], { cwd });
  const { sinks } = JSON.parse(one.stdout);
  deepStrictEqual(
    sinks.map((each: { sink: string; outcome: string }) => [each.sink, each.outcome]),
    [["log", "delivered"], ["webhook home", "delivered"], ["webhook gone", "left_out"], [
      "command tell",
      "refused",
    ]],
  );
  const body = readBody(receiver.got[1]?.body ?? "");
  deepStrictEqual([body?.test, body?.text, body?.kind], [
    true,
    "Front door is gone",
    "camera_offline",
  ]);

  const unknown = await lookback(["alerts", "test", "--rule", "night"], { cwd });
  strictEqual(unknown.code, 2);
  match(unknown.stderr, /Cannot find the rule "night"\n {2}rules: night-watch/);
});
