import { match, strictEqual, throws } from "node:assert/strict";
import { openLibc } from "../../src/host/libc.ts";

Deno.test("openLibc() gives functions of the C library", () => {
  using libc = openLibc({ getpid: { parameters: [], result: "i32" } });
  strictEqual(libc.symbols.getpid(), Deno.pid);
});

Deno.test("openLibc() says what is missing, and where it looked", () => {
  const missing = { no_such_function: { parameters: [], result: "void" } } as const;
  throws(() => openLibc(missing), (error: Error) => {
    match(error.message, /C library can't be loaded \(.*no_such_function/);
    return true;
  });
});
