import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parseConfig, SYSTEM_CONFIG_PATH, SYSTEM_ROOT } from "../../../config.ts";
import {
  describeStep,
  planInstall,
  planUninstall,
  SERVICE_CONFIG_TEMPLATE,
  type ServiceFacts,
  serviceObstacle,
  type Step,
} from "../../../src/app/service/install.ts";
import { SERVICE, serviceUnit } from "../../../src/app/service/unit.ts";

/** A machine without Lookback, and a person who has written settings. */
const FRESH: ServiceFacts = {
  isRoot: true,
  hasSystemd: true,
  isStandalone: true,
  execPath: "/home/ann/lookback",
  hasUser: false,
  hasGroup: false,
  accountTool: "useradd",
  hasUnit: false,
  hasProgram: false,
  config: { from: "file", path: "/home/ann/lookback.yaml", text: "cameras: []\n", cameras: 2 },
  root: SYSTEM_ROOT,
  hasRoot: false,
};

/** The same machine afterwards. */
const INSTALLED: ServiceFacts = {
  ...FRESH,
  hasUser: true,
  hasGroup: true,
  hasUnit: true,
  hasProgram: true,
  config: { from: "installed", cameras: 2 },
  hasRoot: true,
};

const UNIT = `write ${SERVICE.unit} (root:root, mode 0644)`;
const STATE = `make folder ${SYSTEM_ROOT} (lookback:lookback, mode 0750)`;
const OUTPUT = `make folder ${SYSTEM_ROOT}/output (lookback:lookback, mode 2770)`;
const READ_UNIT = "make systemd read the unit: systemctl daemon-reload";
const ENABLE = "start it with the machine: systemctl enable lookback.service";
const START = "start it anew and wait until it records: systemctl restart lookback.service";

const INSTALLS: readonly {
  readonly name: string;
  readonly facts: ServiceFacts;
  readonly steps: readonly string[];
}[] = [
  {
    name: "does everything on a fresh machine",
    facts: FRESH,
    steps: [
      'make the system user "lookback": /usr/sbin/useradd --system --user-group ' +
      "--home-dir /var/lib/lookback --no-create-home --shell /usr/sbin/nologin lookback",
      "make folder /etc/lookback (root:lookback, mode 0750)",
      "settings of /home/ann/lookback.yaml become /etc/lookback/lookback.yaml",
      "write /etc/lookback/lookback.yaml (root:lookback, mode 0640)",
      ...[STATE, OUTPUT, "put /home/ann/lookback in place as /usr/local/bin/lookback"],
      ...[UNIT, READ_UNIT, ENABLE, START],
    ],
  },
  {
    name: "brings an installed service up to date and leaves its settings alone",
    facts: INSTALLED,
    steps: [
      'user "lookback" is there',
      "settings /etc/lookback/lookback.yaml stay as they are",
      ...[STATE, OUTPUT, "put /home/ann/lookback in place as /usr/local/bin/lookback"],
      ...[UNIT, READ_UNIT, ENABLE, START],
    ],
  },
  {
    name: "says that a settings file of the working folder is not taken",
    facts: {
      ...INSTALLED,
      config: { from: "installed", cameras: 2, passedOver: "/home/ann/lookback.yaml" },
    },
    steps: [
      'user "lookback" is there',
      "settings /etc/lookback/lookback.yaml stay as they are",
      "/home/ann/lookback.yaml is not taken, for the service has settings; to have it taken, " +
      "move /etc/lookback/lookback.yaml away and run the same command again",
      ...[STATE, OUTPUT, "put /home/ann/lookback in place as /usr/local/bin/lookback"],
      ...[UNIT, READ_UNIT, ENABLE, START],
    ],
  },
  {
    name: "does not copy the installed program onto itself",
    facts: { ...INSTALLED, execPath: SERVICE.program },
    steps: [
      'user "lookback" is there',
      "settings /etc/lookback/lookback.yaml stay as they are",
      ...[STATE, OUTPUT, "program /usr/local/bin/lookback is the one that runs now"],
      ...[UNIT, READ_UNIT, ENABLE, START],
    ],
  },
];

for (const { name, facts, steps } of INSTALLS) {
  Deno.test(`planInstall() ${name}`, () => {
    deepStrictEqual(planInstall(facts).map(describeStep), steps);
  });
}

/** The commands that a plan runs. */
function commandsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => step.type === "run" ? [step.command.join(" ")] : []);
}

const ACCOUNTS: readonly {
  readonly name: string;
  readonly facts: Partial<ServiceFacts>;
  readonly commands: readonly string[];
}[] = [
  {
    name: "joins a group that is there",
    facts: { hasGroup: true },
    commands: [
      "/usr/sbin/useradd --system --gid lookback --home-dir /var/lib/lookback " +
      "--no-create-home --shell /usr/sbin/nologin lookback",
    ],
  },
  {
    name: "uses BusyBox's adduser where there is no useradd",
    facts: { accountTool: "adduser" },
    commands: [
      "/usr/sbin/addgroup -S lookback",
      "/usr/sbin/adduser -S -D -H -h /var/lib/lookback -s /sbin/nologin -G lookback lookback",
    ],
  },
  { name: "makes no user when it is there", facts: { hasUser: true }, commands: [] },
];

for (const { name, facts, commands } of ACCOUNTS) {
  Deno.test(`planInstall() ${name}`, () => {
    const all = commandsOf(planInstall({ ...FRESH, ...facts }));
    deepStrictEqual(all.filter((command) => !command.startsWith("systemctl")), commands);
  });
}

const WITHOUT_CAMERA: readonly Partial<ServiceFacts>[] = [
  { config: { from: "template" } },
  { config: { from: "installed", cameras: 0 } },
];

