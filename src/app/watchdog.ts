/**
 * Decides what systemd is told: when the service is ready, that it is well, and
 * how it is doing in one line. {@linkcode decideNotices} decides,
 * {@linkcode keepWatch} looks once a second and sends.
 *
 * In:   when the writer and each camera's Worker were last heard, and what they said.
 * Out:  notices for host/notify_socket.ts.
 * Not here: asking the writer whether it lives (store/writer.ts).
 *
 * Design: docs/design/service.md, "What the watchdog watches"
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { unreachable } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { MonotonicMs } from "../base/units.ts";
import type { CameraState, CameraStatus } from "../capture/messages.ts";
import type { Notifier } from "../host/notify_socket.ts";

/**
 * A Worker that has said nothing for this long hangs, in milliseconds. Each
 * says something every second; a fsync on a tired SD card can hold one up for
 * several.
 */
export const HUNG_MS = 10_000;

/**
 * A camera that has neither recorded nor failed by then can't be reached, in
 * milliseconds. One camera that accepts a connection and sends nothing must not
 * let the start of all others run into systemd's limit (service/unit.ts).
 */
export const READY_LIMIT_MS = 45_000;

/** Pause between two looks, in milliseconds. */
const TICK_MS = 1_000;

/** The same until the service is ready: others wait for that. */
const START_TICK_MS = 200;

/** A status line whose rates alone have changed waits this long, in milliseconds. */
const STATUS_MS = 5_000;

/** How one camera does. */
export interface CameraPulse {
  readonly id: string;
  /** When its Worker last said anything; before that, when it was started. */
  readonly heardAtMs: MonotonicMs;
  /** "restarting": its Worker failed and the next one has not been started. */
  readonly state: CameraState | "restarting";
  readonly fps: number;
  readonly hasRecorded: boolean;
  readonly hasFailed: boolean;
}

/** How everything does, at one instant. */
export interface Pulse {
  readonly nowMs: MonotonicMs;
  readonly startedAtMs: MonotonicMs;
  /** When the writer last said anything. */
  readonly writerHeardAtMs: MonotonicMs;
  readonly cameras: readonly CameraPulse[];
}

/** What the main thread knows of a camera and its Worker. */
export interface CameraReport {
  readonly id: string;
  /** Undefined before the first one. */
  readonly status: Pick<CameraStatus, "state" | "fps" | "frames" | "restarts"> | undefined;
  readonly heardAtMs: MonotonicMs;
  readonly isWorkerUp: boolean;
  /** How often the Worker itself failed. */
  readonly workerFailures: number;
}

/** The pulse of a camera. */
export function cameraPulse(report: CameraReport): CameraPulse {
  const { id, status, heardAtMs, isWorkerUp, workerFailures } = report;
  const state = status?.state ?? "starting";
  const hasEnded = state === "ended" || state === "stopped";
  return {
    id,
    heardAtMs,
    state: isWorkerUp || hasEnded ? state : "restarting",
    fps: status?.fps ?? 0,
    // Said once the first fragment is on disk; frames are counted a second later.
    hasRecorded: state === "recording" || (status?.frames ?? 0) > 0,
    hasFailed: workerFailures > 0 || hasEnded || state === "waiting" || state === "paused" ||
      (status?.restarts ?? 0) > 0,
  };
}

/** What is to be sent. */
export type Notice =
  | { readonly type: "ready"; readonly status: string }
  | { readonly type: "status"; readonly line: string }
  | { readonly type: "watchdog" };

/** What has been sent so far. */
export interface Sent {
  readonly isReady: boolean;
  readonly fedAtMs: MonotonicMs | null;
  readonly status: {
    readonly line: string;
    readonly recording: number;
    readonly atMs: MonotonicMs;
  } | null;
}

export const NOTHING_SENT: Sent = { isReady: false, fedAtMs: null, status: null };

export interface Decision {
  /** In the order in which they are to be sent. */
  readonly notices: readonly Notice[];
  /** What will have been sent then. */
  readonly sent: Sent;
  /** Why the watchdog is not fed; null while all is well. */
  readonly complaint: string | null;
}

/**
 * Decides what systemd is told now.
 *
 * Ready: every camera has recorded or failed at least once, or
 * {@linkcode READY_LIMIT_MS} have passed. The watchdog is fed from there on, as
 * long as the writer and every camera's Worker are heard.
 *
 * @param before What has been sent, and how often the watchdog wants to be fed,
 * in milliseconds; null where there is none.
 */
