/**
 * The measurements that need no peer, by their names. Some of them look at the same
 * runs of recording, which are carried out once, or into the same archive.
 *
 * @module
 */

import { SharedArchive } from "./archive_world.ts";
import { measureCapacity } from "./capacity.ts";
import { measureDelay } from "./delay.ts";
import { measureFrameLog } from "./frame_log.ts";
import { measureMemory } from "./memory.ts";
import { measureSoak } from "./memory_soak.ts";
import { measureRecordingCost, type RecordingCostOptions } from "./recording_cost.ts";
import { RecordingRuns } from "./recording_runs.ts";
import { measureRetrieval, prepareRetrieval } from "./retrieval.ts";
import type { MeasureOptions } from "./options.ts";
import type { Measurement } from "./report_run.ts";
import type { SectionId } from "./section_ids.ts";
import { measureStart } from "./start.ts";
import { measureWriter } from "./writer.ts";

/** Cameras that share a Worker, for the runs that compare that. */
const WORKER_SIZES = [1, 8];

/** All measurements, in the order of their names. Disposing removes what they share. */
export interface Measurements extends AsyncDisposable {
  readonly archive: SharedArchive;
  readonly all: readonly (Measurement & { readonly id: SectionId })[];
}

/** @param peers Finds other programs that record; none where Lookback measures itself. */
export function measurements(
  options: MeasureOptions,
  peers: Pick<RecordingCostOptions, "findPeers"> = {},
): Measurements {
  const runs = new RecordingRuns({ ...options, workerSizes: WORKER_SIZES });
  const recorded = { ...options, runs };
  const archive = new SharedArchive(options);
  return {
    archive,
    all: [
      { id: "start", measure: () => measureStart(options) },
      {
        id: "retrieval",
        prepare: () => prepareRetrieval({ ...options, shared: archive }),
        measure: () => measureRetrieval({ ...options, shared: archive }),
      },
      { id: "frame-log", measure: () => measureFrameLog(options) },
      { id: "writer", measure: () => measureWriter(options) },
      { id: "delay", measure: () => measureDelay(options) },
      { id: "recording-cost", measure: () => measureRecordingCost({ ...recorded, ...peers }) },
      { id: "capacity", measure: () => measureCapacity(recorded) },
      { id: "memory", measure: () => measureMemory(recorded) },
      { id: "soak", isLong: true, measure: () => measureSoak(recorded) },
    ],
    [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose](),
  };
}
