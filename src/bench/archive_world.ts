/**
 * An archive that grows: a day, a month, a year of sixteen cameras, with an hour of
 * footage in its first day that can be cut.
 *
 * In:   an empty folder, the form of the bench. Out: a storage root.
 *
 * Design: docs/performance.md
 *
 * @module
 */

import { join } from "node:path";
import { type UnixMs, unixMs } from "../base/units.ts";
import { makeArchiveClip, readArchiveClip } from "./archive_clip.ts";
import { addFootage } from "./archive_footage.ts";
import {
  addCameras,
  addStretch,
  ARCHIVE_START_MS,
  archiveCamera,
  type ArchiveStretch,
  DAY_MS,
  openArchive,
  stretchText,
} from "./archive_rows.ts";
import type { MeasureOptions } from "./options.ts";

export const ARCHIVE_CAMERAS = 16;

/** The camera with real files. */
export const FOOTAGE_CAMERA = archiveCamera(1);

/** Default length of a batch. */
const BATCH_MS = 10_000;

const HOUR_MS = 3_600_000;

/** Noon of the first day. */
export const FOOTAGE_START_MS = unixMs(ARCHIVE_START_MS + 12 * HOUR_MS);

/** One batch more than an hour: a window of an hour need not begin with a batch. */
const FOOTAGE_BATCHES = HOUR_MS / BATCH_MS + 1;

/** The one archive of a bench, made when it is first asked for: hours of footage take their time. */
export class SharedArchive implements AsyncDisposable {
  readonly #options: MeasureOptions;
  #archive: Promise<GrowingArchive> | undefined;

  constructor(options: MeasureOptions) {
    this.#options = options;
  }

  /** As old as it was made to be by whoever had it before. */
  get(): Promise<GrowingArchive> {
    return this.#archive ??= GrowingArchive.create(this.#options);
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const archive = await this.#archive?.catch(() => undefined);
    if (archive !== undefined) await Deno.remove(archive.root, { recursive: true });
  }
}

/** How large the archive is. */
export type ArchiveAge = "1 day" | "1 month" | "1 year";

const AGE_DAYS: Readonly<Record<ArchiveAge, number>> = { "1 day": 1, "1 month": 30, "1 year": 365 };

export const ARCHIVE_AGES = ["1 day", "1 month", "1 year"] as const;

/**
 * Length of the batches of what is added, in milliseconds. A year in batches of 10 s
 * has 50 million rows, which take ten minutes and 31 GB: only the long form makes them.
 */
const LATER_BATCH_MS: Readonly<
  Record<MeasureOptions["form"], Readonly<Record<ArchiveAge, number>>>
> = {
  short: { "1 day": BATCH_MS, "1 month": 60_000, "1 year": 120_000 },
  long: { "1 day": BATCH_MS, "1 month": BATCH_MS, "1 year": BATCH_MS },
};

export class GrowingArchive {
  readonly #options: Pick<MeasureOptions, "form" | "onProgress">;
  #endMs: UnixMs = ARCHIVE_START_MS;
  #rows = 0;
  #stretches: ArchiveStretch[] = [];

  private constructor(
    readonly root: string,
    options: Pick<MeasureOptions, "form" | "onProgress">,
    /** Of the recordings that are there, in bytes. */
    readonly footageBytes: number,
  ) {
    this.#options = options;
  }

  /** The first day, with its footage. */
  static async create(options: MeasureOptions): Promise<GrowingArchive> {
    const root = await Deno.makeTempDir({ dir: options.folder, prefix: "archive-" });
    await Deno.mkdir(join(root, "data"));
    options.onProgress("an archive of 1 day, with an hour of footage");
    const clip = await makeArchiveClip(options.folder, options.ffmpegPath);
    const stream = await readArchiveClip(clip, options.ffmpegPath);
    const database = openArchive(root);
    try {
      addCameras(database, ARCHIVE_CAMERAS);
      const day = firstDay();
      const rows = addStretch(database, day);
      const footageBytes = await addFootage(database, stream, {
        ...{ root, cameraId: FOOTAGE_CAMERA, batchMs: BATCH_MS },
        ...{ fromMs: FOOTAGE_START_MS, batches: FOOTAGE_BATCHES },
      });
      const archive = new GrowingArchive(root, options, footageBytes);
      archive.#note(day, rows);
      return archive;
    } finally {
      database.close();
    }
  }

  /** Adds what is missing to an age. */
  grow(age: ArchiveAge): void {
    const toMs = unixMs(ARCHIVE_START_MS + AGE_DAYS[age] * DAY_MS);
    if (toMs <= this.#endMs) return;
    this.#options.onProgress(`an archive of ${age}`);
    const batchMs = LATER_BATCH_MS[this.#options.form][age];
    const stretch = { cameras: ARCHIVE_CAMERAS, fromMs: this.#endMs, toMs, batchMs };
    const database = openArchive(this.root);
    try {
      this.#note(stretch, addStretch(database, stretch));
    } finally {
      database.close();
    }
  }

  /** How many batches there are in the database. */
  get rows(): number {
    return this.#rows;
  }

  /** End of the archive. */
  get endMs(): UnixMs {
    return this.#endMs;
  }

  /** What it is made of, for people. */
  get description(): string {
    return this.#stretches.map(stretchText).join("; ");
  }

  #note(stretch: ArchiveStretch, rows: number): void {
    this.#stretches.push(stretch);
    this.#rows += rows;
    this.#endMs = stretch.toMs;
  }
}

function firstDay(): ArchiveStretch {
  const toMs = unixMs(ARCHIVE_START_MS + DAY_MS);
  return { cameras: ARCHIVE_CAMERAS, fromMs: ARCHIVE_START_MS, toMs, batchMs: BATCH_MS };
}
