import { match, strictEqual, throws } from "node:assert/strict";
import { openLibc } from "../../src/host/libc.ts";

Deno.test("openLibc() gives functions of the C library", () => {
  using libc = openLibc({ getpid: { parameters: [], result: "i32" } });
  strictEqual(libc.symbols.getpid(), Deno.pid);
});

Deno.test("openLibc() says what is missing, and where it looked", () => {
  const missing = { no_such_function: { parameters: [], result: "void" } } as const;
  throws(() => openLibc(missing), (error: Error) => {
    match(error.message, /^Cannot load the C library: \/lib\S+: .*no_such_function/);
    match(error.message, /; \/lib64\/libc\.so\.6: /);
    return true;
  });
});
