/**
 * `lookback bench`: what recording, retrieving and starting cost on this box, measured.
 *
 * @module
 */

import { Command, Option } from "commander";
import { join, resolve } from "node:path";
import { chooseFfmpeg } from "../app/ffmpeg_choice.ts";
import { loadConfig } from "../app/config/load_config.ts";
import { systemClock } from "../base/clock.ts";
import { monotonicMs } from "../base/units.ts";
import type { MeasureOptions } from "../bench/options.ts";
import type { BenchReport } from "../bench/report.ts";
import type { Measurement } from "../bench/report_run.ts";
import { SECTION_IDS } from "../bench/section_ids.ts";
import { removeIfThere, writeFileDurably } from "../host/durable.ts";
import { newFilePath } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { note, print, printJson } from "./terminal.ts";
import { VERSION_LINE } from "./version.ts";

interface BenchFlags {
  readonly only?: readonly string[];
  readonly long?: boolean;
  readonly folder?: string;
  /** True for the JSON on standard output; a file's name. */
  readonly json?: true | string;
}

/** What is measured, and what follows. */
export interface Bench {
  /** A command line, for the help. */
  readonly example: string;
  readonly ids: readonly string[];
  /** Disposing removes what measurements share. Nothing is measured before it is `ready`. */
  readonly measurements: (options: MeasureOptions) => Promise<
    AsyncDisposable & { readonly all: readonly Measurement[]; readonly ready?: Promise<void> }
  >;
  /** Called with the report of a bench that measured everything there is, or a part of it. */
  readonly onReport?: (report: BenchReport, extent: "all" | "part") => Promise<void>;
}

/** What Lookback measures by itself, without other programs to compare it with. */
const OWN: Bench = {
  example: "lookback bench --only writer retrieval",
  ids: SECTION_IDS,
  // Loaded when it is needed: shells ask for this command's options alone.
  measurements: async (options) => (await import("../bench/sections.ts")).measurements(options),
};

const EXPLANATION = `
Ends with 0 when everything was measured, also where a target is missed; with 1 when
something could not be measured. Nothing else should run on the box meanwhile. The soak
records for an hour: it is measured with --long, or with --only soak.`;

export function benchCommand(bench: Bench = OWN): Command {
  return new Command("bench")
    .description("measure what recording, retrieving and starting cost on this box")
    .addOption(new Option("--only <section...>", "measure only these").choices(bench.ids))
    .option("--long", "longer and larger: hours instead of minutes, tens of gigabytes")
    .option("--folder <folder>", "where to write what is measured (default: a temporary folder)")
    .option("--json [file]", "print JSON for programs, or write it to this file")
    .addHelpText("after", `${EXPLANATION}\n\nExample:\n  ${bench.example}`)
    .action((flags) => runBenchCommand(bench, flags));
}

async function runBenchCommand(bench: Bench, flags: BenchFlags): Promise<void> {
  const jsonPath = typeof flags.json === "string" ? await newFilePath(flags.json) : undefined;
  const folder = await Deno.makeTempDir({
    prefix: "lookback-bench-",
    ...(flags.folder === undefined ? {} : { dir: resolve(flags.folder) }),
  });
  const show = flags.json === true ? note : print;
  try {
    const report = await measured(bench, { flags, folder, show });
    const { reportJson } = await import("../bench/report.ts");
    const { summaryLines } = await import("../bench/report_text.ts");
    for (const line of summaryLines(report)) show(line);
    if (flags.json === true) printJson(reportJson(report));
    if (jsonPath !== undefined) {
      const text = `${JSON.stringify(reportJson(report), null, 2)}\n`;
      await writeFileDurably(jsonPath, new TextEncoder().encode(text));
    }
    await bench.onReport?.(report, flags.only === undefined ? "all" : "part");
    if (report.failures.length > 0) Deno.exitCode = 1;
  } finally {
    await removeIfThere(folder, "with-content");
  }
}

async function measured(
  bench: Bench,
  { flags, folder, show }: {
    readonly flags: BenchFlags;
    readonly folder: string;
    readonly show: (line: string) => void;
  },
): Promise<BenchReport> {
  const { readMachine } = await import("../bench/report_machine.ts");
  const { runBench } = await import("../bench/report_run.ts");
  const { sectionLines } = await import("../bench/report_text.ts");
  const ffmpegPath = await findFfmpeg(folder);
  const form = flags.long ? "long" : "short";
  const options = { form, folder, ffmpegPath, onProgress } as const;
  const machine = await readMachine(ffmpegPath, VERSION_LINE);
  await using measurements = await bench.measurements(options);
  const wanted = measurements.all.filter(({ id, isLong }) =>
    flags.only?.includes(id) ?? (form === "long" || !isLong)
  );
  return await interruptible(async (signal) => {
    const run = runBench({
      ...{ form, machine, measurements: wanted, startedAt: monotonicMs(0) },
      ...(measurements.ready === undefined ? {} : { ready: measurements.ready }),
      onSection: (section) => sectionLines(section).forEach(show),
      onFailure: ({ id, reason }) => show(`\nCould not measure ${id}: ${reason}`),
    });
    return await Promise.race([run, aborted(signal)]);
  });
}

/** The one of the settings file, if there is one here; else as every command finds it. */
async function findFfmpeg(folder: string): Promise<string> {
  const settings = await loadConfig({
    ...{ configFlag: undefined, rootFlag: undefined, cwd: Deno.cwd() },
    allowMissing: true,
  });
  const { ffmpegPath } = await chooseFfmpeg({ ...settings, root: join(folder, "ffmpeg") });
  return ffmpegPath;
}

/** With the seconds since the start: it takes long, and it shows what does. */
function onProgress(line: string): void {
  note(`measuring, ${Math.round(systemClock.monotonic() / 1_000)} s: ${line}`);
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
