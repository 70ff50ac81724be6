/**
 * Decides how the service gets onto a machine, and off it again: a list of
 * steps in order, each one harmless when it was done before.
 *
 * In:   what the machine has ({@linkcode ServiceFacts}).
 * Out:  {@linkcode Step}s, which install_run.ts carries out or only shows.
 * Not here: looking at the machine (install_facts.ts), the unit's text
 *       (unit.ts).
 *
 * Pure. Design: docs/design/service.md, "Install"
 *
 * @module
 */

import { dirname, join } from "node:path";
import { EXAMPLE_CONFIG, SYSTEM_ROOT } from "../../../config.ts";
import { OperatorError } from "../../base/errors.ts";
import { SERVICE, serviceUnit } from "./unit.ts";

/** Which programs of a machine make users: those of Linux distributions, or BusyBox's. */
export type AccountTool = "useradd" | "adduser";

/** What is known of the machine. */
export interface ServiceFacts {
  readonly isRoot: boolean;
  /** systemd runs the machine. */
  readonly hasSystemd: boolean;
  /** This process is the executable, not the sources. */
  readonly isStandalone: boolean;
  /** The running program, links resolved. */
  readonly execPath: string;
  readonly hasUser: boolean;
  readonly hasGroup: boolean;
  readonly accountTool: AccountTool | null;
  readonly hasUnit: boolean;
  readonly hasProgram: boolean;
  readonly config: ConfigFacts;
  /** Storage root of the service, absolute. */
  readonly root: string;
  readonly hasRoot: boolean;
}

/** The settings that the service will have. */
export type ConfigFacts =
  /** They are in place, and stay. */
  | {
    readonly from: "installed";
    readonly cameras: number;
    /** Other settings in the working folder, which a person may believe are taken. */
    readonly passedOver?: string;
  }
  /** A file of the person's, to be put in place. */
  | {
    readonly from: "file";
    readonly path: string;
    readonly text: string;
    readonly cameras: number;
  }
  /** There are none yet. */
  | { readonly from: "template" };

/** Who a file belongs to, by name. */
export interface Owner {
  readonly user: string;
  readonly group: string;
}

/** One step. All of them can be done again. */
export type Step =
  | { readonly type: "note"; readonly text: string }
  | {
    readonly type: "run";
    /** What for. */
    readonly says: string;
    readonly command: readonly [string, ...string[]];
    /** A failure is as good: there was nothing to do. */
    readonly mayFail?: true;
  }
  | {
    readonly type: "folder";
    readonly path: string;
    readonly mode: number;
    readonly owner: Owner;
  }
  | {
    readonly type: "file";
    readonly path: string;
    readonly text: string;
    readonly mode: number;
    readonly owner: Owner;
  }
  /** Puts a program in place, whole or not at all. */
  | { readonly type: "copy"; readonly from: string; readonly path: string }
  | { readonly type: "remove"; readonly path: string };

const ROOT_OWNED: Owner = { user: "root", group: "root" };
/** For what the service may read and not change. */
const SERVICE_READABLE: Owner = { user: "root", group: SERVICE.user };
const SERVICE_OWNED: Owner = { user: SERVICE.user, group: SERVICE.user };

/** The settings of a service that has none: valid, without a camera. */
export const SERVICE_CONFIG_TEMPLATE = [
  "# Settings of the Lookback service. After a change: systemctl reload lookback",
  `# Footage lies under ${SYSTEM_ROOT}. Every setting with its meaning: lookback init`,
  "#",
  "# Put your cameras in place of the next line, for example as below it, without the #:",
  "cameras: []",
  ...EXAMPLE_CONFIG.trimEnd().split("\n").map((line) => `#${line}`),
  "",
].join("\n");

/**
 * Why the service can't be installed or uninstalled; null when it can be.
 *
 * @param wish "uninstall" needs no executable and makes no user.
 */
