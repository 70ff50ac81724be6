/**
 * What the doctor says: one finding for each thing looked at.
 *
 * @module
 */

export type Verdict = "ok" | "warning" | "problem";

export interface Finding {
  /** What was looked at, in a word or two: "disk", "camera front". */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found, on one line, without secrets. */
  readonly says: string;
  /** What to do about it; null where nothing is to be done. */
  readonly fix: string | null;
  /** Measured values for programs; keys in snake_case. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A finding's rest, when the judge has named the check. */
export type Judgement = Omit<Finding, "check" | "facts">;

/** All is well. */
export function fine(says: string): Judgement {
  return { verdict: "ok", says, fix: null };
}

/** It works, and could be better. */
export function warning(says: string, fix: string): Judgement {
  return { verdict: "warning", says, fix };
}

/** It does not work, or will soon stop to. */
export function problem(says: string, fix: string): Judgement {
  return { verdict: "problem", says, fix };
}

const GRAVITY: readonly Verdict[] = ["ok", "warning", "problem"];

/** The gravest verdict of all; "ok" of none. */
export function gravest(findings: readonly { readonly verdict: Verdict }[]): Verdict {
  const ranks = findings.map(({ verdict }) => GRAVITY.indexOf(verdict));
  return GRAVITY[Math.max(0, ...ranks)] ?? "ok";
}
