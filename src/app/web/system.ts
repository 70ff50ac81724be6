/**
 * How everything does, for the web server: puts together what the main thread
 * reports once a second with what the disk and the index say.
 *
 * In:   reports, log lines, the plan. Out: facts, health, log lines.
 * Not here: the settings file (config.ts).
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger, type LogRecordMessage } from "../../base/log.ts";
import { type MonotonicMs, type UnixMs, unixMs } from "../../base/units.ts";
import type { CameraStatus } from "../../capture/messages.ts";
import { clockState } from "../../host/clock_state.ts";
import { diskRoom } from "../../host/disk_room.ts";
import type {
  CameraNews,
  CameraNumbers,
  ConfigFacts,
  ConfigMistake,
  ConfigOutcome,
  LogNews,
  SystemDoor,
  SystemFacts,
} from "../../web/doors.ts";
import { type RetentionOutlook, retentionOutlook } from "../retention_outlook.ts";
import type { WebConfig } from "./config.ts";
import { healthOf } from "./health.ts";
import type { WebPlan, WebReport } from "./messages.ts";

const log = logger("web");

/** Lines of the log that can be looked at. */
const KEPT_LINES = 2_000;

/** How long an outlook counts, in milliseconds: it costs what was recorded in a day. */
const OUTLOOK_MS = 60_000;

/** A report that is older than this says that the main thread hangs, in milliseconds. */
const FRESH_MS = 10_000;

const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

export interface WebSystemParts {
  readonly root: string;
  readonly startedMs: UnixMs;
  readonly plan: () => WebPlan;
  readonly clock: Clock;
  readonly config: WebConfig;
}

export class WebSystem implements SystemDoor {
  readonly #parts: WebSystemParts;
  readonly #lines: LogNews[] = [];
  #report: WebReport | undefined;
  #reportedAt: MonotonicMs | undefined;
  #outlook: Promise<RetentionOutlook | undefined> | undefined;
  #outlookAt: MonotonicMs | undefined;

  constructor(parts: WebSystemParts) {
    this.#parts = parts;
  }

  /** Takes a report. Returns what of it is news. */
  takeReport(report: WebReport): readonly CameraNews[] {
    this.#report = report;
    this.#reportedAt = this.#parts.clock.monotonic();
    return report.cameras.map(({ status }) => cameraNews(status));
  }

  /** Takes lines of the log. Returns them as news. */
  takeLogs(records: readonly LogRecordMessage[], lost: number): readonly LogNews[] {
    const lines = records.map(toLine);
    if (lost > 0) {
      const message = `${lost} lines were left out here, there were too many; the log has them`;
      const atMs = this.#parts.clock.now();
      lines.push({ type: "log", atMs, level: "warning", category: "web", message });
    }
    this.#lines.push(...lines);
    this.#lines.splice(0, Math.max(0, this.#lines.length - KEPT_LINES));
    return lines;
  }

  /** The newest state of each camera that has said one. */
  get statuses(): readonly CameraStatus[] {
    return this.#report?.cameras.map(({ status }) => status) ?? [];
  }

  isReady(): boolean {
    const { clock } = this.#parts;
    return this.#reportedAt !== undefined && clock.monotonic() - this.#reportedAt < FRESH_MS;
  }

