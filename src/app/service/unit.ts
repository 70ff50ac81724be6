/**
 * Writes the systemd unit of the service.
 *
 * In:   where the program, its settings and the footage lie.
 * Out:  the text of lookback.service.
 * Not here: putting it in place (install.ts).
 *
 * Pure. Design: docs/design/service.md, "The unit"
 *
 * @module
 */

import { SYSTEM_CONFIG_PATH, SYSTEM_ROOT } from "../../../config.ts";

/** What belongs to the service, on every machine. */
export const SERVICE = {
  name: "lookback.service",
  /** Also the name of its group. */
  user: "lookback",
  program: "/usr/local/bin/lookback",
  config: SYSTEM_CONFIG_PATH,
  unit: "/etc/systemd/system/lookback.service",
} as const;

/**
 * systemd kills the service when it has not been told for this long that all is
 * well, in seconds. Twice the time after which a Worker counts as hung
 * (watchdog.ts), so that a single slow fsync never costs a recording.
 */
export const WATCHDOG_SECONDS = 20;

/** A stop takes at most 10 s (cli/recording_session.ts); the rest is for a busy machine. */
const STOP_SECONDS = 15;

/**
 * A start takes 45 s at the latest (watchdog.ts); but a large database that is brought
 * up to date, or made again, takes minutes, and would begin anew if it were cut off.
 */
const START_SECONDS = 1_800;

export interface UnitOptions {
  /** The program, absolute. */
  readonly program: string;
  /** Storage root, absolute. */
  readonly root: string;
  /** Devices that cameras are read from, such as "/dev/video0". */
  readonly devices?: readonly string[];
}

/** The text of the unit. */
export function serviceUnit(options: UnitOptions): string {
  return [
    '# Written by "lookback service install", which replaces it: changes belong into',
    `# a file of your own, made with "systemctl edit ${SERVICE.name}".`,
    ...unitSection(options),
    ...serviceSection(options),
    ...sandbox(options.devices ?? []),
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

function unitSection({ root }: UnitOptions): readonly string[] {
  return [
    "",
    "[Unit]",
    "Description=Lookback, a flight recorder for cameras",
    "# Not network-online.target: a camera that can't be reached yet is tried again,",
    "# the others record meanwhile.",
    "After=network.target",
    ...(root === SYSTEM_ROOT ? [] : [`RequiresMountsFor=${unitWord(root)}`]),
    "# Never give up on starting again.",
    "StartLimitIntervalSec=0",
  ];
}

function serviceSection({ program, root }: UnitOptions): readonly string[] {
  const command = unitWord(program);
  const config = unitWord(SERVICE.config);
  return [
    "",
    "[Service]",
    "Type=notify",
    "NotifyAccess=main",
    `ExecStart=${command} run --config ${config}`,
    "# A wrong file fails here, and the running service is left alone. The shell's own",
    "# kill: a small system has no other.",
    `ExecReload=${command} config check --config ${config}`,
    "ExecReload=/bin/sh -c 'kill -HUP $MAINPID'",
    `User=${SERVICE.user}`,
    `Group=${SERVICE.user}`,
    "StateDirectory=lookback",
    "StateDirectoryMode=0750",
    ...(root === SYSTEM_ROOT ? [] : [`ReadWritePaths=${unitWord(root)}`]),
    `WorkingDirectory=${SYSTEM_ROOT}`,
    "# The group may read: it exports footage.",
    "UMask=0027",
    "Restart=always",
    "RestartSec=500ms",
    "# Wrong use, such as settings with a mistake: trying again mends nothing.",
    "RestartPreventExitStatus=2",
    `TimeoutStartSec=${START_SECONDS}`,
    `TimeoutStopSec=${STOP_SECONDS}`,
    `WatchdogSec=${WATCHDOG_SECONDS}`,
    "# SIGTERM goes to Lookback alone, which ends its ffmpegs in order; what is left",
    "# then is killed.",
    "KillMode=mixed",
    "# An ffmpeg that runs out of memory is started again by Lookback.",
    "OOMPolicy=continue",
    "# Memory holds the cameras' passwords.",
    "LimitCORE=0",
  ];
}

/** Takes everything away that a recorder does without. */
function sandbox(devices: readonly string[]): readonly string[] {
  return [
    "",
    "# MemoryDenyWriteExecute= is not here: V8 compiles JavaScript to machine code while",
    "# it runs. PrivateNetwork= and IPAddressDeny= are not: cameras are on the network.",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    ...deviceAccess(devices),
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "ProcSubset=pid",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "LockPersonality=yes",
    "RemoveIPC=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "# A library that tries one of these anyway is refused, not killed.",
    "SystemCallErrorNumber=EPERM",
  ];
}

function deviceAccess(devices: readonly string[]): readonly string[] {
  if (devices.length === 0) return ["PrivateDevices=yes", "DevicePolicy=closed"];
  return [
    "DevicePolicy=closed",
    ...devices.map((device) => `DeviceAllow=${unitWord(device)} rw`),
    "SupplementaryGroups=video",
  ];
}

/** A path as one word of a unit (systemd.syntax(7), "Quoting"; "%" and "$" stand for values). */
function unitWord(path: string): string {
  const plain = path.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (!/[\s"'\\;]/.test(plain)) return plain;
  return `"${plain.replaceAll(/["\\]/g, "\\$&")}"`;
}
