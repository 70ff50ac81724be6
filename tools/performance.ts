// deno-lint-ignore-file no-console
/**
 * Makes the figures of docs/performance.md from what a bench measured.
 *
 * In:  the JSON of `./dev bench` (dist/bench.json).
 * Out: the page with new tables between its markers; the prose stays.
 *
 * Run by `./dev bench`, or by hand as
 * `deno run --allow-read --allow-write=docs tools/performance.ts dist/bench.json`.
 *
 * @module
 */

import { readReport } from "../src/bench/report.ts";
import { reportMarkdown, withFigures } from "../src/bench/report_markdown.ts";

const PAGE = "docs/performance.md";

/** Writes the page anew with the figures of a report. */
export async function writePerformancePage(reportPath: string): Promise<void> {
  const report = readReport(await Deno.readTextFile(reportPath));
  const page = await Deno.readTextFile(PAGE);
  await Deno.writeTextFile(PAGE, withFigures(page, reportMarkdown(report)));
  console.error(`Wrote the figures of ${report.sections.length} sections into ${PAGE}`);
}

if (import.meta.main) {
  const [path] = Deno.args;
  if (path === undefined) throw new Error("Cannot make the page without the report's file");
  await writePerformancePage(path);
}
