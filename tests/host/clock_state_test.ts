import { ok, strictEqual } from "node:assert/strict";
import { clockState, stateOf } from "../../src/host/clock_state.ts";

Deno.test("clockState() asks the kernel and gives an answer at once", () => {
  const began = performance.now();
  ok(["synchronised", "not-synchronised", "unknown"].includes(clockState()));
  // Asked between two fragments, which are 200 ms apart.
  ok(performance.now() - began < 200);
});

Deno.test("stateOf() reads the kernel's status bits", () => {
  // STA_PLL, and STA_UNSYNC, as adjtimex(2) gives them.
  strictEqual(stateOf(0x0001), "synchronised");
  strictEqual(stateOf(0x0040), "not-synchronised");
  strictEqual(stateOf(0x2041), "not-synchronised");
});
