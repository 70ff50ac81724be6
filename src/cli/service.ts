/**
 * `lookback service`: installs Lookback as a systemd service, takes it off again,
 * prints its unit.
 *
 * @module
 */

import { Command } from "commander";
import { resolve } from "node:path";
import {
  describeStep,
  planInstall,
  planUninstall,
  type ServiceFacts,
  serviceObstacle,
  type Step,
} from "../app/service/install.ts";
import { gatherFacts, settingsInPlace, settingsToInstall } from "../app/service/install_facts.ts";
import { carryOut } from "../app/service/install_run.ts";
import { SERVICE, serviceUnit } from "../app/service/unit.ts";
import { maskSecrets } from "../base/secrets.ts";
import { note, print } from "./terminal.ts";

interface ServiceFlags {
  readonly dryRun?: boolean;
}

export function serviceCommand(): Command {
  return new Command("service")
    .description("install Lookback as a systemd service, uninstall it, print its unit")
    .addCommand(printCommand())
    .addCommand(installCommand())
    .addCommand(uninstallCommand())
    .addHelpText("after", "\nExample:\n  sudo lookback service install");
}

function printCommand(): Command {
  return new Command("print")
    .description("print the unit that install writes")
    .option("--program <file>", "where the program lies", SERVICE.program)
    .addHelpText("after", "\nExample:\n  lookback service print > lookback.service")
    .action(printUnit);
}

function installCommand(): Command {
  return new Command("install")
    .description("install the service, or bring an installed one up to date, and start it")
    .option(
      "--config <file>",
      "settings of a service that has none yet (default: lookback.yaml here, if there is one)",
    )
    .option("--dry-run", "show every step and change nothing")
    .addHelpText("after", "\nExample:\n  sudo lookback service install --dry-run")
    .action(install);
}

function uninstallCommand(): Command {
  return new Command("uninstall")
    .description("stop and remove the service; footage and settings stay")
    .option("--purge", "remove footage, settings and user as well")
    .option("--dry-run", "show every step and change nothing")
    .addHelpText("after", "\nExample:\n  sudo lookback service uninstall --dry-run")
    .action(uninstall);
}

async function printUnit({ program }: { readonly program: string }): Promise<void> {
  // The settings are not for everyone's eyes, the unit is.
  const { root } = await settingsInPlace("default");
  print(serviceUnit({ program: resolve(program), root }).trimEnd());
}

async function install(flags: ServiceFlags & { readonly config?: string }): Promise<void> {
  const settings = await settingsToInstall({ configFlag: flags.config, cwd: Deno.cwd() });
  const facts = await gatherFacts(settings);
  await proceed(planInstall(facts), { facts, wish: "install", ...flags });
  if (flags.dryRun) return;
  print("");
  print("Installed. How it does: systemctl status lookback, journalctl -u lookback -f");
  print("Who may export: members of its group, as after usermod --append --groups lookback NAME");
}

async function uninstall(flags: ServiceFlags & { readonly purge?: boolean }): Promise<void> {
  const purge = flags.purge ?? false;
  // Settings with a mistake must not keep the service on the machine. But what
  // footage is to be purged, only they can say.
  const facts = await gatherFacts(await settingsInPlace(purge ? "fail" : "default"));
  const steps = planUninstall(facts, { purge });
  await proceed(steps, { facts, wish: "uninstall", ...flags });
  if (!flags.dryRun) print("Uninstalled.");
}

/** Does the steps, or only shows them. */
async function proceed(
  steps: readonly Step[],
  how: {
    readonly facts: ServiceFacts;
    readonly wish: "install" | "uninstall";
    readonly dryRun?: boolean;
  },
): Promise<void> {
  const obstacle = serviceObstacle(how.facts, how.wish);
  if (!how.dryRun) {
    if (obstacle !== null) throw obstacle;
    return await carryOut(steps, (line) => print(maskSecrets(line)));
  }
  if (obstacle !== null) note(obstacle.toText());
  for (const step of steps) {
    print(maskSecrets(describeStep(step)));
    if (step.type !== "file") continue;
    for (const line of step.text.trimEnd().split("\n")) print(maskSecrets(`    ${line}`));
  }
}
