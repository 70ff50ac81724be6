import { deepStrictEqual } from "node:assert/strict";

/**
 * In a program of its own, because it sets all threads' allocator: gets two large pieces and gives
 * them back, one after the other, and says by how much what comes from the system grew and shrank
 * (`hblkhd` of mallinfo2(3), the fifth of ten numbers; glibc 2.33 or newer).
 */
const programOf = ({ isTuned }: { readonly isTuned: boolean }) => `
  import { tuneAllocator } from "./src/host/allocator.ts";
  import { openLibc } from "./src/host/libc.ts";

  const libc = openLibc({
    malloc: { parameters: ["usize"], result: "pointer" },
    free: { parameters: ["pointer"], result: "void" },
    mallinfo2: { parameters: [], result: { struct: Array(10).fill("usize") } },
  });
  const largeBytes = () => {
    const numbers = libc.symbols.mallinfo2();
    return Number(new BigUint64Array(numbers.buffer, numbers.byteOffset, 10)[4]);
  };
  if (${isTuned}) tuneAllocator();
  const size = 20 * 1024 * 1024;
  const found = [];
  for (const _ of [1, 2]) {
    const before = largeBytes();
    const piece = libc.symbols.malloc(BigInt(size));
    const between = largeBytes();
    libc.symbols.free(piece);
    found.push(between - before > size / 2, between - largeBytes() > size / 2);
  }
  console.log(JSON.stringify(found));
`;

async function run(program: string): Promise<unknown> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", program],
    cwd: new URL("../../", import.meta.url),
    clearEnv: true,
    env: Object.fromEntries(
      Object.entries(Deno.env.toObject()).filter(([name]) => !/^(MALLOC_|GLIBC_|LD_)/.test(name)),
    ),
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  if (stdout.length === 0) throw new Error(text.decode(stderr));
  return JSON.parse(text.decode(stdout));
}

Deno.test("tuneAllocator() lets large pieces come from the system again and again, and go back to it", async () => {
  deepStrictEqual(await run(programOf({ isTuned: true })), [true, true, true, true]);
  // By itself the allocator learns from the first piece, and gives the second one out of a heap of its own.
  deepStrictEqual(await run(programOf({ isTuned: false })), [true, true, false, false]);
});
