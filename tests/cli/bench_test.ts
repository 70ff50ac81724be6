import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { BenchReport } from "../../src/bench/report.ts";
import { measurements } from "../../src/bench/sections.ts";
import { PEER_SECTION_IDS, SECTION_IDS } from "../../src/bench/section_ids.ts";
import { type Bench, benchCommand } from "../../src/cli/bench.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A bench of one measurement that is made and one that is not. */
function quickBench(reports: [BenchReport, string][]): Bench {
  const figures = [{ name: "one", unit: "ms", samples: [1, 2, 3], target: MISSED }];
  const section = { id: "quick", title: "Quick", how: "By hand.", figures, notes: [] };
  return {
    example: "lookback bench",
    ids: ["quick", "broken", "hour"],
    measurements: () =>
      Promise.resolve({
        all: [
          { id: "quick", measure: () => Promise.resolve(section) },
          { id: "broken", measure: () => Promise.reject(new Error("it broke")) },
          { id: "hour", isLong: true, measure: () => Promise.resolve({ ...section, id: "hour" }) },
        ],
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    onReport: (report, extent) => {
      reports.push([report, extent]);
      return Promise.resolve();
    },
  };
}

const MISSED = { text: "under 1 ms", isMet: false };

/** Runs the command in a folder. Returns the exit code that it set, and what was reported. */
async function run(args: readonly string[]) {
  const reports: [BenchReport, string][] = [];
  await benchCommand(quickBench(reports)).exitOverride().configureOutput({ writeErr: () => {} })
    .parseAsync([...args], { from: "user" });
  const code = Deno.exitCode;
  Deno.exitCode = 0;
  return { code, reports };
}

Deno.test("lookback bench ends with 0 where a target is missed, and writes JSON with --json", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "bench.json");
  const { code, reports } = await run([
    ...["--only", "quick", "--json", path, "--folder", folder.path],
  ]);
  strictEqual(code, 0);
  deepStrictEqual(reports.map(([, extent]) => extent), ["part"]);
  const { sections, targets } = JSON.parse(await Deno.readTextFile(path));
  deepStrictEqual(targets, { met: 0, of: 1 });
  strictEqual(sections[0].figures[0].median, 2);
  // Nothing of what was measured stays beside it.
  const left = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  deepStrictEqual(left, ["bench.json"]);
});

Deno.test("lookback bench ends with 1 where something could not be measured", async () => {
  await using folder = await tempFolder();
  const { code, reports } = await run(["--folder", folder.path]);
  strictEqual(code, 1);
  const [[report, extent]] = reports as [[BenchReport, string]];
  strictEqual(extent, "all");
  match(report.failures[0]!.reason, /it broke/);
});

Deno.test("lookback bench leaves out what takes an hour, unless it is named or all is long", async () => {
  await using folder = await tempFolder();
  const measured = async (...args: string[]) => {
    const { reports } = await run(["--folder", folder.path, ...args]);
    return reports.flatMap(([{ sections }]) => sections.map(({ id }) => id));
  };
  deepStrictEqual(await measured(), ["quick"]);
  deepStrictEqual(await measured("--only", "hour"), ["hour"]);
  deepStrictEqual(await measured("--long"), ["quick", "hour"]);
});

Deno.test("lookback bench refuses a measurement that there is not", async () => {
  await rejects(run(["--only", "weather"]), /Allowed choices are quick, broken, hour/);
});

Deno.test("measurements() has one for each name that the command line knows", async () => {
  const options = {
    form: "short",
    folder: "",
    ffmpegPath: "ffmpeg",
    onProgress: () => {},
  } as const;
  await using all = measurements(options);
  deepStrictEqual(all.all.map(({ id }) => id), [...SECTION_IDS]);
  strictEqual(new Set([...SECTION_IDS, ...PEER_SECTION_IDS]).size, 10);
});
