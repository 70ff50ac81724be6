/**
 * Events of all sources in one form, which rules are held against.
 *
 * In:   what vision sees, what cameras go through.
 * Out:  {@linkcode Occurrence}s; those of cameras that go on are remembered,
 *       because nothing more is said of them until they end.
 * Not here: rules.
 *
 * Pure: times come with the events.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { AlertChange, AlertKind, Occurrence } from "../model/alert.ts";
import type { CameraEventEntry, GapCause } from "../model/ledger.ts";
import type { VisionEvent } from "../model/vision.ts";

/** A camera without a stream for one of these is not to blame: the disk is. */
const DISK_CAUSES: ReadonlySet<GapCause | null> = new Set([
  "disk-failed",
  "disk-full",
  "disk-missing",
]);

/** Outages of one camera that go on. */
interface Outages {
  readonly offline?: CameraEventEntry | undefined;
  readonly gap?: CameraEventEntry | undefined;
}

/** Turns changes into occurrences. */
export class Occurrences {
  readonly #outages = new Map<string, Outages>();

  /** What a change means; nothing where it is more of what is known. */
  take(change: AlertChange): readonly Occurrence[] {
    return change.type === "vision" ? [seen(change.event)] : this.#takeCamera(change.event);
  }

  /** Outages that go on, with how long they have by now. */
  goingOn(nowMs: UnixMs): readonly Occurrence[] {
    return [...this.#outages.values()].flatMap(({ offline, gap }) => [
      ...(offline === undefined ? [] : [outage("camera_offline", offline, { nowMs })]),
      ...(gap === undefined ? [] : [outage("recording_gap", gap, { nowMs })]),
    ]);
  }

  #takeCamera(event: CameraEventEntry): readonly Occurrence[] {
    const { cameraId, atMs, untilMs } = event;
    const open = this.#outages.get(cameraId) ?? {};
    switch (event.kind) {
      case "offline":
        return DISK_CAUSES.has(event.cause)
          ? this.#lose(event, open)
          : this.#goOffline(event, open);
      case "frames-lost":
        if (untilMs === null) return this.#lose(event, open);
        return [outage("recording_gap", event, { nowMs: untilMs, endMs: untilMs })];
      case "online":
        this.#outages.delete(cameraId);
        return back(event, open);
      case "started":
      case "stopped":
      case "removed":
        // Somebody wants it so: there is nothing to tell, and nothing goes on.
        this.#outages.delete(cameraId);
        return open.gap === undefined
          ? []
          : [outage("recording_gap", open.gap, { nowMs: atMs, endMs: atMs })];
      case "clock-step":
        return [];
    }
  }

  #goOffline(event: CameraEventEntry, open: Outages): readonly Occurrence[] {
    // The cause has changed: it is the same outage all the same.
    if (open.offline !== undefined) return [];
    this.#outages.set(event.cameraId, { ...open, offline: event });
    return [outage("camera_offline", event, { nowMs: event.atMs })];
  }

  #lose(event: CameraEventEntry, open: Outages): readonly Occurrence[] {
    if (open.gap !== undefined) return [];
    this.#outages.set(event.cameraId, { ...open, gap: event });
    return [outage("recording_gap", event, { nowMs: event.atMs })];
  }
}

/** The camera gives a stream: what was missing has ended. It may always have been so. */
function back(event: CameraEventEntry, { offline, gap }: Outages): readonly Occurrence[] {
  const ended = { nowMs: event.atMs, endMs: event.atMs };
  const lost = gap === undefined ? [] : [outage("recording_gap", gap, ended)];
  if (offline === undefined) return lost;
  const online = outage("camera_online", { ...event, cause: offline.cause }, ended);
  const lastedMs = Math.max(0, event.atMs - offline.atMs);
  return [...lost, { ...online, startMs: offline.atMs, lastedMs }];
}

function outage(
  kind: AlertKind,
  event: CameraEventEntry,
  times: { readonly nowMs: UnixMs; readonly endMs?: UnixMs },
): Occurrence {
  const { cameraId, atMs, cause, detail } = event;
  return {
    eventId: `${cameraId}-${atMs}-${kind.replace(/^.*_/, "")}`,
    kind,
    cameraId,
    class: null,
    zones: [],
    lines: [],
    score: null,
    startMs: atMs,
    endMs: times.endMs ?? null,
    // The wall clock may have been set back meanwhile.
    lastedMs: Math.max(0, times.nowMs - atMs),
    pictures: { wholePath: null, cropPath: null },
    cause,
    detail,
  };
}

function seen(event: VisionEvent): Occurrence {
  const { startMs, endMs, trace, best } = event;
  const lastMs = endMs ?? trace.at(-1)?.atMs ?? startMs;
  return {
    eventId: event.eventId,
    kind: event.kind,
    cameraId: event.cameraId,
    class: event.class,
    zones: event.zones,
    lines: [...new Set(event.crossings.map(({ line }) => line))],
    score: event.score,
    startMs,
    endMs,
    lastedMs: Math.max(0, lastMs - startMs),
    pictures: { wholePath: best.wholePath, cropPath: best.cropPath },
    cause: null,
    detail: "",
  };
}
