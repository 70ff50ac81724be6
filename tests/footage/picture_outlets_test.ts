import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PictureOutlet } from "../../src/footage/picture_outlets.ts";
import { turn } from "../support/pause.ts";

/** A reader that takes bytes when it is told to. */
function slowReader() {
  const taken: number[] = [];
  let go = Promise.withResolvers<void>();
  return {
    taken,
    async write(bytes: Uint8Array): Promise<number> {
      await go.promise;
      taken.push(...bytes);
      return bytes.length;
    },
    go() {
      go.resolve();
      go = { ...go, promise: Promise.resolve() };
    },
  };
}

Deno.test("PictureOutlet gives a slow reader the newest pictures, and counts those it lost", async () => {
  const reader = slowReader();
  const outlet = new PictureOutlet(reader);
  for (let picture = 1; picture <= 8; picture += 1) outlet.offer(Uint8Array.of(picture));
  reader.go();
  await turn();
  deepStrictEqual(reader.taken, [1, 6, 7, 8]);
  strictEqual(outlet.lost, 4);
  strictEqual(outlet.written, 4);
});

Deno.test("PictureOutlet writes its header once, and ends when the reader has gone", async () => {
  const reader = slowReader();
  const outlet = new PictureOutlet(reader);
  reader.go();
  for (const picture of [1, 2]) {
    outlet.offer(Uint8Array.of(picture), Uint8Array.of(9));
    await turn();
  }
  deepStrictEqual(reader.taken, [9, 1, 2]);
  const gone = new PictureOutlet({ write: () => Promise.reject(new Deno.errors.BrokenPipe()) });
  gone.offer(Uint8Array.of(1));
  await gone.ended;
  strictEqual(gone.written, 0);
});
