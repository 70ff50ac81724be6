/**
 * The cameras as a page lists them: those of the settings in their order, then
 * those that are gone and have footage.
 *
 * In:   the index, the settings' cameras. Out: plain data for src/web.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../../base/units.ts";
import { GAP_TOLERANCE_MS } from "../../footage/plan.ts";
import type { GeoLocation } from "../../model/camera.ts";
import type { TimeWindow } from "../../model/window.ts";
import { LONGEST_BATCH_MS } from "../../store/reader.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import { measureCoverage } from "../../upkeep/coverage.ts";
import { wantedWindows } from "../../upkeep/wanted.ts";
import type { ArchiveCamera } from "../../web/doors.ts";

/** A camera as its settings have it. */
export interface SetUpCamera {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly geoLocation: GeoLocation | null;
}

const DAY_MS = 86_400_000;

/** @param reader Undefined while there is no database. */
export function camerasOf(
  reader: TimelineReader | undefined,
  setUp: readonly SetUpCamera[],
): ArchiveCamera[] {
  const recorded = new Map(reader?.cameras().map((summary) => [summary.cameraId, summary]));
  const gone = [...recorded.values()].filter(({ cameraId, recorded }) =>
    recorded !== null && !setUp.some(({ id }) => id === cameraId)
  ).map(({ cameraId: id, name }) => ({ id, name, enabled: false, geoLocation: null }));
  return [...setUp, ...gone].map(({ id, name, enabled, geoLocation }) => {
    const span = recorded.get(id)?.recorded ?? null;
    const [firstMs, lastMs] = [span?.fromMs ?? null, span?.toMs ?? null];
    return { cameraId: id, name, enabled, geoLocation, firstMs, lastMs };
  });
}

/** How much of the last 24 hours in which a camera was wanted is on disk; null if it was not. */
export function lastDayCoverage(
  reader: TimelineReader,
  cameraId: string,
  nowMs: UnixMs,
): number | null {
  const lastMs = unixMs(reader.newestFootageMs(cameraId));
  if (lastMs === 0) return null;
  const isOpen = reader.newestRun(cameraId)?.endedMs === null;
  // What is in the open batch counts neither as recorded nor as missing.
  const isRunning = isOpen && nowMs - lastMs < LONGEST_BATCH_MS && lastMs < nowMs;
  const toMs = isRunning ? lastMs : nowMs;
  const range: TimeWindow = { fromMs: unixMs(toMs - DAY_MS), toMs };
  const lost = reader.lostIn(cameraId, range)
    .map(({ atMs, untilMs }) => ({ fromMs: atMs, toMs: untilMs! }));
  const batches = reader.footageIn(cameraId, range, GAP_TOLERANCE_MS)
    .map(({ fromMs, toMs }) => ({ run: 0, startMs: fromMs, endMs: toMs }));
  const wanted = wantedWindows(reader.lifecycle(cameraId), nowMs);
  const { wantedMs, onDiskMs } = measureCoverage({ range, wanted, batches, lost });
  return wantedMs === 0 ? null : Math.round(onDiskMs / wantedMs * 10_000) / 10_000;
}
