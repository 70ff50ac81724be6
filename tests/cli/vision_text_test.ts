import { deepStrictEqual } from "node:assert/strict";
import { NO_VISION_FAULTS } from "../../src/app/vision_faults.ts";
import { visionJson, visionLines } from "../../src/cli/vision_text.ts";

const ALL = { picturesLost: 2, picturesLeftOut: 7, detectorRestarts: 1, workerFailures: 3 };

Deno.test("visionLines() has a line for each kind of fault, and none where there was none", () => {
  deepStrictEqual(visionLines(NO_VISION_FAULTS), []);
  deepStrictEqual(visionLines(ALL), [
    "  vision: pictures of events could not be written: 2",
    "  vision: pictures of events left out while the disk was full: 7",
    "  vision: the detector failed and was started again: once",
    "  vision: what looks at pictures failed and was started again: 3 times",
  ]);
});

Deno.test("visionJson() gives all counters, also those at 0", () => {
  deepStrictEqual(visionJson({ ...ALL, picturesLost: 0 }), {
    ...{ pictures_lost: 0, pictures_left_out: 7 },
    ...{ detector_restarts: 1, worker_failures: 3 },
  });
});
