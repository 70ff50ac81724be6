/**
 * Tests of the doctor's judges: one for each case of a table.
 *
 * @module
 */

import { match, ok, strictEqual } from "node:assert/strict";
import type { Judgement } from "../../src/app/doctor/finding.ts";

export interface JudgeCase {
  readonly name: string;
  readonly judgement: Judgement;
  readonly verdict: Judgement["verdict"];
  readonly says: RegExp;
}

/** One test for each case: the verdict, the words, and advice wherever it is not "ok". */
export function testJudge(judge: string, cases: readonly JudgeCase[]): void {
  for (const { name, judgement, verdict, says } of cases) {
    Deno.test(`${judge}() finds ${verdict === "ok" ? "nothing wrong" : `a ${verdict}`} ${name}`, () => {
      strictEqual(judgement.verdict, verdict, judgement.says);
      match(judgement.says, says);
      strictEqual(judgement.fix === null, verdict === "ok");
      ok(!judgement.says.includes("\n"));
    });
  }
}