  logs(
    { level, limit }: { readonly level: string | null; readonly limit: number },
  ): readonly LogNews[] {
    const least = LEVELS.findIndex((each) => each === level);
    const wanted = this.#lines.filter((line) =>
      LEVELS.findIndex((each) => each === line.level) >= least
    );
    return limit === 0 ? [] : wanted.slice(-limit);
  }

  async facts(): Promise<SystemFacts> {
    const { root, startedMs, plan, clock } = this.#parts;
    const report = this.#report ?? nothingReported(clock.now());
    const [disk, outlook] = [await diskRoom(root), await this.#lookAhead()];
    const forecasts = [...outlook?.cameras.values() ?? []].flatMap(({ forecast }) =>
      forecast.days ?? []
    );
    const state = clockState();
    return {
      startedMs,
      root,
      cameras: plan().cameras.map((camera) => cameraNumbers(camera, { report, outlook })),
      disk: { ...disk, forecastDays: forecasts.length === 0 ? null : Math.min(...forecasts) },
      writer: report.writer,
      vision: report.vision,
      detection: {
        picturesLost: report.missingPictures.lost,
        picturesLeftOut: report.missingPictures.leftOut,
        detectorRestarts: report.detectorRestarts,
      },
      clock: { nowMs: clock.now(), state },
      workerFailures: report.failures,
      health: healthOf({
        report,
        isFresh: this.isReady(),
        clockState: state,
        disk,
        shortFor: [...outlook?.cameras ?? []].flatMap(([id, { forecast }]) =>
          forecast.isShort ? [id] : []
        ),
        keepFree: plan().retention.keepFree,
      }),
    };
  }

  config(): Promise<ConfigFacts> {
    return this.#parts.config.facts();
  }

  checkConfig(yaml: string): Promise<readonly ConfigMistake[]> {
    return this.#parts.config.check(yaml);
  }

  applyConfig(yaml: string, ifMatch: string): Promise<ConfigOutcome> {
    return this.#parts.config.apply(yaml, ifMatch);
  }

  /** Who asks within a minute gets the same answer. */
  #lookAhead(): Promise<RetentionOutlook | undefined> {
    const { root, plan, clock } = this.#parts;
    const now = clock.monotonic();
    if (this.#outlookAt === undefined || now - this.#outlookAt >= OUTLOOK_MS) {
      this.#outlookAt = now;
      const settings = { ...plan(), root };
      this.#outlook = retentionOutlook(settings, clock.now()).catch((error) => {
        log.warning("Cannot say how long footage will be kept: {reason}", {
          reason: messageOf(error),
        });
        return undefined;
      });
    }
    return this.#outlook!;
  }
}

export function cameraNews(status: CameraStatus): CameraNews {
  const { cameraId, state, cause, detail, fps, bitsPerSecond } = status;
  return { cameraId, state, cause, detail, fps, bitsPerSecond };
}

function cameraNumbers(
  { id, name, enabled }: WebPlan["cameras"][number],
  { report, outlook }: {
    readonly report: WebReport;
    readonly outlook: RetentionOutlook | undefined;
  },
): CameraNumbers {
  const status = report.cameras.find((each) => each.status.cameraId === id)?.status;
  const ahead = outlook?.cameras.get(id);
  return {
    ...(status === undefined ? silentCamera(id, enabled) : cameraNews(status)),
    name,
    frames: status?.frames ?? 0,
    batches: status?.batches ?? 0,
    bytes: status?.bytes ?? 0,
    stills: status?.stills ?? 0,
    stillsLost: status?.stillsLost ?? 0,
    restarts: status?.restarts ?? 0,
    rowsPending: status?.rowsPending ?? 0,
    queuedBytes: status?.queuedBytes ?? 0,
    usedBytes: ahead?.usedBytes ?? null,
    forecastDays: ahead?.forecast.days ?? null,
  };
}

/** A camera that has not said anything, or is not recorded. */
function silentCamera(cameraId: string, isEnabled: boolean): CameraNews {
  const state = isEnabled ? "starting" : "disabled";
  return { cameraId, state, cause: null, detail: "", fps: 0, bitsPerSecond: 0 };
}

function toLine({ atMs, level, room, text }: LogRecordMessage): LogNews {
  return { type: "log", atMs: unixMs(Math.round(atMs)), level, category: room, message: text };
}

function nothingReported(atMs: UnixMs): WebReport {
  return {
    atMs,
    cameras: [],
    writer: { rows: 0, commits: 0, lastCommitMs: 0, waiting: 0, restarts: 0, silentMs: 0 },
    vision: [],
    missingPictures: { lost: 0, leftOut: 0 },
    detectorRestarts: 0,
    failures: { vision: 0, upkeep: 0, web: 0 },
    alertFaults: [],
  };
}
