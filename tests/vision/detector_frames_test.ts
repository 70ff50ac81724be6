import { deepStrictEqual, rejects } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import { frameOf, framesOf } from "../../src/vision/detector_frames.ts";

/** A pipe that gives so many bytes at a time. */
function pipeOf(bytes: Uint8Array<ArrayBuffer>, chunkBytes: number) {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    type: "bytes",
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        controller.enqueue(bytes.slice(at, at + chunkBytes));
      }
      controller.close();
    },
  });
}

const PARTS = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];

for (const chunkBytes of [1, 7, 10_000]) {
  Deno.test(`framesOf() reads what frameOf() wrote, ${chunkBytes} bytes at a time`, async () => {
    const pipe = pipeOf(joined([frameOf({ id: 1 }, PARTS), frameOf({ name: "ä" })]), chunkBytes);
    deepStrictEqual(await Array.fromAsync(framesOf(pipe)), [
      { message: { id: 1 }, bytes: Uint8Array.of(1, 2, 3, 4) },
      { message: { name: "ä" }, bytes: new Uint8Array() },
    ]);
  });
}

Deno.test("framesOf() gives nothing of a message that is cut off", async () => {
  const whole = frameOf({ id: 1 }, PARTS);
  deepStrictEqual(await Array.fromAsync(framesOf(pipeOf(whole.slice(0, -1), 100))), []);
});

Deno.test("framesOf() refuses what is no message", async () => {
  const text = new TextEncoder().encode("warning: something else was printed");
  await rejects(Array.fromAsync(framesOf(pipeOf(text, 100))), RangeError);
});