export function serviceObstacle(
  facts: ServiceFacts,
  wish: "install" | "uninstall",
): OperatorError | null {
  const refuse = (found: string, ...fix: readonly [string, ...string[]]) =>
    new OperatorError("usage", `Cannot ${wish} the service: ${found}`, { fix });
  if (!facts.hasSystemd) {
    return refuse(
      "systemd does not run this machine",
      "let the machine's own init system start: lookback run --config FILE",
    );
  }
  if (!facts.isRoot) {
    return refuse(
      "this user is not root",
      `run it as root: sudo lookback service ${wish}`,
      "or see what it would do: add --dry-run",
    );
  }
  if (wish === "uninstall") return null;
  if (!facts.isStandalone) {
    return refuse(
      "this is Lookback's source code, need its executable",
      "build it with ./dev build, then run dist/lookback service install",
    );
  }
  if (!facts.hasUser && facts.accountTool === null) {
    return refuse(
      "there is neither useradd nor adduser to make its user with",
      `make a system user and group "${SERVICE.user}" first`,
    );
  }
  return null;
}

/** The steps that install the service, or bring an installed one up to date. */
export function planInstall(facts: ServiceFacts): readonly Step[] {
  return [
    ...accountSteps(facts),
    ...configSteps(facts.config),
    ...storageSteps(facts),
    ...programSteps(facts),
    {
      type: "file",
      path: SERVICE.unit,
      text: serviceUnit({ program: SERVICE.program, root: facts.root }),
      mode: 0o644,
      owner: ROOT_OWNED,
    },
    systemctl("make systemd read the unit", "daemon-reload"),
    systemctl("start it with the machine", "enable", SERVICE.name),
    ...startSteps(facts),
  ];
}

function accountSteps({ hasUser, hasGroup, accountTool }: ServiceFacts): readonly Step[] {
  const name = SERVICE.user;
  if (hasUser) return [{ type: "note", text: `user "${name}" is there` }];
  const says = `make the system user "${name}"`;
  if (accountTool === "adduser") {
    const group: Step = {
      type: "run",
      says: `make the system group "${name}"`,
      command: ["/usr/sbin/addgroup", "-S", name],
    };
    const account = ["-S", "-D", "-H", "-h", SYSTEM_ROOT, "-s", "/sbin/nologin", "-G", name, name];
    const user: Step = { type: "run", says, command: ["/usr/sbin/adduser", ...account] };
    return hasGroup ? [user] : [group, user];
  }
  const group = hasGroup ? ["--gid", name] : ["--user-group"];
  const home = ["--home-dir", SYSTEM_ROOT, "--no-create-home"];
  const options = ["--system", ...group, ...home, "--shell", "/usr/sbin/nologin"];
  return [{ type: "run", says, command: ["/usr/sbin/useradd", ...options, name] }];
}

function configSteps(config: ConfigFacts): readonly Step[] {
  const folder: Step = {
    type: "folder",
    path: dirname(SERVICE.config),
    mode: 0o750,
    owner: SERVICE_READABLE,
  };
  if (config.from === "installed") {
    const kept: Step = { type: "note", text: `settings ${SERVICE.config} stay as they are` };
    return config.passedOver === undefined ? [kept] : [kept, passedOverNote(config.passedOver)];
  }
  const text = config.from === "file" ? config.text : SERVICE_CONFIG_TEMPLATE;
  const source = config.from === "file" ? `settings of ${config.path}` : "settings of a template";
  return [
    folder,
    { type: "note", text: `${source} become ${SERVICE.config}` },
    // Nobody else may read it: it holds the cameras' passwords.
    { type: "file", path: SERVICE.config, text, mode: 0o640, owner: SERVICE_READABLE },
  ];
}

function passedOverNote(path: string): Step {
  return {
    type: "note",
    text: `${path} is not taken, for the service has settings; to have it taken, move ` +
      `${SERVICE.config} away and run the same command again`,
  };
}

