import { strictEqual } from "node:assert/strict";
import { PipedEncoder } from "../../src/live/piped_encoder.ts";

Deno.test("PipedEncoder says why its output could not be used, not that it was killed for that", async () => {
  const encoder = new PipedEncoder({
    ...{ ffmpegPath: "cat", args: [], priority: "ordinary", maxWaitingBytes: 100 },
    onChunk: () => {
      throw new Error("Cannot find a page of Ogg");
    },
  });
  encoder.offer(Uint8Array.of(1));
  strictEqual(await encoder.ended, "Cannot find a page of Ogg");
});
