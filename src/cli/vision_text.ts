/**
 * Words for what vision could not do, and JSON for programs.
 *
 * Pure.
 *
 * @module
 */

import type { VisionFaults } from "../app/vision_faults.ts";

/** One line for each kind of fault that there was. */
export function visionLines(faults: VisionFaults): string[] {
  const { picturesLost, picturesLeftOut, detectorRestarts, workerFailures } = faults;
  const lines = [
    [picturesLost, `pictures of events could not be written: ${picturesLost}`],
    [picturesLeftOut, `pictures of events left out while the disk was full: ${picturesLeftOut}`],
    [detectorRestarts, `the detector failed and was started again: ${times(detectorRestarts)}`],
    [
      workerFailures,
      `what looks at pictures failed and was started again: ${times(workerFailures)}`,
    ],
  ] as const;
  return lines.flatMap(([count, text]) => count > 0 ? [`  vision: ${text}`] : []);
}

export function visionJson(faults: VisionFaults): Record<string, number> {
  return {
    pictures_lost: faults.picturesLost,
    pictures_left_out: faults.picturesLeftOut,
    detector_restarts: faults.detectorRestarts,
    worker_failures: faults.workerFailures,
  };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
