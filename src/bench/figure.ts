/**
 * What a measurement says: a section of the report with its figures, each of
 * several samples, compared with another figure of the same run where there is one.
 *
 * Pure. Design: docs/performance.md
 *
 * @module
 */

/** One thing that was measured, several times. */
export interface Figure {
  /** Names it within its section, for example "Lookback with stills, 4 cameras". */
  readonly name: string;
  /** Unit of the samples, for example "CPU-s", "ms", "MB", "rows/s". */
  readonly unit: string;
  /** In the order in which they were taken; at least one. Five or more wherever it can be repeated. */
  readonly samples: readonly number[];
  /** Name of a figure of the same section, measured in the same run, that this one is a multiple of. */
  readonly comparedWith?: string;
  readonly target?: Target;
}

/** What a figure is held against. */
export interface Target {
  /** For example "at most 3 x copy + 0.1 CPU-s = 0.4 CPU-s". */
  readonly text: string;
  readonly isMet: boolean;
}

export interface Section {
  /** Stable, for programs: "recording-cost". */
  readonly id: string;
  readonly title: string;
  /** How it was measured, in a few sentences for people. */
  readonly how: string;
  readonly figures: readonly Figure[];
  /** What could not be measured here and why, and what is to be known with the figures. */
  readonly notes: readonly string[];
}

/** Middle of the samples: of an even number the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/**
 * The sample below which a share of all samples lies, between two of them where
 * the place falls between.
 *
 * @param share From 0 to 1.
 * @throws {RangeError} Without samples.
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError("Cannot find the middle of no samples");
  const sorted = samples.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

/** How far samples lie apart: their range as a share of the median, 0 where that is 0. */
export function spread(samples: readonly number[]): number {
  const middle = median(samples);
  return middle === 0 ? 0 : (Math.max(...samples) - Math.min(...samples)) / Math.abs(middle);
}

/** How many times the figure that it is compared with a figure is; undefined without one. */
export function ratioOf(section: Section, { samples, comparedWith }: Figure): number | undefined {
  const reference = section.figures.find(({ name }) => name === comparedWith);
  return reference === undefined ? undefined : median(samples) / median(reference.samples);
}
