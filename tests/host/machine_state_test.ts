import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  parseOpenFileLimit,
  parseServiceState,
  readOpenFileLimit,
} from "../../src/host/machine_state.ts";

Deno.test("parseServiceState() reads a service that runs", () => {
  const shown = "NRestarts=2\nLoadState=loaded\nActiveState=active\nSubState=running\n" +
    "UnitFileState=enabled\n";
  deepStrictEqual(parseServiceState(shown), {
    isInstalled: true,
    active: "active",
    sub: "running",
    isEnabled: true,
    restarts: 2,
  });
});

Deno.test("parseServiceState() reads that there is no such service", () => {
  const shown = "NRestarts=0\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n";
  deepStrictEqual(parseServiceState(shown), {
    isInstalled: false,
    active: "inactive",
    sub: "dead",
    isEnabled: false,
    restarts: 0,
  });
});

const LIMITS = [
  {
    line: "Max open files            1024                 524288               files",
    limit: 1_024,
  },
  { line: "Max open files  unlimited  unlimited  files", limit: Number.MAX_SAFE_INTEGER },
  { line: "Max stack size  8388608  unlimited  bytes", limit: null },
];

for (const { line, limit } of LIMITS) {
  Deno.test(`parseOpenFileLimit() reads ${limit} from "${line.replaceAll(/ +/g, " ")}"`, () => {
    strictEqual(parseOpenFileLimit(`Limit Soft Limit\n${line}\n`), limit);
  });
}

Deno.test("readOpenFileLimit() reads the limit of this process", async () => {
  ok((await readOpenFileLimit())! > 0);
});
