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
import { type AgeStep, AgingDatabase } from "./archive_ages.ts";
import {
  addCameras,
  ARCHIVE_START_MS,
  archiveCamera,
  DAY_MS,
  openArchive,
} from "./archive_rows.ts";
import type { MeasureOptions } from "./options.ts";
import { timeProgram } from "./start_commands.ts";

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
  /** Milliseconds of hours cut while it was a day old, where somebody has timed that. */
  dayHourCutsMs: readonly number[] | undefined;
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
  readonly #database: AgingDatabase;

  private constructor(
    database: AgingDatabase,
    /** Of the recordings that are there, in bytes. */
    readonly footageBytes: number,
  ) {
    this.#database = database;
  }

  /** The first day, with its footage. */
  static async create(options: MeasureOptions): Promise<GrowingArchive> {
    const root = await Deno.makeTempDir({ dir: options.folder, prefix: "archive-" });
    await Deno.mkdir(join(root, "data"));
    options.onProgress("an archive of 1 day, with an hour of footage");
    const clip = await makeArchiveClip(options.folder, options.ffmpegPath);
    const stream = await readArchiveClip(clip, options.ffmpegPath);
    const aging = new AgingDatabase({ root, ages: agesOf(options.form), onAge: ageNoted(options) });
    const database = openArchive(root);
    try {
      addCameras(database, ARCHIVE_CAMERAS);
    } finally {
      database.close();
    }
    aging.grow("1 day");
    const footageBytes = await aging.withDatabase((database) =>
      addFootage(database, stream, {
        ...{ root, cameraId: FOOTAGE_CAMERA, batchMs: BATCH_MS },
        ...{ fromMs: FOOTAGE_START_MS, batches: FOOTAGE_BATCHES },
      })
    );
    const archive = new GrowingArchive(aging, footageBytes);
    await archive.settle();
    return archive;
  }

  /** Has all written to the disk, so that it is not on its way there while something is measured. */
  async settle(): Promise<void> {
    // Where there is no such tool, it goes there in the system's own time.
    await timeProgram("sync", ["-f", this.root]).catch(() => {});
  }

  /** Adds what is missing to an age. */
  grow(age: ArchiveAge): void {
    this.#database.grow(age);
  }

  /** Makes what is missing to an age beside what there is, for {@linkcode grow}. */
  makeAside(age: ArchiveAge): void {
    this.#database.makeAside(age);
  }

  get root(): string {
    return this.#database.root;
  }

  /** How many batches there are in the database. */
  get rows(): number {
    return this.#database.rows;
  }

  /** End of the archive. */
  get endMs(): UnixMs {
    return this.#database.endMs;
  }

  /** What it is made of, for people. */
  get description(): string {
    return this.#database.description;
  }
}

/** What each age adds to the one before. */
function agesOf(form: MeasureOptions["form"]): AgeStep[] {
  return ARCHIVE_AGES.map((age, index) => {
    const before = ARCHIVE_AGES[index - 1];
    const fromDays = before === undefined ? 0 : AGE_DAYS[before];
    return {
      age,
      cameras: ARCHIVE_CAMERAS,
      fromMs: unixMs(ARCHIVE_START_MS + fromDays * DAY_MS),
      toMs: unixMs(ARCHIVE_START_MS + AGE_DAYS[age] * DAY_MS),
      batchMs: LATER_BATCH_MS[form][age],
    };
  });
}

/** The first day is told of with its footage. */
function ageNoted({ onProgress }: MeasureOptions): (age: string) => void {
  return (age) => {
    if (age !== ARCHIVE_AGES[0]) onProgress(`an archive of ${age}`);
  };
}
