import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { EncoderPlaces } from "../../src/live/encoder_places.ts";

Deno.test("EncoderPlaces hands a place from hand to hand, in order, and turns away who is too many", async () => {
  const places = new EncoderPlaces(1, 2);
  const signal = new AbortController().signal;
  strictEqual(await places.wait(signal), "taken");
  const served: string[] = [];
  const [one, other] = ["one", "other"].map(async (name) => {
    served.push(`${name} ${await places.wait(signal)}`);
  });
  strictEqual(await places.wait(signal), "full");
  places.giveBack();
  await one;
  strictEqual(places.taken, 1);
  places.giveBack();
  await other;
  deepStrictEqual(served, ["one taken", "other taken"]);
  places.giveBack();
  strictEqual(places.taken, 0);
});

Deno.test("EncoderPlaces forgets who goes away before its turn", async () => {
  const places = new EncoderPlaces(1, 2);
  places.take();
  const leaving = new AbortController();
  const left = places.wait(leaving.signal);
  leaving.abort();
  strictEqual(await left, "left");
  strictEqual(await places.wait(leaving.signal), "left");
  places.giveBack();
  strictEqual(places.taken, 0);
});
