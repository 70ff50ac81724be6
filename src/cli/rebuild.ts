/**
 * `lookback rebuild`: makes the database again from ledger files and recordings,
 * also that of a disk which may not be written to.
 *
 * @module
 */

import { Command } from "commander";
import { dirname, join, resolve } from "node:path";
import type { Settings } from "../../config.ts";
import { exists } from "../app/archive.ts";
import { loadConfig } from "../app/config/load_config.ts";
import {
  rebuildDatabase,
  type RebuildReport,
  type RebuildSource,
  type RebuildStep,
} from "../app/rebuild.ts";
import { OperatorError } from "../base/errors.ts";
import { holdRoot, isRootHeld } from "../host/root_lock.ts";
import { type SharedOptions, withShared } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { type ProgressBar, startProgress } from "./progress.ts";
import { note, print, printJson } from "./terminal.ts";

interface RebuildFlags extends SharedOptions {
  readonly into?: string;
  readonly json?: boolean;
}

export function rebuildCommand(): Command {
  const command = new Command("rebuild")
    .description("make the database again from the ledger files and the recordings")
    .option("--into <file>", "write the new database here, and nothing below the storage root")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback rebuild --root /mnt/disk --into /tmp/disk.db")
    .action(rebuild);
}

async function rebuild(flags: RebuildFlags): Promise<void> {
  const settings = await loadConfig({
    configFlag: flags.config,
    rootFlag: flags.root,
    cwd: Deno.cwd(),
    allowMissing: true,
  });
  const { root } = settings;
  if (!await exists(join(root, "data"))) throw nothingThere(root);
  using _lock = flags.into === undefined ? await holdRoot(root) : undefined;
  if (flags.into !== undefined && await isRootHeld(root)) {
    note("A Lookback records here now: what it records meanwhile is left out");
  }
  const report = await interruptible(async (signal) => {
    using steps = new Steps();
    return await rebuildDatabase({
      root,
      ...(flags.into === undefined ? {} : { into: resolve(flags.into) }),
      cameras: ownCameras(flags, settings),
      signal,
      onProgress: (step, done, total) => steps.show(step, done, total),
    });
  });
  if (flags.json) printJson(toJson(root, report));
  else printReport(root, report);
}

/** Settings of this box say nothing of the cameras on somebody else's disk. */
function ownCameras(flags: RebuildFlags, settings: Settings): Settings["cameras"] {
  const { cameras, configPath, root } = settings;
  const isOwn = flags.root === undefined || flags.config !== undefined ||
    (configPath !== null && dirname(configPath) === root);
  return isOwn ? cameras : [];
}

/** How often a line says how far it is where no bar can be shown, in milliseconds. */
const LINE_EVERY_MS = 10_000;

/** One bar for each step; lines where nobody looks at a terminal. */
class Steps implements Disposable {
  #step: RebuildStep | undefined;
  #bar: ProgressBar | undefined;
  #saidAt = 0;

  show(step: RebuildStep, done: number, total: number): void {
    const now = performance.now();
    if (step !== this.#step) {
      this.#bar?.[Symbol.dispose]();
      this.#step = step;
      this.#bar = startProgress(step);
      if (!Deno.stderr.isTerminal()) note(`${step} …`);
      this.#saidAt = now;
    }
    this.#bar?.update(done, total);
    if (Deno.stderr.isTerminal() || now - this.#saidAt < LINE_EVERY_MS) return;
    this.#saidAt = now;
    note(`${step} … ${Math.floor(total === 0 ? 100 : done * 100 / total)} %`);
  }

  [Symbol.dispose](): void {
    this.#bar?.[Symbol.dispose]();
  }
}

const SOURCES: Readonly<Record<RebuildSource, string>> = {
  ledger: "the ledger files",
  database: "the old database, as there are no ledger files",
  recordings: "the recordings alone, as there is neither a ledger nor a whole database",
};

function printReport(root: string, report: RebuildReport): void {
  const { batches, cameras, adopted, torn, missing, leftOut, examples } = report;
  print(`${root}: made again from ${SOURCES[report.source]}`);
  if (report.source === "recordings") {
    print("  what was observed beside them (why footage is missing, corrected clocks) is lost");
  }
  for (const { path, reason } of examples) print(`  left out ${path}: ${reason}`);
  if (leftOut > examples.length) print(`  left out ${leftOut - examples.length} more`);
  if (torn > 0) print(`  ${torn} of the recordings are whole only up to a place, which counts`);
  if (report.framesFolder !== null) {
    print(`  missing lines of frame logs are in ${report.framesFolder}`);
  }
  if (report.keptAs !== null) print(`  the old database is kept as ${report.keptAs}`);
  print(`  the new database is ${report.databasePath}`);
  print(
    `${batches} batches of ${cameras} cameras; ${adopted} got their row from the recording, ` +
      `${missing} lost theirs with the recording, ${leftOut} files were left out`,
  );
}

function toJson(root: string, report: RebuildReport): Record<string, unknown> {
  return {
    root,
    source: report.source,
    ledger_entries: report.records,
    batches: report.batches,
    cameras: report.cameras,
    adopted: report.adopted,
    torn: report.torn,
    missing: report.missing,
    left_out: report.leftOut,
    left_out_examples: report.examples,
    database: report.databasePath,
    kept_as: report.keptAs,
    frames_folder: report.framesFolder,
  };
}

function nothingThere(root: string): OperatorError {
  return new OperatorError("rebuild-failed", `Cannot find recordings under "${root}"`, {
    found: { "no folder at": join(root, "data") },
    fix: [
      "name the storage root that was recorded to with --root or --config",
      "or mount the disk that it lies on",
    ],
  });
}
