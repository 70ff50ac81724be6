import { deepStrictEqual, strictEqual } from "node:assert/strict";
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
