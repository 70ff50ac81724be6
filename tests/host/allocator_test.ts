import { ok, strictEqual } from "node:assert/strict";
import { shareArenas } from "../../src/host/allocator.ts";
import { openLibc } from "../../src/host/libc.ts";

Deno.test("shareArenas() lets large pieces come from the system, and go back to it", () => {
  strictEqual(shareArenas(), true);
  using libc = openLibc({
    malloc: { parameters: ["usize"], result: "pointer" },
    free: { parameters: ["pointer"], result: "void" },
    mallinfo2: { parameters: [], result: { struct: Array(10).fill("usize") } },
  });
  /** Bytes that come from the system piece by piece: `hblkhd`, the fifth of ten numbers. */
  const largeBytes = () => {
    const numbers = libc.symbols.mallinfo2() as Uint8Array<ArrayBuffer>;
    return Number(new BigUint64Array(numbers.buffer, numbers.byteOffset, 10)[4]);
  };
  const beforeBytes = largeBytes();
  const size = 20 * 1024 * 1024;
  // By itself the allocator learns from the first one that such pieces are wanted, and gives the second
  // one out of an arena, where it stays.
  for (const _ of [1, 2]) {
    const piece = libc.symbols.malloc(BigInt(size));
    ok(largeBytes() >= beforeBytes + size);
    libc.symbols.free(piece);
    strictEqual(largeBytes(), beforeBytes);
  }
});
