/**
 * Takes measurements one after the other. One that can't be made is noted, and the
 * others are taken all the same.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { isoUtc, type MonotonicMs } from "../base/units.ts";
import type { Section } from "./figure.ts";
import type { BenchFailure, BenchReport, MachineFacts } from "./report.ts";

export interface Measurement {
  readonly id: string;
  /** Makes what will be measured, or some of it; `measure` makes what is still missing. */
  readonly prepare?: () => Promise<void>;
  readonly measure: () => Promise<Section>;
  /** Too long for the short form: taken in the long one, or where it is named. */
  readonly isLong?: boolean;
}

export interface BenchParts {
  readonly form: "short" | "long";
  readonly machine: MachineFacts;
  readonly measurements: readonly Measurement[];
  /** When the command began, for how long it took; now where left out. */
  readonly startedAt?: MonotonicMs;
  /** Resolves when measuring may begin. Until then the time is used to prepare. */
  readonly ready?: Promise<void>;
  /** Told of each section as soon as it is there. */
  readonly onSection: (section: Section) => void;
  readonly onFailure: (failure: BenchFailure) => void;
}

export async function runBench(parts: BenchParts): Promise<BenchReport> {
  const { form, machine, measurements, onSection, onFailure } = parts;
  const { startedAt = systemClock.monotonic() } = parts;
  const date = isoUtc(systemClock.now());
  if (parts.ready !== undefined) await prepareUntil(parts.ready, measurements);
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

/** Resolves when it is ready, and what was being prepared then is done. */
async function prepareUntil(
  ready: Promise<void>,
  measurements: readonly Measurement[],
): Promise<void> {
  let isReady = false;
  const waiting = ready.finally(() => isReady = true);
  // Whoever waits for it hears of a fault below.
  waiting.catch(() => {});
  for (const { prepare } of measurements) {
    if (isReady) break;
    // What fails here fails again when it is to be measured, and is reported there.
    await prepare?.().catch(() => {});
  }
  await waiting;
}
