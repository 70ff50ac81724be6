/**
 * What becomes of footage under the settings in effect: the rules for deleting,
 * and for people how far back footage will reach.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { CameraSettings, Settings } from "../../config.ts";
import { diskRoom } from "../host/disk_room.ts";
import { type CameraRate, type Forecast, forecast } from "../model/forecast.ts";
import { heldWindows } from "../model/hold.ts";
import type { DiskRoom, RetentionRules } from "../model/retention.ts";
import { RetentionReader } from "../store/retention_reader.ts";
import { type HoldsReading, readHolds } from "../upkeep/holds.ts";
import { type IndexPlace, openIndexWith } from "./open_index.ts";

const DAY_MS = 86_400_000;

/** What a camera's footage takes up and how long it will last. */
export interface CameraOutlook {
  readonly forecast: Forecast;
  /** Recordings, stills and frame logs. */
  readonly usedBytes: number;
  readonly heldBytes: number;
}

export interface RetentionOutlook {
  /** By camera id. */
  readonly cameras: ReadonlyMap<string, CameraOutlook>;
  readonly holds: HoldsReading;
  readonly disk: DiskRoom;
}

/** What of the settings says how long footage is kept. */
export interface RetentionSettings extends Pick<Settings, "retention"> {
  readonly cameras: readonly Pick<CameraSettings, "id" | "retention">[];
}

/** The rules that the settings make. */
export function rulesOf(settings: RetentionSettings): RetentionRules {
  return {
    all: settings.retention,
    cameras: new Map(settings.cameras.map(({ id, retention }) => [id, retention])),
  };
}

/**
 * Looks ahead. Costs what was recorded in the last day.
 *
 * @throws {OperatorError} "database-missing" or "database-unusable".
 */
export async function retentionOutlook(
  settings: RetentionSettings & IndexPlace,
  nowMs: UnixMs,
): Promise<RetentionOutlook> {
  const { root } = settings;
  const rules = rulesOf(settings);
  const holds = await readHolds(root);
  const disk = await diskRoom(root);
  using reader = openIndexWith(settings, (...place) => new RetentionReader(...place));
  const rates = reader.usage().map(({ cameraId, usedBytes }): CameraRate => {
    const recent = reader.recent(cameraId, unixMs(nowMs - DAY_MS));
    return {
      cameraId,
      usedBytes,
      heldBytes: reader.bytesIn(cameraId, heldWindows(cameraId, holds.holds)),
      recentBytes: recent.bytes,
      recentEventBytes: recent.eventBytes,
      recentMs: Math.min(DAY_MS, nowMs - (recent.oldestMs ?? nowMs)),
    };
  });
  const forecasts = forecast(rates, rules, disk);
  const cameras = rates.map(({ cameraId, usedBytes, heldBytes }, index) =>
    [cameraId, { forecast: forecasts[index]!, usedBytes, heldBytes }] as const
  );
  return { cameras: new Map(cameras), holds, disk };
}
