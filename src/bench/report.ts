/**
 * The report of a bench: its sections, what could not be measured, and on what machine
 * and when. As JSON it has every sample, and beside them what is read off them.
 *
 * Pure.
 *
 * @module
 */

import { type Figure, median, ratioOf, type Section, spread } from "./figure.ts";

/** What figures depend on, in words. */
export interface MachineFacts {
  /** Such as "Intel(R) Xeon(R) Processor @ 2.10GHz". */
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Such as "Linux 6.1.0". */
  readonly kernel: string;
  /** First line of `ffmpeg -version`. */
  readonly ffmpeg: string;
  /** Version of Lookback that measures. */
  readonly lookback: string;
}

/** A measurement that could not be made. */
export interface BenchFailure {
  readonly id: string;
  readonly reason: string;
}

export interface BenchReport {
  /** ISO 8601 in UTC. */
  readonly date: string;
  readonly form: "short" | "long";
  readonly tookSeconds: number;
  readonly machine: MachineFacts;
  readonly sections: readonly Section[];
  readonly failures: readonly BenchFailure[];
}

/** A target and what became of it. */
export interface TargetResult {
  readonly section: string;
  readonly figure: string;
  /** Median with its unit. */
  readonly value: string;
  readonly text: string;
  readonly isMet: boolean;
}

/** All targets, in the order of the report. */
export function targetsOf({ sections }: Pick<BenchReport, "sections">): TargetResult[] {
  return sections.flatMap((section) =>
    section.figures.flatMap((figure) =>
      figure.target === undefined ? [] : [{
        section: section.id,
        figure: figure.name,
        value: valueText(figure),
        ...figure.target,
      }]
    )
  );
}

/** How a figure is read: in words, for tables. */
export interface FigureRow {
  readonly name: string;
  readonly value: string;
  /** Such as "12 %"; empty for a single sample. */
  readonly spread: string;
  /** Such as "0.45 × ffmpeg, copy"; empty without a reference. */
  readonly ratio: string;
  readonly target: string;
  /** "pass", "MISS", or empty. */
  readonly verdict: string;
}

export function figureRow(section: Section, figure: Figure): FigureRow {
  const ratio = ratioOf(section, figure);
  return {
    name: figure.name,
    value: valueText(figure),
    spread: figure.samples.length < 2 ? "" : `${(spread(figure.samples) * 100).toFixed(0)} %`,
    ratio: ratio === undefined ? "" : `${shortNumber(ratio)} × ${figure.comparedWith}`,
    target: figure.target?.text ?? "",
    verdict: figure.target === undefined ? "" : verdictOf(figure.target),
  };
}

export function verdictOf({ isMet }: { readonly isMet: boolean }): "pass" | "MISS" {
  return isMet ? "pass" : "MISS";
}

/** The report as programs read it: names in snake_case, samples and what is read off them. */
export function reportJson(report: BenchReport): unknown {
  const { date, form, tookSeconds, machine, sections, failures } = report;
  const { memoryBytes, ...facts } = machine;
  const targets = targetsOf(report);
  return {
    format: "lookback-bench-1",
    date,
    form,
    took_seconds: tookSeconds,
    machine: { ...facts, memory_bytes: memoryBytes },
    targets: { met: targets.filter(({ isMet }) => isMet).length, of: targets.length },
    sections: sections.map((section) => ({
      ...section,
      figures: section.figures.map((figure) => figureJson(section, figure)),
    })),
    failures,
  };
}

function figureJson(section: Section, figure: Figure): unknown {
  const { name, unit, samples, comparedWith, target } = figure;
  return {
    name,
    unit,
    samples: samples.map((sample) => Number(sample.toPrecision(6))),
    median: median(samples),
    spread: spread(samples),
    compared_with: comparedWith ?? null,
    ratio: ratioOf(section, figure) ?? null,
    target: target === undefined ? null : { text: target.text, met: target.isMet },
  };
}

/**
 * Reads what {@linkcode reportJson} gave, after it was written as text.
 *
 * @throws {Error} If it is something else.
 */
export function readReport(text: string): BenchReport {
  const value = JSON.parse(text);
  if (value?.format !== "lookback-bench-1") {
    throw new Error("Cannot read the report: no such format");
  }
  const { memory_bytes: memoryBytes, ...machine } = value.machine;
  return {
    ...{ date: value.date, form: value.form, tookSeconds: value.took_seconds },
    machine: { ...machine, memoryBytes },
    sections: value.sections.map((section: Section) => ({
      ...section,
      figures: section.figures.map(readFigure),
    })),
    failures: value.failures,
  };
}

// deno-lint-ignore no-explicit-any -- out of JSON
function readFigure({ name, unit, samples, compared_with: reference, target }: any): Figure {
  return {
    ...{ name, unit, samples },
    ...(reference === null ? {} : { comparedWith: reference }),
    ...(target === null ? {} : { target: { text: target.text, isMet: target.met } }),
  };
}

/** Median with its unit. */
function valueText({ samples, unit }: Figure): string {
  return `${shortNumber(median(samples))} ${unit}`.trimEnd();
}

/** As many digits as a reader needs: three, and no power of ten. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) {
    return Math.round(value).toLocaleString("en").replaceAll(",", " ");
  }
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 ? value.toFixed(2) : value.toFixed(4);
}