function storageSteps({ root, hasRoot }: ServiceFacts): readonly Step[] {
  const isOurs = root === SYSTEM_ROOT || !hasRoot;
  return [
    isOurs ? { type: "folder", path: root, mode: 0o750, owner: SERVICE_OWNED } : {
      type: "note",
      text:
        `storage root ${root} stays as it is: user "${SERVICE.user}" must be able to write there`,
    },
    // Members of the group export there; the bit for the group keeps what they
    // write the group's.
    { type: "folder", path: join(root, "output"), mode: 0o2770, owner: SERVICE_OWNED },
  ];
}

function programSteps({ execPath }: ServiceFacts): readonly Step[] {
  if (execPath === SERVICE.program) {
    return [{ type: "note", text: `program ${SERVICE.program} is the one that runs now` }];
  }
  return [{ type: "copy", from: execPath, path: SERVICE.program }];
}

function startSteps({ config }: ServiceFacts): readonly Step[] {
  if (config.from !== "template" && config.cameras > 0) {
    return [systemctl("start it anew and wait until it records", "restart", SERVICE.name)];
  }
  return [
    {
      type: "note",
      text: `not started, for no camera is set up: add one to ${SERVICE.config}, ` +
        "then systemctl start lookback",
    },
  ];
}

/**
 * The steps that take the service off the machine. Footage, settings and user
 * stay, unless they are to be purged.
 */
export function planUninstall(
  facts: ServiceFacts,
  wish: { readonly purge: boolean },
): readonly Step[] {
  const kept = [
    ...(facts.hasRoot ? [`footage under ${facts.root}`] : []),
    ...(facts.config.from === "installed" ? [`settings ${SERVICE.config}`] : []),
  ];
  const keptNote: Step = { type: "note", text: `${kept.join(" and ")} stay; --purge removes them` };
  return [
    ...(facts.hasUnit ? unitRemoval() : [{ type: "note", text: "there is no unit" } as const]),
    ...(facts.hasProgram ? [{ type: "remove", path: SERVICE.program } as const] : []),
    ...(wish.purge ? purgeSteps(facts) : kept.length > 0 ? [keptNote] : []),
  ];
}

function unitRemoval(): readonly Step[] {
  return [
    systemctl("stop it and start it no more", "disable", "--now", SERVICE.name),
    { type: "remove", path: SERVICE.unit },
    systemctl("make systemd forget the unit", "daemon-reload"),
    { ...systemctl("forget its failures", "reset-failed", SERVICE.name), mayFail: true },
  ];
}

function purgeSteps({ root, hasUser, accountTool }: ServiceFacts): readonly Step[] {
  const storage = root === SYSTEM_ROOT
    ? [root]
    // The folder itself was the person's choice, and may hold other things.
    : ["data", "frames", "output"].map((name) => join(root, name));
  const program = accountTool === "adduser" ? "/usr/sbin/deluser" : "/usr/sbin/userdel";
  return [
    ...[...storage, dirname(SERVICE.config)].map((path): Step => ({ type: "remove", path })),
    ...(hasUser
      ? [
        {
          type: "run",
          says: `remove the user "${SERVICE.user}" and its group`,
          command: [program, SERVICE.user],
        } as const,
      ]
      : []),
  ];
}

function systemctl(says: string, ...args: readonly string[]): Extract<Step, { type: "run" }> {
  return { type: "run", says, command: ["systemctl", ...args] };
}

/** A step as people read it. */
export function describeStep(step: Step): string {
  switch (step.type) {
    case "note":
      return step.text;
    case "run":
      return `${step.says}: ${step.command.join(" ")}`;
    case "folder":
      return `make folder ${step.path} (${rights(step)})`;
    case "file":
      return `write ${step.path} (${rights(step)})`;
    case "copy":
      return `put ${step.from} in place as ${step.path}`;
    case "remove":
      return `remove ${step.path}`;
  }
}

function rights({ mode, owner }: { readonly mode: number; readonly owner: Owner }): string {
  return `${owner.user}:${owner.group}, mode ${mode.toString(8).padStart(4, "0")}`;
}
