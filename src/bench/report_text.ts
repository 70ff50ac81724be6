/**
 * The report as lines for a terminal: a table for each section, and all targets.
 *
 * Pure.
 *
 * @module
 */

import type { Section } from "./figure.ts";
import { type BenchReport, figureRow, type MachineFacts, targetsOf, verdictOf } from "./report.ts";

/** Width of running text. */
const TEXT_COLUMNS = 100;

/** One section with its figures. */
export function sectionLines(section: Section): string[] {
  const rows = section.figures.map((figure) => figureRow(section, figure));
  const head = ["figure", "median", "spread", "ratio", "target", ""];
  const cells = rows.map(({ name, value, spread, ratio, target, verdict }) => [
    ...[name, value, spread, ratio, target, verdict],
  ]);
  return [
    "",
    section.title,
    ...wrapped(section.how),
    "",
    ...table([head, ...cells]),
    ...section.notes.flatMap((note) => wrapped(`note: ${note}`)),
  ];
}

/** Which targets were met, and what could not be measured. */
export function summaryLines(report: BenchReport): string[] {
  const targets = targetsOf(report);
  const missed = targets.filter(({ isMet }) => !isMet).length;
  const rows = targets.map((target) => [
    ...[verdictOf(target), target.section, target.figure, target.value, target.text],
  ]);
  return [
    "",
    `Targets: ${targets.length - missed} met, ${missed} missed`,
    ...table(rows),
    ...report.failures.map(({ id, reason }) => `could not measure ${id}: ${reason}`),
    `${machineText(report.machine)}; ${report.date}; ${report.form} form, ${report.tookSeconds} s`,
  ];
}

/** The machine in words. */
export function machineText(facts: MachineFacts): string {
  const { processor, cores, memoryBytes, kernel, ffmpeg, lookback } = facts;
  const memory = `${(memoryBytes / 2 ** 30).toFixed(0)} GiB of memory`;
  const many = `${cores} ${cores === 1 ? "core" : "cores"}`;
  return `${processor}, ${many}, ${memory}, ${kernel}, ${ffmpeg}, ${lookback}`;
}

/** Columns as wide as their widest cell; the last one has no blanks behind it. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
}

function wrapped(text: string): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.length + 1 + word.length > TEXT_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
