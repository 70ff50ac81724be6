/**
 * `lookback config`: checks the settings, shows those in effect and where they
 * come from, and prints their schema for editors.
 *
 * @module
 */

import { Command } from "commander";
import { configJsonSchema, type Settings } from "../../config.ts";
import { configVariables, readEnvironment } from "../app/config/environment.ts";
import { shownPath } from "../app/config/mistakes.ts";
import { reportData, reportYaml } from "../app/config/report.ts";
import { loadLayers } from "../app/config/load_config.ts";
import { OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { type SharedOptions, withShared } from "./context.ts";
import { print, printJson } from "./terminal.ts";

interface ConfigFlags extends SharedOptions {
  readonly json?: boolean;
}

export function configCommand(): Command {
  return new Command("config")
    .description("check the settings, show those in effect, print their schema")
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addCommand(schemaCommand())
    .addHelpText("after", "\nExample:\n  lookback config check");
}

function checkCommand(): Command {
  const command = new Command("check")
    .description("check the settings file and the environment; exit code 2 when something is wrong")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback config check --config /etc/lookback/lookback.yaml")
    .action(check);
}

function showCommand(): Command {
  const command = new Command("show")
    .description("show the settings in effect, without passwords, and where each comes from")
    .option("--json", "print JSON for programs");
  return withShared(command, "LOOKBACK_STILLS_QUALITY=70 lookback config show")
    .addHelpText("after", () => `\nVariables:\n  ${variableNames().join("\n  ")}`)
    .action(show);
}

function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the settings file, with which editors complete keys")
    .addHelpText("after", "\nExample:\n  lookback config schema > lookback.schema.json")
    .action(() => printJson(configJsonSchema()));
}

function variableNames(): readonly string[] {
  return configVariables().map(({ name }) => name);
}

async function check(flags: ConfigFlags): Promise<void> {
  try {
    const { settings } = await loadLayers(loadOptions(flags));
    if (flags.json) printJson({ ok: true, ...summary(settings) });
    else for (const line of summaryLines(settings)) print(line);
  } catch (error) {
    if (flags.json && error instanceof OperatorError) printJson(refusal(error));
    throw error;
  }
}

function summary(settings: Settings): Record<string, unknown> {
  return {
    config: settings.configPath,
    root: settings.root,
    cameras: settings.cameras.length,
    cameras_enabled: settings.cameras.filter(({ enabled }) => enabled).length,
    batch_seconds: settings.batchDurationMs / 1_000,
    variables: variablesInUse(),
  };
}

function summaryLines(settings: Settings): readonly string[] {
  const { configPath, cameras, root, batchDurationMs } = settings;
  const disabled = cameras.filter(({ enabled }) => !enabled).length;
  const variables = variablesInUse();
  return [
    `${configPath === null ? "environment" : shownPath(configPath, Deno.cwd())}: no mistakes`,
    `  cameras  ${cameras.length}${disabled > 0 ? `, ${disabled} of them disabled` : ""}`,
    `  root     ${root}`,
    `  batches  ${batchDurationMs / 1_000} s`,
    ...(variables.length > 0 ? [`  from the environment: ${variables.join(", ")}`] : []),
  ];
}

function variablesInUse(): readonly string[] {
  return readEnvironment(Deno.env.toObject()).assignments.map(({ label }) => label);
}

function refusal({ code, message }: OperatorError): Record<string, unknown> {
  const [problem, ...mistakes] = maskSecrets(message).split("\n").map((line) => line.trim());
  return { ok: false, code, problem, mistakes };
}

async function show(flags: ConfigFlags): Promise<void> {
  const layers = await loadLayers({ ...loadOptions(flags), allowMissing: true });
  const { configPath } = layers.settings;
  const shownFile = configPath === null ? null : shownPath(configPath, Deno.cwd());
  if (flags.json) printJson({ file: configPath, ...reportData(layers, { shownFile }) });
  else print(reportYaml(layers, { shownFile }).trimEnd());
}

function loadOptions(flags: SharedOptions): Parameters<typeof loadLayers>[0] {
  return { configFlag: flags.config, rootFlag: flags.root, cwd: Deno.cwd() };
}
