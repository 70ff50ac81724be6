/**
 * What the machine says of itself: its clock, its limits, its memory, and the
 * service that Lookback may be.
 *
 * Each answer may be "unknown": containers and small systems lack the tools.
 *
 * @module
 */

import { toolOutput } from "./tool_output.ts";

export interface ClockState {
  /** Null when nothing here knows. */
  readonly isSynchronised: boolean | null;
  /** What said so; null when nothing here knows. */
  readonly source: string | null;
}

/** systemd's own time service leaves this file when it has set the clock (systemd-timesyncd(8)). */
const TIMESYNC_MARK = "/run/systemd/timesync/synchronized";

/** Whether the clock is kept right by a time server. */
export async function readClockState(): Promise<ClockState> {
  const told = await toolOutput("timedatectl", ["show", "--property=NTPSynchronized"]);
  const value = told === null ? undefined : parseProperties(told).get("NTPSynchronized");
  if (value !== undefined) return { isSynchronised: value === "yes", source: "timedatectl" };
  if (await isThere(TIMESYNC_MARK)) return { isSynchronised: true, source: TIMESYNC_MARK };
  return { isSynchronised: null, source: null };
}

/**
 * How many files a process like this one may have open; null when unknown.
 *
 * A child is asked, which has the same limits: Deno keeps /proc to itself.
 */
export async function readOpenFileLimit(): Promise<number | null> {
  const limits = await toolOutput("cat", ["/proc/self/limits"]);
  return limits === null ? null : parseOpenFileLimit(limits);
}

/** The soft limit in a text like /proc/self/limits (proc(5)); null when it is not there. */
export function parseOpenFileLimit(limits: string): number | null {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return null;
  return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft);
}

/** The service's state as systemd gives it. */
export interface ServiceState {
  readonly isInstalled: boolean;
  /** "active", "inactive", "failed", "activating" … */
  readonly active: string;
  /** "running", "auto-restart", "dead" … */
  readonly sub: string;
  readonly isEnabled: boolean;
  readonly restarts: number;
}

/** The state of the unit "lookback"; null where systemd does not run. */
export async function readServiceState(): Promise<ServiceState | null> {
  if (!await isThere("/run/systemd/system")) return null;
  const properties = "LoadState,ActiveState,SubState,UnitFileState,NRestarts";
  const told = await toolOutput("systemctl", ["show", "lookback", `--property=${properties}`]);
  return told === null ? null : parseServiceState(told);
}

/** Reads what `systemctl show` prints. */
export function parseServiceState(shown: string): ServiceState {
  const properties = parseProperties(shown);
  return {
    isInstalled: properties.get("LoadState") !== "not-found",
    active: properties.get("ActiveState") ?? "unknown",
    sub: properties.get("SubState") ?? "unknown",
    isEnabled: properties.get("UnitFileState")?.startsWith("enabled") ?? false,
    restarts: Number(properties.get("NRestarts") ?? 0),
  };
}

/** Lines such as "ActiveState=active". */
function parseProperties(text: string): Map<string, string> {
  const pairs = text.split("\n").map((line): [string, string] => {
    const [key = "", ...value] = line.split("=");
    return [key, value.join("=")];
  });
  return new Map(pairs);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}
