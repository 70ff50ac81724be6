/**
 * Takes measurements one after the other. One that can't be made is noted, and the
 * others are taken all the same.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { isoUtc } from "../base/units.ts";
import type { Section } from "./figure.ts";
import type { BenchFailure, BenchReport, MachineFacts } from "./report.ts";

export interface Measurement {
  readonly id: string;
  readonly measure: () => Promise<Section>;
}

export interface BenchParts {
  readonly form: "short" | "long";
  readonly machine: MachineFacts;
  readonly measurements: readonly Measurement[];
  /** Told of each section as soon as it is there. */
  readonly onSection: (section: Section) => void;
  readonly onFailure: (failure: BenchFailure) => void;
}

export async function runBench(parts: BenchParts): Promise<BenchReport> {
  const { form, machine, measurements, onSection, onFailure } = parts;
  const date = isoUtc(systemClock.now());
  const startedAt = systemClock.monotonic();
  const sections: Section[] = [];
  const failures: BenchFailure[] = [];
  for (const { id, measure } of measurements) {
    try {
      const section = await measure();
      sections.push(section);
      onSection(section);
    } catch (error) {
      const failure = { id, reason: messageOf(error) };
      failures.push(failure);
      onFailure(failure);
    }
  }
  const tookSeconds = Math.round((systemClock.monotonic() - startedAt) / 1_000);
  return { date, form, tookSeconds, machine, sections, failures };
}
