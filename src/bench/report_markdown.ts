/**
 * The report as part of a page: tables between two markers, free text around them.
 *
 * Pure.
 *
 * @module
 */

import type { Section } from "./figure.ts";
import { type BenchReport, figureRow, targetsOf, verdictOf } from "./report.ts";
import { machineText } from "./report_text.ts";

export const BEGIN = "<!-- figures: made by tools/performance.ts -->";
export const END = "<!-- end of the figures -->";

/** What stands between the markers. */
export function reportMarkdown(report: BenchReport): string {
  const targets = targetsOf(report);
  const met = targets.filter(({ isMet }) => isMet).length;
  return [
    `Measured on ${report.date.slice(0, 10)} (${report.form} form, ${report.tookSeconds} s) on: ` +
    `${machineText(report.machine)}.`,
    `### Targets: ${met} of ${targets.length} met`,
    tableOf(
      ["target of", "figure", "measured", "target", ""],
      targets.map((target) => [
        ...[target.section, target.figure, target.value, target.text, verdictOf(target)],
      ]),
    ),
    ...report.sections.map(sectionMarkdown),
    ...report.failures.map(({ id, reason }) => `Could not measure ${id}: ${reason}`),
  ].join("\n\n");
}

function sectionMarkdown(section: Section): string {
  const rows = section.figures.map((figure) => {
    const { name, value, spread, ratio, target, verdict } = figureRow(section, figure);
    return [name, value, spread, ratio, target === "" ? "" : `${target}: ${verdict}`];
  });
  const notes = section.notes.map((note) => `- ${note}`).join("\n");
  return [
    `### ${section.title}`,
    section.how,
    tableOf(["figure", "median", "spread", "ratio", "target"], rows),
    ...(notes === "" ? [] : [notes]),
  ].join("\n\n");
}

/**
 * The page with other figures between its markers.
 *
 * @throws {Error} If a marker is missing.
 */
export function withFigures(page: string, figures: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`Cannot find "${BEGIN}" and "${END}" in the page`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${figures}\n\n${page.slice(to)}`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
