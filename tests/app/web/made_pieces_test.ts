import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { MadePieces } from "../../../src/app/web/made_pieces.ts";

/** Something that is made when the test says so. */
function work() {
  const made = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const calls: AbortSignal[] = [];
  const make = (signal: AbortSignal) => {
    calls.push(signal);
    signal.addEventListener("abort", () => made.reject(signal.reason));
    return made.promise;
  };
  return { calls, make, finish: (bytes: number) => made.resolve(new Uint8Array(bytes)) };
}

const here = () => new AbortController().signal;

Deno.test("MadePieces makes what several ask for once, and gives it from memory then", async () => {
  const pieces = new MadePieces(100);
  const { calls, make, finish } = work();
  const both = Promise.all([pieces.get("a", make, here()), pieces.get("a", make, here())]);
  finish(10);
  const [one, other] = await both;
  strictEqual(one, other);
  strictEqual(await pieces.get("a", make, here()), one);
  strictEqual(calls.length, 1);
});

Deno.test("MadePieces gives up what nobody waits for any more, and only that", async () => {
  const pieces = new MadePieces(100);
  const { calls, make } = work();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = pieces.get("a", make, first.signal);
  const other = pieces.get("a", make, second.signal);
  first.abort();
  await rejects(one, { name: "AbortError" });
  strictEqual(calls[0]!.aborted, false);
  second.abort();
  await rejects(other, { name: "AbortError" });
  strictEqual(calls[0]!.aborted, true);
  // Whoever comes then has it made anew.
  const again = work();
  const third = pieces.get("a", again.make, here());
  again.finish(5);
  strictEqual((await third).length, 5);
  await pieces.close();
});

Deno.test("MadePieces lets go of what was used longest ago where there is no more room", async () => {
  const pieces = new MadePieces(100);
  const made: string[] = [];
  const get = (key: string) =>
    pieces.get(key, () => {
      made.push(key);
      return Promise.resolve(new Uint8Array(40));
    }, here());
  for (const key of ["a", "b", "a", "c", "a", "b"]) await get(key);
  deepStrictEqual(made, ["a", "b", "c", "b"]);
  strictEqual(pieces.bytes, 80);
});

Deno.test("MadePieces keeps nothing of what failed", async () => {
  const pieces = new MadePieces(100);
  await rejects(pieces.get("a", () => Promise.reject(new Error("damaged")), here()), /damaged/);
  const made = await pieces.get("a", () => Promise.resolve(new Uint8Array(1)), here());
  strictEqual(made.length, 1);
});
