/**
 * What the fault tests measure, for the table in docs/reliability.md, and how
 * long they are to be.
 *
 * @module
 */

/** Whether the tests run in their long form: more rounds, longer stalls. */
export const isLong: boolean = Deno.env.get("LOOKBACK_FAULTS") === "long";

/** One line of the table: a fault and what it cost. */
export interface Measured {
  /** What was done to the program. */
  readonly fault: string;
  /** What the documents promise: the most that may be lost. */
  readonly lostAtMost: string;
  /** What was seen in this run, with numbers and units. */
  readonly measured: string;
  /** The test's name. */
  readonly test: string;
}

/** Appends a line of JSON to the file that LOOKBACK_FAULTS_OUT names; without it, nothing is kept. */
export async function noteMeasured(line: Measured): Promise<void> {
  const path = Deno.env.get("LOOKBACK_FAULTS_OUT");
  if (path === undefined || path === "") return;
  // One write of a whole line, appended: tests of several processes may share the file.
  await Deno.writeTextFile(path, JSON.stringify(line) + "\n", { append: true, create: true });
}
