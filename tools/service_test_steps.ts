/**
 * What tools/service_test.ts does with the service on a real systemd, in order:
 * from a bare executable to an uninstalled service.
 *
 * @module
 */

import { WATCHDOG_SECONDS } from "../src/app/service/unit.ts";
import { Journal } from "./service_test_journal.ts";
import { GUEST_PROGRAM, type Machine } from "./service_test_machine.ts";

/** A step: what it shows, and how. It answers with what was seen. */
export interface ServiceStep {
  readonly title: string;
  readonly run: (world: World) => Promise<string>;
}

export interface World {
  readonly machine: Machine;
  readonly journal: Journal;
}

/** Longest time from a killed process to footage of all cameras, in milliseconds. */
const BACK_LIMIT_MS = 5_000;

/** The same after the watchdog has struck. */
const WATCHDOG_LIMIT_MS = WATCHDOG_SECONDS * 1_000 + BACK_LIMIT_MS;

/** TimeoutStopSec= of the unit, in milliseconds. */
const STOP_LIMIT_MS = 15_000;

/** For what has no limit of its own, in milliseconds. */
const PATIENCE_MS = 30_000;

const SETTINGS = `batch: { duration_seconds: 2 }
cameras:
  - { id: front, source: "test://320x180@25" }
  - { id: yard, source: "test://320x180@25" }
`;

const CAMERAS = ["front", "yard"] as const;
const ALL_RECORD = CAMERAS.map((id) => new RegExp(`capture ${id}: Recording`));
const STARTED = /^Started lookback\.service/;

export const STEPS: readonly ServiceStep[] = [
  { title: "service install: active, and two cameras record", run: install },
  { title: "service print: clean for systemd-analyze, exposure at most 2.0", run: analyze },
  { title: "kill -9: recording again within 5 s", run: killed },
  { title: "SIGSTOP: the watchdog starts it anew", run: frozen },
  {
    title: "systemctl reload: a new camera starts, the others go on; a mistake changes nothing",
    run: reload,
  },
  { title: "service install again: the program is replaced, the settings stay", run: upgrade },
  { title: "export by another user of the service's group", run: exportAsMember },
  { title: "systemctl stop: within the time-out, every frame in a batch", run: stop },
  { title: "export by that user while the service is stopped", run: exportAsMember },
  { title: "service uninstall: footage and settings stay; --purge leaves nothing", run: uninstall },
];

async function install({ machine, journal }: World): Promise<string> {
  await must(machine, `cat > lookback.yaml <<'END'\n${SETTINGS}END`);
  const tookMs = await timed(() => must(machine, `${GUEST_PROGRAM} service install`));
  await journal.waitFor(ALL_RECORD, PATIENCE_MS);
  await journal.waitFor([STARTED], PATIENCE_MS);
  const { active, status } = await serviceState(machine);
  check(active === "active", `the service is ${active}`);
  check(status.startsWith("2 of 2 cameras recording"), `its status is "${status}"`);
  return `${seconds(tookMs)}; status "${status}"`;
}

async function analyze({ machine }: World): Promise<string> {
  await must(machine, "mkdir -p printed && lookback service print > printed/lookback.service");
  await must(machine, "cmp printed/lookback.service /etc/systemd/system/lookback.service");
  const verified = await machine.run("systemd-analyze verify printed/lookback.service");
  check(verified.code === 0 && verified.stderr === "", verified.stderr);
  const security = "systemd-analyze --no-pager security --offline=true printed/lookback.service";
  const table = await must(machine, security);
  const exposure = Number(/Overall exposure level[^:]*: (\d+\.\d+)/.exec(table)?.[1]);
  check(exposure <= 2, `the exposure is ${exposure}`);
  return `clean, exposure ${exposure}`;
}

async function killed(world: World): Promise<string> {
  return await comesBack(world, {
    signal: "KILL",
    sign: /Main process exited, code=killed, status=9/,
    limitMs: BACK_LIMIT_MS,
  });
}

async function frozen(world: World): Promise<string> {
  return await comesBack(world, {
    signal: "STOP",
    sign: /Watchdog timeout/,
    limitMs: WATCHDOG_LIMIT_MS,
  });
}

/** Sends a signal to the main process, and waits until another one records. */
async function comesBack(
  { machine, journal }: World,
  fault: { readonly signal: string; readonly sign: RegExp; readonly limitMs: number },
): Promise<string> {
  const before = await serviceState(machine);
  const startedAt = performance.now();
  await must(machine, `kill -${fault.signal} ${before.pid}`);
  await journal.waitFor([fault.sign], fault.limitMs);
  await journal.waitFor(ALL_RECORD, fault.limitMs - (performance.now() - startedAt));
  const backMs = performance.now() - startedAt;
  await journal.waitFor([STARTED], PATIENCE_MS);
  const readyMs = performance.now() - startedAt;
  const after = await serviceState(machine);
  check(after.pid !== before.pid && after.active === "active", `the service is ${after.active}`);
  return `recording after ${seconds(backMs)}, ready after ${seconds(readyMs)}`;
}

async function reload({ machine, journal }: World): Promise<string> {
  const file = "/etc/lookback/lookback.yaml";
  const before = await serviceState(machine);
  await must(machine, `echo '  - { id: gate, source: "test://160x90@10" }' >> ${file}`);
  const tookMs = await timed(() => must(machine, "systemctl reload lookback"));
  await journal.waitFor(
    [/1 started, 0 restarted, 0 stopped, 2 untouched/, /capture gate: Recording/],
    PATIENCE_MS,
  );
  await must(
    machine,
    `cp ${file} /root/good.yaml; echo 'bach: { duration_seconds: 2 }' >> ${file}`,
  );
  const wrong = await machine.run("systemctl reload lookback");
  await must(machine, `cat /root/good.yaml > ${file}`);
  check(wrong.code !== 0, "a file with a mistake was taken");
  await journal.waitFor([/found 1 mistake/, /bach/], PATIENCE_MS);
  const after = await serviceState(machine);
  check(after.pid === before.pid, "the process is another one");
  return `${seconds(tookMs)}; 1 camera started, 2 untouched; the mistake was refused and named`;
}

