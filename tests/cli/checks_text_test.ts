import { deepStrictEqual } from "node:assert/strict";
import { checkLines, checksJson } from "../../src/cli/checks_text.ts";
import type { CheckSummary } from "../../src/store/reader.ts";
import { at } from "../support/ledger_entries.ts";

function check(changes: Partial<CheckSummary>): CheckSummary {
  return {
    cameraId: "front",
    kind: "canary",
    atMs: at(0),
    ok: true,
    detail: "a piece was cut and decoded",
    done: 3,
    failed: 0,
    failedMs: null,
    failure: null,
    ...changes,
  };
}

Deno.test("checkLines() puts what passed on one line, and each fault on its own", () => {
  const fault = { kind: "scrub", ok: false, detail: "a.mp4: fragment 3 has changed" } as const;
  deepStrictEqual(checkLines([check({}), check({ kind: "scrub" })], at(720)), [
    "  tested  canary ok 12 min ago, scrub ok 12 min ago",
  ]);
  deepStrictEqual(checkLines([check({}), check(fault)], at(7_300)), [
    "  tested  canary ok 2 h 1 min ago",
    "  scrub   FAULT 2 h 1 min ago: a.mp4: fragment 3 has changed",
  ]);
  deepStrictEqual(checkLines([check({})], at(-5)), [
    "  tested  canary ok less than a minute ago",
  ]);
  deepStrictEqual(checkLines([], at(0)), []);
});

Deno.test("checksJson() has times as text and the newest failure", () => {
  const failed = check({ failed: 1, failedMs: at(-60), failure: "it can't be decoded" });
  deepStrictEqual(checksJson([failed]), [{
    kind: "canary",
    at: "2026-11-21T20:57:00.000Z",
    ok: true,
    detail: "a piece was cut and decoded",
    done: 3,
    failed: 1,
    last_failed_at: "2026-11-21T20:56:00.000Z",
    last_failure: "it can't be decoded",
  }]);
});
