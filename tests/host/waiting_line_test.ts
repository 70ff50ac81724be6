import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { type LineOptions, type Turn, waitForTurn } from "../../src/host/waiting_line.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { tempFolder } from "../support/temp_folder.ts";

function options(changes: Partial<LineOptions> = {}): LineOptions {
  const signal = new AbortController().signal;
  return { places: 2, mayWrite: true, onWait: () => {}, signal, ...changes };
}

/** Resolves when the one who comes has to wait. */
function comer(folder: string, changes: Partial<LineOptions> = {}) {
  const { promise: isWaiting, resolve } = Promise.withResolvers<number>();
  const turn = waitForTurn(folder, options({ onWait: resolve, ...changes }));
  return { turn, isWaiting };
}

async function ticketsIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

Deno.test("waitForTurn() lets so many in at once, and the others in the order in which they came", async () => {
  await using root = await tempFolder();
  const folder = join(root.path, "data", "line");
  const order: string[] = [];
  const first = await waitForTurn(folder, options());
  const second = await waitForTurn(folder, options());
  const waiting: { readonly turn: Promise<Turn>; readonly isWaiting: Promise<number> }[] = [];
  for (const name of ["third", "fourth", "fifth"]) {
    const one = comer(folder);
    strictEqual(await one.isWaiting, 2);
    waiting.push({ ...one, turn: one.turn.then((turn) => (order.push(name), turn)) });
  }
  deepStrictEqual(await ticketsIn(folder), ["1", "2", "3", "4", "5"]);
  // The second one goes first: whose place it is does not matter.
  for (const [index, ending] of [second, first].entries()) {
    ending[Symbol.dispose]();
    (await waiting[index]!.turn)[Symbol.dispose]();
  }
  (await waiting[2]!.turn)[Symbol.dispose]();
  deepStrictEqual(order, ["third", "fourth", "fifth"]);
  deepStrictEqual(await ticketsIn(folder), []);
});

Deno.test("waitForTurn() gives the ticket back when it is cancelled", async () => {
  await using root = await tempFolder();
  const folder = join(root.path, "line");
  const first = await waitForTurn(folder, options({ places: 1 }));
  const cancelling = new AbortController();
  const second = comer(folder, { places: 1, signal: cancelling.signal });
  await second.isWaiting;
  const third = comer(folder, { places: 1 });
  await third.isWaiting;
  cancelling.abort();
  await rejects(second.turn, { name: "AbortError" });
  deepStrictEqual(await ticketsIn(folder), ["1", "3"]);
  first[Symbol.dispose]();
  (await third.turn)[Symbol.dispose]();
});

Deno.test("waitForTurn() passes over what a killed process left, and removes it", async () => {
  await using root = await tempFolder();
  const folder = join(root.path, "line");
  await Deno.mkdir(folder);
  for (const name of ["7", "8", "notes.txt"]) await Deno.writeTextFile(join(folder, name), "");
  using _turn = await waitForTurn(folder, options({ places: 1 }));
  deepStrictEqual(await ticketsIn(folder), ["9", "notes.txt"]);
});

Deno.test("waitForTurn() waits without a ticket where nothing may be written", async () => {
  await using root = await tempFolder();
  const folder = join(root.path, "line");
  const unwritten = options({ places: 1, mayWrite: false });
  (await waitForTurn(folder, unwritten))[Symbol.dispose]();
  await rejects(Deno.stat(folder), Deno.errors.NotFound);
  const first = await waitForTurn(folder, options({ places: 1 }));
  const reader = comer(folder, { places: 1, mayWrite: false });
  await reader.isWaiting;
  // Who comes later does not keep it waiting.
  const later = comer(folder, { places: 1 });
  await later.isWaiting;
  deepStrictEqual(await ticketsIn(folder), ["1", "2"]);
  first[Symbol.dispose]();
  (await reader.turn)[Symbol.dispose]();
  (await later.turn)[Symbol.dispose]();
});

Deno.test("waitForTurn() lets one without a ticket in though somebody who came later has the number that it waited for", async () => {
  await using root = await tempFolder();
  const folder = join(root.path, "line");
  const clock = new FakeClock();
  const first = await waitForTurn(folder, options({ places: 1 }));
  const reader = comer(folder, { places: 1, mayWrite: false, clock });
  await reader.isWaiting;
  first[Symbol.dispose]();
  // Before the reader looks again: the line is empty, and its numbers begin anew.
  const newcomer = await waitForTurn(folder, options({ places: 1 }));
  deepStrictEqual(await ticketsIn(folder), ["1"]);
  await clock.advance(1_000);
  (await reader.turn)[Symbol.dispose]();
  newcomer[Symbol.dispose]();
});

Deno.test("waitForTurn() lets the next one in when the process that had the place is killed", async () => {
  await using root = await tempFolder();
  const folder = join(root.path, "line");
  const program = `import { waitForTurn } from ${
    JSON.stringify(new URL("../../src/host/waiting_line.ts", import.meta.url).href)
  };
    const signal = new AbortController().signal;
    await waitForTurn(Deno.args[0], { places: 1, mayWrite: true, onWait() {}, signal });
    console.log("in"); setInterval(() => {}, 1000);`;
  const script = join(root.path, "holder.ts");
  await Deno.writeTextFile(script, program);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  await using holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", "--config", config, script, folder],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  strictEqual(new TextDecoder().decode((await reader.read()).value).trim(), "in");
  const next = comer(folder, { places: 1, clock: systemClock });
  await next.isWaiting;
  holder.kill("SIGKILL");
  (await next.turn)[Symbol.dispose]();
  await reader.cancel();
});
