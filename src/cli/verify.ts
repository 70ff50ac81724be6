/**
 * `lookback verify`: with a file, checks an exported film, its receipt and its
 * signature, on any machine; without one, all recorded footage (verify_archive.ts).
 *
 * @module
 */

import { Command } from "commander";
import { resolve } from "node:path";
import { loadConfig } from "../app/config/load_config.ts";
import { OperatorError } from "../base/errors.ts";
import type { Check, KnownKeys } from "../footage/receipt_check.ts";
import { type ExportReport, verifyExport } from "../footage/verify_export.ts";
import { readOwnPublicKey, readPublicKey } from "../host/signing_keys.ts";
import { withReading } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import { print, printJson } from "./terminal.ts";
import { verifyArchiveCommand, type VerifyArchiveFlags } from "./verify_archive.ts";

export interface VerifyFlags extends VerifyArchiveFlags {
  readonly key?: string;
}

/** How a check's result is printed: what needs a look stands out. */
const MARKS: Readonly<Record<Check["result"], string>> = {
  ok: "ok   ",
  fault: "FAULT",
  unsure: "note ",
};

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description("check all recorded footage, or an exported film with its receipt and signature")
    .argument("[file]", "an exported film, its receipt beside it; left out: all recorded footage")
    .option("--key <file>", "the public key that the film must be signed by (PEM)")
    .option("--camera <id>", "footage of this camera only")
    .option("--from <time>", 'footage from then on: "2026-11-21 20:57:09", "yesterday 14:05", -1d')
    .option("--to <time>", "footage up to then")
    .option("--json", "print JSON for programs");
  return withReading(command, "lookback verify front.mp4 --key signing.pub.pem").action(verify);
}

async function verify(file: string | undefined, flags: VerifyFlags): Promise<void> {
  requireFitting(file, flags);
  if (file === undefined) return await verifyArchiveCommand(flags);
  const keys = await knownKeys(flags);
  // The receipt is as good a name for the two.
  const path = resolve(file.replace(/\.json$/, ""));
  const report = await interruptible(async (signal) => {
    using progress = startProgress("verifying");
    const onProgress = (done: number, total: number) => progress.update(done, total);
    return await verifyExport(path, { keys, signal, onProgress });
  });
  if (flags.json) printJson(toJson(report));
  else printReport(report);
  if (!report.isWell) Deno.exitCode = 1;
}

/** Options of the one mode mean nothing in the other. */
function requireFitting(file: string | undefined, { key, camera, from, to }: VerifyFlags): void {
  const isArchive = file === undefined;
  const odd = isArchive ? key : camera ?? from ?? to;
  if (odd === undefined) return;
  throw new OperatorError("usage", `Cannot verify ${isArchive ? "recordings with a key" : file}`, {
    fix: isArchive
      ? ["name the film that is signed: lookback verify front.mp4 --key signing.pub.pem"]
      : ["leave --camera, --from and --to out: they choose recorded footage, not films"],
  });
}

async function knownKeys(flags: VerifyFlags): Promise<KnownKeys> {
  const wanted = flags.key === undefined ? undefined : await readPublicKey(resolve(flags.key));
  return { wanted, own: await ownKey(flags) };
}

/** The key of the storage root at hand; a machine without settings has none. */
async function ownKey({ config, root }: VerifyFlags): Promise<KnownKeys["own"]> {
  try {
    const settings = await loadConfig({
      configFlag: config,
      rootFlag: root,
      cwd: Deno.cwd(),
      allowMissing: true,
    });
    const key = await readOwnPublicKey(settings.root);
    return key === undefined ? undefined : { key, root: settings.root };
  } catch (error) {
    const isAskedFor = config !== undefined || root !== undefined;
    if (!(error instanceof OperatorError) || isAskedFor) throw error;
    return undefined;
  }
}

function printReport({ film, checks }: ExportReport): void {
  print(film);
  for (const { check, result, detail } of checks) {
    print(`  ${MARKS[result]}  ${check.padEnd("signature".length)}  ${detail}`);
  }
  const faults = checks.filter(({ result }) => result === "fault").length;
  if (faults === 0) print("No fault found");
  else print(`Found ${faults} ${faults === 1 ? "fault" : "faults"}`);
}

function toJson({ film, receipt, checks, isWell }: ExportReport): Record<string, unknown> {
  return { film, receipt, ok: isWell, checks };
}