for (const facts of WITHOUT_CAMERA) {
  Deno.test(`planInstall() does not start a service without a camera (${facts.config?.from})`, () => {
    const steps = planInstall({ ...FRESH, ...facts });
    const expected = ["systemctl daemon-reload", "systemctl enable lookback.service"];
    deepStrictEqual(commandsOf(steps).slice(-2), expected);
    match(describeStep(steps.at(-1)!), /^not started, for no camera is set up: add one to /);
  });
}

Deno.test("planInstall() gives a storage root that it has to make to the service", () => {
  const steps = planInstall({ ...FRESH, root: "/mnt/nvr" }).map(describeStep);
  ok(steps.includes("make folder /mnt/nvr (lookback:lookback, mode 0750)"), steps.join("\n"));
  ok(steps.includes("make folder /mnt/nvr/output (lookback:lookback, mode 2770)"));
});

Deno.test("planInstall() leaves the rights of a storage root alone that was there before", () => {
  const steps = planInstall({ ...FRESH, root: "/mnt/nvr", hasRoot: true });
  ok(!steps.some((step) => step.type === "folder" && step.path === "/mnt/nvr"));
  const unit = steps.find((step) => step.type === "file" && step.path === SERVICE.unit);
  const text = serviceUnit({ program: SERVICE.program, root: "/mnt/nvr" });
  strictEqual(unit?.type === "file" ? unit.text : "", text);
});

Deno.test("SERVICE_CONFIG_TEMPLATE is valid, and its cameras are once the # are gone", () => {
  const place = { path: SYSTEM_CONFIG_PATH, cwd: "/" };
  const { root, cameras } = parseConfig(SERVICE_CONFIG_TEMPLATE, place);
  deepStrictEqual([root, cameras], [SYSTEM_ROOT, []]);
  const [before, example] = SERVICE_CONFIG_TEMPLATE.split("cameras: []\n") as [string, string];
  const edited = before + example.replaceAll(/^#/gm, "");
  deepStrictEqual(parseConfig(edited, place).cameras.map(({ id }) => id), ["front", "lab"]);
});

const UNINSTALLS: readonly {
  readonly name: string;
  readonly facts: Partial<ServiceFacts>;
  readonly purge: boolean;
  readonly steps: readonly string[];
}[] = [
  {
    name: "keeps footage, settings and user",
    facts: {},
    purge: false,
    steps: [
      "stop it and start it no more: systemctl disable --now lookback.service",
      "remove /etc/systemd/system/lookback.service",
      "make systemd forget the unit: systemctl daemon-reload",
      "forget its failures: systemctl reset-failed lookback.service",
      "remove /usr/local/bin/lookback",
      "footage under /var/lib/lookback and settings /etc/lookback/lookback.yaml stay; " +
      "--purge removes them",
    ],
  },
  {
    name: "removes everything when it is to be purged",
    facts: {},
    purge: true,
    steps: [
      "stop it and start it no more: systemctl disable --now lookback.service",
      "remove /etc/systemd/system/lookback.service",
      "make systemd forget the unit: systemctl daemon-reload",
      "forget its failures: systemctl reset-failed lookback.service",
      "remove /usr/local/bin/lookback",
      ...["remove /var/lib/lookback", "remove /etc/lookback"],
      'remove the user "lookback" and its group: /usr/sbin/userdel lookback',
    ],
  },
  {
    name: "purges only its own folders of a storage root elsewhere",
    facts: { hasUnit: false, hasProgram: false, hasUser: false, root: "/mnt/nvr" },
    purge: true,
    steps: [
      "there is no unit",
      ...["remove /mnt/nvr/data", "remove /mnt/nvr/frames", "remove /mnt/nvr/output"],
      "remove /etc/lookback",
    ],
  },
  {
    name: "has nothing to do where nothing is",
    facts: { ...FRESH, config: { from: "template" } },
    purge: false,
    steps: ["there is no unit"],
  },
];

for (const { name, facts, purge, steps } of UNINSTALLS) {
  Deno.test(`planUninstall() ${name}`, () => {
    const plan = planUninstall({ ...INSTALLED, ...facts }, { purge });
    deepStrictEqual(plan.map(describeStep), steps);
  });
}

const OBSTACLES: readonly {
  readonly name: string;
  readonly facts: Partial<ServiceFacts>;
  readonly install: string | null;
  readonly uninstall: string | null;
}[] = [
  { name: "a fresh machine", facts: {}, install: null, uninstall: null },
  {
    name: "a person who is not root",
    facts: { isRoot: false },
    install: "this user is not root",
    uninstall: "this user is not root",
  },
  {
    name: "a machine without systemd",
    facts: { hasSystemd: false },
    install: "systemd does not run this machine",
    uninstall: "systemd does not run this machine",
  },
  {
    name: "the sources",
    facts: { isStandalone: false },
    install: "this is Lookback's source code, need its executable",
    uninstall: null,
  },
  {
    name: "a machine that can't make a user",
    facts: { accountTool: null },
    install: "there is neither useradd nor adduser to make its user with",
    uninstall: null,
  },
  {
    name: "a machine that needs to make no user",
    facts: { accountTool: null, hasUser: true },
    install: null,
    uninstall: null,
  },
];

for (const { name, facts, ...wishes } of OBSTACLES) {
  Deno.test(`serviceObstacle() answers for ${name}`, () => {
    for (const wish of ["install", "uninstall"] as const) {
      const found = wishes[wish];
      const expected = found === null ? undefined : `Cannot ${wish} the service: ${found}`;
      strictEqual(serviceObstacle({ ...FRESH, ...facts }, wish)?.message, expected);
    }
  });
}
