/**
 * The holes in a camera's footage and what the product says of them.
 *
 * @module
 */

import { unixMs } from "../../../src/base/units.ts";
import type { ExplainedGap } from "../../../src/footage/gap_cause.ts";
import { CoverageReader } from "../../../src/store/coverage_reader.ts";
import { coverageOf } from "../../../src/upkeep/coverage_causes.ts";

/** The coverage between two instants, when nobody records any more. */
export function holesBetween(
  root: string,
  what: { readonly cameraId: string; readonly fromMs: number; readonly toMs: number },
): readonly ExplainedGap[] {
  using index = new CoverageReader(root);
  const range = { fromMs: unixMs(what.fromMs), toMs: unixMs(what.toMs) };
  const moment = { nowMs: unixMs(Date.now()), isRecording: false };
  const [coverage] = coverageOf(index, { cameraId: what.cameraId, ranges: [range] }, moment);
  return coverage!.holes;
}

/** "restart 1.2 s, stopped 0.3 s", for messages of tests. */
export function describeHoles(holes: readonly ExplainedGap[]): string {
  return holes.map(({ cause, window, detail }) =>
    `${cause} ${((window.toMs - window.fromMs) / 1_000).toFixed(2)} s (${detail})`
  ).join(", ");
}
