import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PortPool } from "../../src/live/port_pool.ts";

Deno.test("PortPool gives each port to one, in turn, and none when all are taken", () => {
  const pool = new PortPool([50_000, 50_002]);
  const take = () => pool.take()?.port;
  deepStrictEqual([take(), take(), take(), take()], [50_000, 50_001, 50_002, undefined]);
  pool.giveBack(50_001);
  strictEqual(take(), 50_001);
  pool.giveBack(50_000);
  pool.giveBack(50_002);
  // The one that has rested longer.
  strictEqual(take(), 50_002);
});

Deno.test("PortPool leaves the choice to the system without a range", () => {
  const pool = new PortPool(undefined);
  deepStrictEqual(pool.take(), { port: undefined });
  pool.giveBack(undefined);
  deepStrictEqual(pool.take(), { port: undefined });
});
