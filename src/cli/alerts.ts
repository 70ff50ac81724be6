/**
 * `lookback alerts`: tries the ways out with an alert that is made up.
 *
 * @module
 */

import { Command } from "commander";
import { alertPlan } from "../app/alerts.ts";
import { type TrialResult, tryAlerts } from "../app/alerts_trial.ts";
import { systemClock } from "../base/clock.ts";
import { openLog } from "../base/log.ts";
import { formatRecord } from "../base/log_format.ts";
import { parseLogLevels } from "../base/log_levels.ts";
import { maskSecrets } from "../base/secrets.ts";
import { settingsToRead, type SharedOptions, withShared } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { note, print, printJson } from "./terminal.ts";

interface TestFlags extends SharedOptions {
  readonly rule?: string;
  readonly json?: boolean;
}

export function alertsCommand(): Command {
  return new Command("alerts")
    .description("try where alerts go")
    .addCommand(testCommand())
    .addHelpText("after", "\nExample:\n  lookback alerts test");
}

function testCommand(): Command {
  const command = new Command("test")
    .description("send a made-up alert to log, webhooks and commands; exit code 1 if one fails")
    .option("--rule <name>", "as an alert of this rule, with its priority and its text")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback alerts test --rule night-watch").action(test);
}

async function test(flags: TestFlags): Promise<void> {
  const plan = alertPlan(await settingsToRead(flags));
  using _log = openLog({
    levels: parseLogLevels("info"),
    write: (record) => note(formatRecord("plain", record)),
  });
  const results: TrialResult[] = [];
  await interruptible(async (signal) => {
    const trial = tryAlerts(plan, { clock: systemClock, signal, ruleName: flags.rule });
    for await (const result of trial) {
      results.push(result);
      if (!flags.json) print(line(result));
    }
  });
  if (flags.json) printJson({ sinks: results.map(toJson) });
  if (results.some(isFailed)) Deno.exitCode = 1;
}

const WORDS = {
  delivered: "delivered",
  failed: "failed",
  refused: "failed",
  "left-out": "left out",
} as const;

function line({ sink, priority, delivery }: TrialResult): string {
  const text = `${sink}: ${WORDS[delivery.outcome]} (${priority}): ${delivery.detail}`;
  return maskSecrets(text.replaceAll(/\p{Cc}+/gu, " "));
}

function toJson({ sink, priority, delivery }: TrialResult): Record<string, unknown> {
  const { outcome, detail } = delivery;
  return { sink, priority, outcome: outcome.replace("-", "_"), detail: maskSecrets(detail) };
}

function isFailed({ delivery: { outcome } }: TrialResult): boolean {
  return outcome === "failed" || outcome === "refused";
}
