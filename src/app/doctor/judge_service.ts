/**
 * Judges the service, the database, and whether anything records.
 *
 * Pure.
 *
 * @module
 */

import type { ServiceState } from "../../host/machine_state.ts";
import type { DatabaseCheck } from "../../store/database_check.ts";
import { fine, type Judgement, problem, warning } from "./finding.ts";

/** Judges the service's state; null where systemd does not run. */
export function judgeService(service: ServiceState | null): Judgement {
  if (service === null) return fine("not installed as a service: systemd does not run here");
  if (!service.isInstalled) return fine("not installed as a service");
  const { active, sub, isEnabled, restarts } = service;
  const says = `${active} (${sub})` + (restarts > 0 ? `, restarted ${restarts} times` : "");
  if (active === "failed" || sub === "auto-restart") {
    return problem(says, "read why: journalctl -u lookback -n 50");
  }
  if (active !== "active") return warning(says, "start it: systemctl start lookback");
  if (!isEnabled) {
    return warning(
      `${says}, not enabled`,
      "have it start with the machine: systemctl enable lookback",
    );
  }
  return fine(says);
}

/** Judges the database. */
export function judgeDatabase(database: DatabaseCheck): Judgement {
  const { path } = database;
  if (database.state === "missing") return fine(`nothing is recorded yet (no ${path})`);
  if (database.state === "unusable") {
    return problem(
      `cannot read ${path}: ${database.reason}`,
      "check that the disk is mounted and that this user may read the file",
    );
  }
  const { version, knownVersion, faults } = database;
  if (faults.length > 0) {
    return problem(
      `${path} is damaged: ${faults.join("; ")}`,
      "stop recording and copy the file away; the recordings are files of their own and play without it",
    );
  }
  const says = `whole, version ${version}, ${(database.sizeBytes / 1e6).toFixed(1)} MB`;
  if (version > knownVersion) {
    return problem(
      `${says}: written by a newer Lookback (this one knows version ${knownVersion})`,
      "use the newer Lookback",
    );
  }
  if (version < knownVersion) {
    return warning(
      `${says}: older than this Lookback's version ${knownVersion}`,
      "start recording once: it brings the database up to date",
    );
  }
  return fine(says);
}

/** What is known about who records. */
export interface RecordingState {
  readonly root: string;
  /** Whether a process holds the storage root; null when the lock can't be read. */
  readonly isHeld: boolean | null;
  readonly service: ServiceState | null;
}

/** Judges whether recording is on. */
export function judgeRecording({ root, isHeld, service }: RecordingState): Judgement {
  if (isHeld === null) {
    return warning(
      `whether a Lookback records under ${root} is unknown: this user may not see`,
      "run the doctor as the user that records",
    );
  }
  if (isHeld) return fine(`a Lookback records under ${root} now`);
  if (service?.active === "active") {
    return warning(
      `the service runs, but nothing records under ${root}`,
      "look at its own settings: lookback doctor --config /etc/lookback/lookback.yaml",
    );
  }
  return fine(`nothing records under ${root} now`);
}
