/**
 * What the program itself says of a root, asked as its users do.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { lookback } from "../../support/lookback.ts";
import type { Rig } from "./rig.ts";

/**
 * `lookback verify` reads everything again and finds no fault.
 *
 * @param apartFrom A kind of fault that is to be expected.
 */
export async function verifyFindsNothing(
  rig: Rig,
  what: string,
): Promise<void> {
  const { code, stdout, stderr } = await lookback(["verify", "--json"], { cwd: rig.home });
  ok(stdout !== "", `${what}: ${stderr}`);
  deepStrictEqual(JSON.parse(stdout).faults, [], what);
  strictEqual(code, 0, stderr);
}

/** The causes that `lookback coverage` gives for what is missing of today and the day before. */
export async function coverageCauses(rig: Rig): Promise<Set<string>> {
  const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const args = ["coverage", "--from", from, "--json"];
  const { code, stdout, stderr } = await lookback(args, { cwd: rig.home });
  strictEqual(code, 0, stderr);
  const days: { readonly missing_by_cause: Readonly<Record<string, number>> }[] =
    JSON.parse(stdout).days;
  return new Set(days.flatMap((day) => Object.keys(day.missing_by_cause)));
}