async function upgrade({ machine, journal }: World): Promise<string> {
  const fingerprint = "stat -c '%i' /usr/local/bin/lookback; sha256sum /etc/lookback/lookback.yaml";
  const [oldFile, oldSettings] = (await must(machine, fingerprint)).split("\n");
  const before = await serviceState(machine);
  const tookMs = await timed(() => must(machine, `${GUEST_PROGRAM} service install`));
  await journal.waitFor([/^Stopped lookback/], PATIENCE_MS);
  await journal.waitFor([...ALL_RECORD, STARTED], PATIENCE_MS);
  const after = await serviceState(machine);
  const [newFile, newSettings] = (await must(machine, fingerprint)).split("\n");
  check(oldFile !== newFile, "the program's file is the same");
  check(oldSettings === newSettings, "the settings are others");
  check(before.pid !== after.pid, "the process is the same");
  const running = await must(machine, `stat -L -c '%i' /proc/${after.pid}/exe`);
  check(running === newFile, "the process does not run the new file");
  return seconds(tookMs);
}

async function exportAsMember({ machine }: World): Promise<string> {
  await must(machine, "id ann >/dev/null 2>&1 || useradd --create-home --groups lookback ann");
  const statusScript = "lookback status --json";
  const { cameras } = JSON.parse(await must(machine, statusScript, "ann")) as {
    readonly cameras: readonly { readonly camera_id: string; readonly recorded_from: string }[];
  };
  const from = cameras.find(({ camera_id }) => camera_id === "front")?.recorded_from;
  const at = `--camera front --at ${from} --duration 2s --json`;
  const { path, receipt } = JSON.parse(await must(machine, `lookback export ${at}`, "ann"));
  const owner = await must(machine, `stat -c '%U:%G' ${path}`);
  check(owner === "ann:lookback", `the film is ${owner}'s`);
  await must(machine, `ffprobe -v error ${path}`, "ann");
  return `${receipt.delivered.frames} frames in ${path}`;
}

async function stop({ machine }: World): Promise<string> {
  const tookMs = await timed(() => must(machine, "systemctl stop lookback"));
  check(tookMs < STOP_LIMIT_MS, `it took ${seconds(tookMs)}`);
  const result = await must(machine, "systemctl show --property=Result --value lookback");
  check(result === "success", `the result is ${result}`);
  // Not as root, whom SQLite lets do what a member of the group can't.
  const status = JSON.parse(await must(machine, "lookback status --json", "ann"));
  const newest: string[] = [];
  for (const { camera_id: id, newest_frame_id: inBatch } of status.cameras) {
    const script = `tail -q -n 1 $(ls /var/lib/lookback/data/frames/${id}/*/*.jsonl | tail -n 1)`;
    const { frame_id: logged } = JSON.parse(await must(machine, script));
    check(logged === inBatch, `"${id}" logged frame ${logged}, its last batch ends at ${inBatch}`);
    newest.push(`${id} ${logged}`);
  }
  return `${seconds(tookMs)}; last frame logged and in a batch: ${newest.join(", ")}`;
}

async function uninstall({ machine }: World): Promise<string> {
  await must(machine, `${GUEST_PROGRAM} service uninstall`);
  const leftOver = async (...paths: readonly string[]) => {
    const { stdout } = await machine.run(`ls -d ${paths.join(" ")} 2>/dev/null`);
    return stdout.split("\n").filter((path) => path !== "");
  };
  const ofService = ["/usr/local/bin/lookback", "/etc/systemd/system/lookback.service"];
  const ofPerson = ["/etc/lookback/lookback.yaml", "/var/lib/lookback/data/lookback.db"];
  const { active } = await serviceState(machine);
  check(active === "inactive", `the service is ${active}`);
  const [service, kept] = [await leftOver(...ofService), await leftOver(...ofPerson)];
  check(service.length === 0, `there is still ${service.join(", ")}`);
  check(kept.length === 2, `only ${kept.join(", ")} was kept`);
  await must(machine, `${GUEST_PROGRAM} service uninstall --purge`);
  const purged = await leftOver("/etc/lookback", "/var/lib/lookback");
  check(purged.length === 0, `there is still ${purged.join(", ")}`);
  check((await machine.run("id lookback")).code !== 0, "the user is still there");
  return "kept, then purged";
}

interface ServiceState {
  readonly active: string;
  readonly pid: string;
  readonly status: string;
}

async function serviceState(machine: Machine): Promise<ServiceState> {
  const script = "systemctl show --property=ActiveState,MainPID,StatusText lookback";
  const found = Object.fromEntries(
    (await must(machine, script)).split("\n").map((line) => {
      const [key, ...value] = line.split("=");
      return [key, value.join("=")];
    }),
  );
  return {
    active: found.ActiveState ?? "",
    pid: found.MainPID ?? "",
    status: found.StatusText ?? "",
  };
}

/** Runs a script that must succeed. Returns what it printed. */
async function must(machine: Machine, script: string, user?: string): Promise<string> {
  const { code, stdout, stderr } = await machine.run(script, user);
  check(code === 0, `"${script}" ended with ${code}:\n${stderr || stdout}`);
  return stdout;
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
