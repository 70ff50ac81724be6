import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ChunkReader } from "../../src/host/chunks.ts";
import { startChild } from "../../src/host/process.ts";

Deno.test("ChunkReader gives all bytes of a child in order, in one piece of memory", async () => {
  const child = startChild({ command: "seq", args: ["1", "200000"] });
  const decoder = new TextDecoder();
  let text = "";
  let longest = 0;
  for await (const chunk of new ChunkReader(child.stdout)) {
    text += decoder.decode(chunk, { stream: true });
    longest = Math.max(longest, chunk.buffer.byteLength);
  }
  strictEqual((await child.ended).code, 0);
  deepStrictEqual(text, Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join(""));
  strictEqual(longest, 64 * 1024);
});

Deno.test("ChunkReader lets go of the stream when the loop is left", async () => {
  const child = startChild({ command: "yes", args: [] });
  for await (const chunk of new ChunkReader(child.stdout)) {
    strictEqual(chunk[0], "y".charCodeAt(0));
    break;
  }
  // A closed pipe ends it.
  strictEqual((await child.ended).signal, "SIGPIPE");
});

Deno.test("cancel() lets a child end whose output nobody has read", async () => {
  const child = startChild({ command: "yes", args: [] });
  await new ChunkReader(child.stdout).cancel();
  strictEqual((await child.ended).signal, "SIGPIPE");
});

Deno.test("fill() gives pieces of the sizes asked for, and says when the stream ends before", async () => {
  const child = startChild({ command: "seq", args: ["-w", "0", "99999"] });
  const chunks = new ChunkReader(child.stdout);
  const piece = new Uint8Array(100_000);
  let text = "";
  while (await chunks.fill(piece)) text += new TextDecoder().decode(piece);
  strictEqual(text, Array.from({ length: 100_000 }, (_, n) => `${n}\n`.padStart(6, "0")).join(""));
  strictEqual((await child.ended).code, 0);
});

/** A stream that gives these bytes one at a time. */
function drops(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const left = [...new TextEncoder().encode(text)];
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const byte = left.shift();
      if (byte !== undefined) return controller.enqueue(new Uint8Array([byte]));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

Deno.test("line() takes turns with fill(), whatever the chunks are", async () => {
  const chunks = new ChunkReader(drops("for ü\nab\ncd\nthe end"));
  const piece = new Uint8Array(4);
  strictEqual(await chunks.line(), "for ü");
  strictEqual(await chunks.fill(piece), true);
  strictEqual(new TextDecoder().decode(piece), "ab\nc");
  strictEqual(await chunks.line(), "d");
  strictEqual(await chunks.line(), undefined, "ends within a line");
  strictEqual(await chunks.line(), undefined, "has ended");
  strictEqual(await chunks.fill(piece), false);
});

Deno.test("line() keeps what a chunk has behind the line", async () => {
  const child = startChild({ command: "seq", args: ["1", "100000"] });
  const chunks = new ChunkReader(child.stdout);
  for (let number = 1; number <= 100_000; number += 1) {
    // Not in each round: a hundred thousand comparisons with a message take seconds.
    if (await chunks.line() !== `${number}`) throw new Error(`Line ${number} is another one`);
  }
  strictEqual(await chunks.line(), undefined);
  strictEqual((await child.ended).code, 0);
});

Deno.test("line() gives a line without end in pieces", async () => {
  const child = startChild({ command: "head", args: ["-c", "100000", "/dev/zero"] });
  const chunks = new ChunkReader(child.stdout);
  const piece = await chunks.line();
  ok(piece !== undefined && piece.length > 4_096 && piece.length <= 64 * 1024, `${piece?.length}`);
  await chunks.cancel();
  await child.ended;
});
