import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Section } from "../../src/bench/figure.ts";
import { BEGIN, END, reportMarkdown, withFigures } from "../../src/bench/report_markdown.ts";
import {
  type BenchReport,
  readReport,
  reportJson,
  shortNumber,
  targetsOf,
} from "../../src/bench/report.ts";
import { processorName } from "../../src/bench/report_machine.ts";
import { runBench } from "../../src/bench/report_run.ts";
import { sectionLines, summaryLines } from "../../src/bench/report_text.ts";

const SECTION: Section = {
  id: "cut",
  title: "Cuts",
  how: "Cut five times.",
  figures: [
    { name: "cp", unit: "ms", samples: [100, 110, 90, 100, 100] },
    {
      name: "Lookback | cut",
      unit: "ms",
      samples: [250, 260, 240, 250, 250],
      comparedWith: "cp",
      target: { text: "at most 2 × cp", isMet: false },
    },
    { name: "refused", unit: "", samples: [0], target: { text: "none", isMet: true } },
  ],
  notes: ["in the page cache"],
};

const REPORT: BenchReport = {
  date: "2026-11-22T05:00:00.000Z",
  form: "short",
  tookSeconds: 61,
  machine: {
    processor: "A processor",
    cores: 2,
    memoryBytes: 4 * 2 ** 30,
    kernel: "Linux 6.1.0",
    ffmpeg: "ffmpeg version 5.1",
    lookback: "lookback 0.1.0 (source)",
  },
  sections: [SECTION],
  failures: [{ id: "writer", reason: "the disk is full" }],
};

Deno.test("readReport() reads what reportJson() gave", () => {
  deepStrictEqual(readReport(JSON.stringify(reportJson(REPORT))), REPORT);
  throws(() => readReport("{}"), /no such format/);
});

Deno.test("targetsOf() lists every target with the figure's median", () => {
  deepStrictEqual(targetsOf(REPORT).map(({ value, isMet }) => [value, isMet]), [
    ["250 ms", false],
    ["0", true],
  ]);
});

Deno.test("sectionLines() shows median, spread, ratio, target and verdict of each figure", () => {
  const [row] = sectionLines(SECTION).filter((line) => line.startsWith("Lookback"));
  strictEqual(row, "Lookback | cut  250 ms  8 %     2.50 × cp  at most 2 × cp  MISS");
});

Deno.test("summaryLines() counts misses, names failures and says on what machine", () => {
  const text = summaryLines(REPORT).join("\n");
  for (
    const words of ["1 met, 1 missed", "could not measure writer: the disk is full", "2 cores"]
  ) {
    ok(text.includes(words), words);
  }
});

Deno.test("withFigures() changes nothing of the page but what is between its markers", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/performance.md", import.meta.url));
  const changed = withFigures(page, reportMarkdown(REPORT));
  ok(changed.includes("| Lookback \\| cut | 250 ms | 8 % | 2.50 × cp | at most 2 × cp: MISS |"));
  ok(changed.includes("4 GiB of memory"));
  strictEqual(changed.slice(0, changed.indexOf(BEGIN)), page.slice(0, page.indexOf(BEGIN)));
  strictEqual(changed.slice(changed.indexOf(END)), page.slice(page.indexOf(END)));
  throws(() => withFigures("no page", ""), /Cannot find/);
});

Deno.test("runBench() goes on after a measurement that can't be made", async () => {
  const heard: string[] = [];
  const report = await runBench({
    form: "short",
    machine: REPORT.machine,
    measurements: [
      { id: "writer", measure: () => Promise.reject(new Error("the disk is full")) },
      { id: "cut", measure: () => Promise.resolve(SECTION) },
    ],
    onSection: ({ id }) => heard.push(id),
    onFailure: ({ id }) => heard.push(`not ${id}`),
  });
  deepStrictEqual(heard, ["not writer", "cut"]);
  deepStrictEqual(report.sections, [SECTION]);
  deepStrictEqual(report.failures, REPORT.failures);
});

Deno.test("runBench() prepares until measuring may begin, and measures what could not be prepared", async () => {
  const heard: string[] = [];
  const ready = Promise.withResolvers<void>();
  const measurement = (id: string, prepare: () => Promise<void>) => ({
    id,
    prepare: () => (heard.push(`prepare ${id}`), prepare()),
    measure: () => (heard.push(`measure ${id}`), Promise.resolve(SECTION)),
  });
  await runBench({
    form: "short",
    machine: REPORT.machine,
    measurements: [
      { id: "plain", measure: () => (heard.push("measure plain"), Promise.resolve(SECTION)) },
      measurement("broken", () => Promise.reject(new Error("the disk is full"))),
      measurement("last", () => (ready.resolve(), ready.promise)),
      measurement("late", () => Promise.resolve()),
    ],
    ready: ready.promise,
    onSection: () => {},
    onFailure: ({ id }) => heard.push(`not ${id}`),
  });
  const measured = ["plain", "broken", "last", "late"].map((id) => `measure ${id}`);
  deepStrictEqual(heard, ["prepare broken", "prepare last", ...measured]);
});

for (
  const [value, text] of [
    [1_234_567, "1 234 567"],
    [123.4, "123"],
    [12.34, "12.3"],
    [1.234, "1.23"],
    [0.01234, "0.0123"],
    [0, "0"],
  ] as const
) {
  Deno.test(`shortNumber() writes ${value} as ${text}`, () =>
    strictEqual(shortNumber(value), text));
}

Deno.test("processorName() reads the name that Intel, AMD and ARM boxes give", () => {
  strictEqual(processorName("processor\t: 0\nmodel name\t: Some CPU @ 2GHz\n"), "Some CPU @ 2GHz");
  strictEqual(processorName("BogoMIPS\t: 108\nModel\t\t: Raspberry Pi 5\n"), "Raspberry Pi 5");
  strictEqual(processorName(""), undefined);
});
