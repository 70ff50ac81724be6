/**
 * `lookback doctor`: looks at everything that recording needs and says what to
 * do; packs it for a bug report.
 *
 * @module
 */

import { Command } from "commander";
import { dirname, resolve } from "node:path";
import { reportYaml } from "../app/config/report.ts";
import type { LayeredConfig } from "../app/config/layers.ts";
import { packBundle } from "../app/doctor/bundle.ts";
import { examine } from "../app/doctor/examine.ts";
import { type Finding, gravest } from "../app/doctor/finding.ts";
import { readVersions } from "../app/doctor/versions.ts";
import { chooseFfmpeg, type FfmpegChoice } from "../app/ffmpeg_choice.ts";
import { loadLayers } from "../app/config/load_config.ts";
import { systemClock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { isoUtc } from "../base/units.ts";
import { ensureFolder, writeAll } from "../host/durable.ts";
import { lastLines } from "../host/last_lines.ts";
import { toolOutput } from "../host/tool_output.ts";
import { type SharedOptions, withShared } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { columns, isTerminal, note, print, printJson } from "./terminal.ts";
import { VERSION, VERSION_LINE } from "./version.ts";
import { wrapText } from "./wrap_text.ts";

interface DoctorFlags extends SharedOptions {
  readonly json?: boolean;
  readonly bundle?: string;
  readonly logFile?: string;
}

/** A narrow terminal breaks lines by itself, in columns. */
const LEAST_WIDTH = 30;

/** Log lines that go into a bundle. */
const LOG_LINES = 500;

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description(
      "look at everything that recording needs and say what to do; exit code 1 on a problem",
    )
    .option("--json", "print JSON for programs")
    .option("--bundle <file>", "also pack it for a bug report as a new .tar.gz, without passwords")
    .option("--log-file <file>", "log whose last lines go into the bundle (default: the journal)");
  return withShared(command, "lookback doctor --bundle report.tar.gz").action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const layers = await loadOrFault(flags);
  const settings = layers instanceof OperatorError ? layers : layers.settings;
  const programs = await orFault(
    chooseFfmpeg(settings instanceof OperatorError ? defaultPrograms(flags) : settings),
  );
  const nowMs = systemClock.now();
  // Made first: a name that is taken should not cost the wait.
  await using bundle = flags.bundle === undefined ? undefined : await newBundle(flags.bundle);
  if (!flags.json) {
    note("Looking at programs, disk, machine and cameras; cameras take some seconds");
  }
  const findings = await interruptible((signal) => examine({ settings, programs, nowMs, signal }));
  const report = { version: VERSION, at: isoUtc(nowMs), ...toJson(findings) };
  if (flags.json) printJson(report);
  else printFindings(findings);
  if (bundle !== undefined) {
    await bundle.write(await pack({ layers, programs, report, nowMs, logFile: flags.logFile }));
    note(`Packed ${bundle.path}: please look through it before you send it`);
  }
  if (gravest(findings) === "problem") Deno.exitCode = 1;
}

/** The settings, or what is wrong with them. */
async function loadOrFault(flags: DoctorFlags): Promise<LayeredConfig | OperatorError> {
  const { config: configFlag, root: rootFlag } = flags;
  const layers = await orFault(
    loadLayers({ configFlag, rootFlag, cwd: Deno.cwd(), allowMissing: true }),
  );
  if (layers instanceof OperatorError && layers.code === "usage") throw layers;
  return layers;
}

/** A fault is something to report: the doctor looks at the rest all the same. */
async function orFault<T>(work: Promise<T>): Promise<T | OperatorError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
}

/** What is looked at when the settings can't be read. */
function defaultPrograms(flags: DoctorFlags): Parameters<typeof chooseFfmpeg>[0] {
  return { root: resolve(flags.root ?? "."), ffmpegPath: "ffmpeg", ffprobePath: "ffprobe" };
}

function toJson(findings: readonly Finding[]): Record<string, unknown> {
  return {
    verdict: gravest(findings),
    findings: findings.map(({ check, verdict, says, fix, facts }) => ({
      check,
      verdict,
      says,
      fix,
      facts,
    })),
  };
}

function printFindings(findings: readonly Finding[]): void {
  const checkWidth = Math.max(...findings.map(({ check }) => check.length));
  const indent = " ".repeat(checkWidth + 11);
  // Programs that read this get a line a finding.
  const width = isTerminal() ? Math.max(LEAST_WIDTH, columns() - indent.length) : Infinity;
  for (const { check, verdict, says, fix } of findings) {
    const head = `${verdict.padEnd(7)}  ${check.padEnd(checkWidth)}  `;
    const lines = [says, ...(fix === null ? [] : [`fix: ${fix}`])]
      .flatMap((text) => wrapText(text, width));
    lines.forEach((line, index) => print(`${index === 0 ? head : indent}${line}`));
  }
  const counts = (["ok", "warning", "problem"] as const).map((verdict) => {
    const count = findings.filter((finding) => finding.verdict === verdict).length;
    return `${count} ${verdict}${verdict === "ok" || count === 1 ? "" : "s"}`;
  });
  print(counts.join(", "));
}

async function pack({ layers, programs, report, nowMs, logFile }: {
  readonly layers: LayeredConfig | OperatorError;
  readonly programs: FfmpegChoice | OperatorError;
  readonly report: unknown;
  readonly nowMs: number;
  readonly logFile: string | undefined;
}): Promise<Uint8Array<ArrayBuffer>> {
  const settings = layers instanceof OperatorError ? null : layers.settings;
  return await packBundle({
    report,
    versions: await readVersions(VERSION_LINE, programs),
    settingsYaml: layers instanceof OperatorError
      ? null
      : reportYaml(layers, { shownFile: layers.settings.configPath }),
    root: settings?.root ?? null,
    log: await readLog(logFile),
    sources: settings?.cameras.map(({ source }) => source) ?? [],
    nowMs,
  });
}

/** The last log lines: of the file, else of the service's journal; null where there is neither. */
async function readLog(logFile: string | undefined): Promise<readonly string[] | null> {
  if (logFile === undefined) {
    const journal = ["--unit=lookback", `--lines=${LOG_LINES}`, "--quiet", "--output=short-iso"];
    const lines = (await toolOutput("journalctl", journal))?.trimEnd() ?? "";
    return lines === "" ? null : lines.split("\n");
  }
  try {
    return await lastLines(logFile, LOG_LINES);
  } catch (error) {
    note(`Cannot read the log file "${logFile}": ${messageOf(error)}`);
    return null;
  }
}

interface NewBundle extends AsyncDisposable {
  readonly path: string;
  write(bytes: Uint8Array): Promise<void>;
}

/** A new file for the bundle, for this user alone. Removed again if nothing gets written. */
async function newBundle(out: string): Promise<NewBundle> {
  const path = resolve(out);
  await ensureFolder(dirname(path));
  const file = await createNew(path);
  let isWritten = false;
  return {
    path,
    async write(bytes) {
      await writeAll(file, bytes);
      await file.sync();
      isWritten = true;
    },
    async [Symbol.asyncDispose]() {
      file.close();
      if (!isWritten) await Deno.remove(path);
    },
  };
}

async function createNew(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new OperatorError("export-target-exists", `Cannot write "${path}": it is there already`, {
      fix: ["give another name with --bundle", "or move the old file away"],
    });
  }
}
