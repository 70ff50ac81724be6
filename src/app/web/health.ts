/**
 * Judges from a report how each part of Lookback does.
 *
 * Pure.
 *
 * @module
 */

import type { KernelClockState } from "../../host/clock_state.ts";
import { type DiskRoom, type FreeRoom, keepFreeBytes } from "../../model/retention.ts";
import type { HealthFact } from "../../web/doors.ts";
import { HUNG_MS } from "../watchdog.ts";
import type { HeardCamera, WebReport } from "./messages.ts";

export interface HealthQuestion {
  readonly report: WebReport;
  /** False when the main thread has not reported for long. */
  readonly isFresh: boolean;
  readonly clockState: KernelClockState;
  readonly disk: DiskRoom;
  /** Cameras whose footage will be kept for clearly less time than was promised. */
  readonly shortFor: readonly string[];
  readonly keepFree: FreeRoom;
}

/** Each part that there is, whether well or not. */
export function healthOf(question: HealthQuestion): HealthFact[] {
  const { report, isFresh, clockState } = question;
  const { writer, failures, alertFaults } = report;
  return [
    fact("recording", isFresh ? null : ["fault", "the main thread has not reported for long"]),
    ...report.cameras.map(cameraHealth),
    fact(
      "writer",
      writer.silentMs > HUNG_MS
        ? ["fault", `silent for ${Math.round(writer.silentMs / 1_000)} s`]
        : writer.restarts > 0
        ? ["warning", `failed ${times(writer.restarts)} and goes on`]
        : null,
    ),
    diskHealth(question),
    fact(
      "clock",
      clockState === "not-synchronised"
        ? ["warning", "no time server keeps the clock right"]
        : null,
    ),
    visionHealth(report),
    ...Object.entries(failures).filter(([name]) => name !== "vision").map(([name, count]) =>
      fact(name, count > 0 ? ["warning", `failed ${times(count)} and goes on`] : null)
    ),
    ...alertFaults.map(({ name, fault }) => fact(`alerts ${name}`, ["warning", fault])),
  ];
}

function cameraHealth({ status, silentMs }: HeardCamera): HealthFact {
  const { cameraId, state, cause, detail } = status;
  const name = `camera ${cameraId}`;
  if (state === "ended" || state === "stopped") return fact(name, ["warning", state]);
  if (silentMs > HUNG_MS) {
    return fact(name, ["fault", `silent for ${Math.round(silentMs / 1_000)} s`]);
  }
  if (state === "recording") return fact(name, null);
  const why = [cause, detail].filter((text) => text).join(": ");
  return fact(name, [state === "starting" ? "warning" : "fault", why || state]);
}

function visionHealth({ failures, detectorRestarts, missingPictures }: WebReport): HealthFact {
  const missing = missingPictures.lost + missingPictures.leftOut;
  const troubles = [
    ...(failures.vision > 0 ? [`failed ${times(failures.vision)} and goes on`] : []),
    ...(detectorRestarts > 0 ? [`its detector failed ${times(detectorRestarts)}`] : []),
    ...(missing > 0 ? [`pictures of events that are missing: ${missing}`] : []),
  ];
  return fact("vision", troubles.length === 0 ? null : ["warning", troubles.join("; ")]);
}

function diskHealth({ disk, keepFree, shortFor }: HealthQuestion): HealthFact {
  // Retention works below that line; half of it means that nothing may be deleted.
  if (disk.freeBytes < keepFreeBytes(keepFree, disk) / 2) {
    return fact("disk", ["fault", "less free than is to be kept free"]);
  }
  if (shortFor.length === 0) return fact("disk", null);
  const cameras = shortFor.join(", ");
  return fact("disk", ["warning", `footage will be kept for less than promised: ${cameras}`]);
}

function fact(
  component: string,
  trouble: readonly ["warning" | "fault", string] | null,
): HealthFact {
  if (trouble === null) return { component, state: "ok", detail: "" };
  const [state, detail] = trouble;
  return { component, state, detail };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
