/**
 * The database of an archive that gets older step by step. What a step adds takes a
 * minute for a year, so it can be made aside, while there is nothing else to do.
 *
 * In:  what each age adds to the one before. Out: the database in its place, as old as
 *      it was grown to be.
 * Not here: the rows themselves (archive_rows.ts), and their files.
 *
 * @module
 */

import { join } from "node:path";
import { InvariantError } from "../base/errors.ts";
import type { UnixMs } from "../base/units.ts";
import { removeIfThereSync } from "../host/durable.ts";
import { DATABASE_PATH } from "../store/database.ts";
import {
  addStretch,
  ARCHIVE_START_MS,
  type ArchiveDatabase,
  type ArchiveStretch,
  openArchive,
  stretchText,
} from "./archive_rows.ts";

/** What an age adds to the one before. */
export interface AgeStep extends ArchiveStretch {
  readonly age: string;
}

export interface AgingOptions {
  /** Storage root, whose cameras are added before the first step. */
  readonly root: string;
  /** The youngest first. */
  readonly ages: readonly AgeStep[];
  /** Told before the rows of an age are made. */
  readonly onAge: (age: string) => void;
}

/** A step whose rows are there. */
interface MadeStep {
  readonly step: AgeStep;
  readonly rows: number;
}

export class AgingDatabase {
  readonly #options: AgingOptions;
  /** Steps that the database in its place has. */
  readonly #grown: MadeStep[] = [];
  /** Steps behind those, each in a database of its own with all before it. */
  readonly #aside: (MadeStep & { readonly path: string })[] = [];

  constructor(options: AgingOptions) {
    this.#options = options;
  }

  get root(): string {
    return this.#options.root;
  }

  /** How many batches the database has. */
  get rows(): number {
    return this.#grown.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** End of the archive. */
  get endMs(): UnixMs {
    return this.#grown.at(-1)?.step.toMs ?? ARCHIVE_START_MS;
  }

  /** What it is made of, for people. */
  get description(): string {
    return this.#grown.map(({ step }) => stretchText(step)).join("; ");
  }

  /** Makes it as old as that, unless it is; what was made aside is moved to its place. */
  grow(age: string): void {
    while (this.#grown.length < this.#stepsTo(age)) {
      const made = this.#aside.shift();
      if (made === undefined) {
        const step = this.#options.ages[this.#grown.length]!;
        this.#grown.push({ step, rows: this.#add(step, this.#place) });
        continue;
      }
      // What readers of the one before left beside it belongs to that one.
      for (const end of ["-wal", "-shm"]) removeIfThereSync(`${this.#place}${end}`);
      Deno.renameSync(made.path, this.#place);
      this.#grown.push(made);
    }
  }

  /** Makes what is missing to an age beside what there is: no reader sees it before it is grown. */
  makeAside(age: string): void {
    while (this.#grown.length + this.#aside.length < this.#stepsTo(age)) {
      const step = this.#options.ages[this.#grown.length + this.#aside.length]!;
      const path = join(this.root, `aside-${this.#aside.length + 1}.db`);
      Deno.copyFileSync(this.#aside.at(-1)?.path ?? this.#place, path);
      this.#aside.push({ step, path, rows: this.#add(step, path) });
    }
  }

  /** For changes of rows that are there; not once older ones were made aside. */
  async withDatabase<T>(change: (database: ArchiveDatabase) => Promise<T>): Promise<T> {
    const database = openArchive(this.root);
    try {
      return await change(database);
    } finally {
      database.close();
    }
  }

  get #place(): string {
    return join(this.root, DATABASE_PATH);
  }

  #stepsTo(age: string): number {
    const index = this.#options.ages.findIndex((step) => step.age === age);
    if (index < 0) throw new InvariantError(`No archive of ${age}`);
    return index + 1;
  }

  #add(step: AgeStep, path: string): number {
    this.#options.onAge(step.age);
    const database = openArchive(this.root, path);
    try {
      return addStretch(database, step);
    } finally {
      database.close();
    }
  }
}
