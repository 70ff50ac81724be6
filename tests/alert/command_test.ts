import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readBody } from "../../src/alert/body.ts";
import { commandReceiver, CommandSink } from "../../src/alert/command.ts";
import type { CommandSettings } from "../../src/alert/settings.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { Delivery } from "../../src/model/alert_sink.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { anAlert } from "./made_up.ts";

/** A shell script as the command: the script is the test's, no alert is part of it. */
function script(text: string, ...args: readonly string[]): CommandSettings {
  return {
    name: "tell",
    program: "sh",
    args: ["-c", text, "tell", ...args],
    priorities: ["info", "warning", "critical"],
    timeoutMs: 20_000,
  };
}

async function deliver(settings: CommandSettings): Promise<Delivery> {
  const alert = anAlert({ event: { zones: ["drive; $(reboot)"] } });
  return await commandReceiver(settings).deliver(alert, new AbortController().signal);
}

Deno.test("deliver() gives the program its arguments as they are, and the alert as JSON", async () => {
  await using folder = await tempFolder();
  const [args, input] = ["args", "input"].map((name) => join(folder.path, name)) as [
    string,
    string,
  ];
  const write = `printf '%s\\n' "$@" >'${args}'; cat >'${input}'`;
  const delivery = await deliver(script(write, "--where={camera} {zone}", "`{class}`"));
  deepStrictEqual(delivery, { outcome: "delivered", detail: '"sh" ended with code 0' });
  strictEqual(await Deno.readTextFile(args), "--where=Front door drive; $(reboot)\n`person`\n");
  strictEqual(readBody(await Deno.readTextFile(input))?.id, "front-1-1-people");
});

Deno.test("deliver() runs the program behind everything else", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "nice");
  strictEqual((await deliver(script(`nice >'${path}'`))).outcome, "delivered");
  // As far down as there is from where this test runs.
  const { stdout } = await new Deno.Command("nice").output();
  const own = Number(new TextDecoder().decode(stdout));
  strictEqual(Number(await Deno.readTextFile(path)), Math.min(19, own + 19));
});

const FAILURES = [
  {
    name: "fails with its last words",
    settings: script("seq 1 9000; echo no route >&2; exit 3"),
    detail: /^"sh" ended with code 3; it said: 8997 \| 8998 \| 8999 \| 9000 \| no route$/,
  },
  { name: "reads nothing and fails", settings: script("exit 1"), detail: /ended with code 1$/ },
  {
    name: "is not there",
    settings: { ...script(""), program: "no-such-program" },
    detail: /^cannot start "no-such-program": there is no such program$/,
  },
  {
    name: "takes too long, with all that it has started",
    settings: { ...script("echo on my way; sleep 60 & wait"), timeoutMs: 300 },
    detail: /^"sh" was ended after 0\.3 s(?:; it said: on my way)?$/,
  },
] as const;

for (const { name, settings, detail } of FAILURES) {
  Deno.test(`deliver() tells of a program that ${name}`, async () => {
    const delivery = await deliver(settings);
    strictEqual(delivery.outcome, "refused");
    match(delivery.detail, detail);
  });
}

Deno.test("CommandSink runs two at once, the others after them, and counts", async () => {
  await using folder = await tempFolder();
  const go = join(folder.path, "go");
  const began = join(folder.path, "began");
  const wait = `echo "$1" >>'${began}'; while [ ! -e '${go}' ]; do sleep 0.05; done; [ "$1" != d ]`;
  const sink = new CommandSink({ settings: script(wait, "{class}"), clock: systemClock });
  const lines = async () => (await Deno.readTextFile(began).catch(() => "")).trim().split("\n");
  for (const each of ["a", "b", "c", "d"]) {
    sink.send(anAlert({ event: { eventId: each, class: each } }));
  }
  await until(async () => (await lines()).length === 2, { limitMs: 10_000, what: "two programs" });
  deepStrictEqual(sink.counters, { delivered: 0, waiting: 4, dropped: 0, fault: null });
  await Deno.writeTextFile(go, "");
  await until(() => sink.counters.waiting === 0, { limitMs: 10_000, what: "the end of all" });
  deepStrictEqual((await lines()).toSorted(), ["a", "b", "c", "d"]);
  const { delivered, dropped } = sink.counters;
  deepStrictEqual({ delivered, dropped }, { delivered: 3, dropped: 1 });
  await sink.stop();
});

Deno.test("stop() ends programs that do not end by themselves", async () => {
  const sink = new CommandSink({ settings: script("sleep 60"), clock: instant() });
  for (const each of ["a", "b", "c"]) sink.send(anAlert({ event: { eventId: each } }));
  await sink.stop();
  deepStrictEqual(sink.counters.dropped, 3);
});

/** A clock whose sleeps take no time. */
function instant() {
  return { ...systemClock, sleep: () => Promise.resolve() };
}