export function decideNotices(
  pulse: Pulse,
  before: { readonly sent: Sent; readonly watchdogIntervalMs: number | null },
): Decision {
  const { sent, watchdogIntervalMs } = before;
  const { nowMs } = pulse;
  const complaint = complaintOf(pulse);
  const isReady = sent.isReady || isStartDone(pulse);
  const line = statusLine(pulse, { isReady, complaint });
  const recording = countRecording(pulse.cameras);
  const isFirst = isReady && !sent.isReady;
  const isStatusDue = isFirst || isWorthSending({ line, recording, nowMs }, sent.status);
  const isFeedDue = isReady && complaint === null && watchdogIntervalMs !== null &&
    (sent.fedAtMs === null || nowMs - sent.fedAtMs > watchdogIntervalMs - TICK_MS / 2);
  const notices: Notice[] = [];
  if (isFirst) notices.push({ type: "ready", status: line });
  else if (isStatusDue) notices.push({ type: "status", line });
  if (isFeedDue) notices.push({ type: "watchdog" });
  return {
    notices,
    sent: {
      isReady,
      fedAtMs: isFeedDue ? nowMs : sent.fedAtMs,
      status: isStatusDue ? { line, recording, atMs: nowMs } : sent.status,
    },
    complaint,
  };
}

function isStartDone({ cameras, nowMs, startedAtMs }: Pulse): boolean {
  return nowMs - startedAtMs >= READY_LIMIT_MS ||
    cameras.every(({ hasRecorded, hasFailed }) => hasRecorded || hasFailed);
}

/** What hangs; null when nothing does. */
function complaintOf({ nowMs, writerHeardAtMs, cameras }: Pulse): string | null {
  const isSilent = (heardAtMs: MonotonicMs) => nowMs - heardAtMs > HUNG_MS;
  const silence = (heardAtMs: MonotonicMs) => `${Math.round((nowMs - heardAtMs) / 1_000)} s`;
  const hung = cameras.filter(({ state, heardAtMs }) => hasWorker(state) && isSilent(heardAtMs));
  const complaints = [
    ...(isSilent(writerHeardAtMs) ? [`the writer is silent for ${silence(writerHeardAtMs)}`] : []),
    ...hung.map(({ id, heardAtMs }) => `camera "${id}" is silent for ${silence(heardAtMs)}`),
  ];
  return complaints.length === 0 ? null : complaints.join(", ");
}

/** False for states in which no Worker runs that could be heard. */
function hasWorker(state: CameraPulse["state"]): boolean {
  return state !== "ended" && state !== "stopped" && state !== "restarting";
}

function statusLine(
  { cameras }: Pulse,
  { isReady, complaint }: { readonly isReady: boolean; readonly complaint: string | null },
): string {
  const fps = cameras.filter(({ state }) => state === "recording")
    .reduce((sum, camera) => sum + camera.fps, 0);
  const count = `${countRecording(cameras)} of ${cameras.length} cameras recording`;
  const text = `${isReady ? "" : "starting: "}${count}, ${fps.toFixed(1)} fps`;
  return complaint === null ? text : `${text}; ${complaint}`;
}

function countRecording(cameras: readonly CameraPulse[]): number {
  return cameras.filter(({ state }) => state === "recording").length;
}

function isWorthSending(
  now: { readonly line: string; readonly recording: number; readonly nowMs: MonotonicMs },
  last: Sent["status"],
): boolean {
  if (last === null || now.recording !== last.recording) return true;
  return now.line !== last.line && now.nowMs - last.atMs >= STATUS_MS;
}

/** Looks after the service until `signal` is aborted; then it says that the service stops. */
export async function keepWatch(
  parts: {
    readonly notifier: Notifier;
    readonly clock: Clock;
    readonly log: Logger;
    readonly readPulse: () => Pulse;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { notifier, clock, log, signal } = parts;
  const { watchdogIntervalMs } = notifier;
  const tickMs = Math.min(TICK_MS, watchdogIntervalMs ?? TICK_MS);
  let sent = NOTHING_SENT;
  let wasWell = true;
  while (!signal.aborted) {
    const decision = decideNotices(parts.readPulse(), { sent, watchdogIntervalMs });
    for (const notice of decision.notices) send(notifier, notice);
    sent = decision.sent;
    const isWell = decision.complaint === null;
    if (!isWell && wasWell) log.error("Not well: {complaint}", { complaint: decision.complaint });
    if (isWell && !wasWell) log.info("Well again");
    wasWell = isWell;
    await clock.sleep(sent.isReady ? tickMs : START_TICK_MS, signal);
  }
  notifier.stopping();
}

function send(notifier: Notifier, notice: Notice): void {
  switch (notice.type) {
    case "ready":
      return notifier.ready(notice.status);
    case "status":
      return notifier.status(notice.line);
    case "watchdog":
      return notifier.watchdog();
    default:
      unreachable(notice);
  }
}
