/**
 * A small JSON file that several processes may change: each change happens under a
 * lock, on what is there now, and is durable when it returns. Readable by its owner only.
 *
 * @module
 */

import { join } from "node:path";
import type * as z from "zod";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { ensureFolder, ownerToBe, writeFileDurably } from "../../host/durable.ts";

/** Readable and writable by the owner. */
export const PRIVATE_MODE = 0o600;

/** No such file is larger: 10,000 sessions take 3 MB. */
const MOST_BYTES = 16_000_000;

export interface KeptFileOptions<T> {
  /** Below the storage root. */
  readonly folder: string;
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** What counts where there is no file yet. */
  readonly empty: T;
}

export class KeptFile<T> {
  readonly path: string;
  readonly #options: KeptFileOptions<T>;
  #value: T;
  /** Of the file that #value was read from. */
  #seen = "never";

  constructor(options: KeptFileOptions<T>) {
    this.#options = options;
    this.#value = options.empty;
    this.path = join(options.folder, options.name);
  }

  /** What was there when it was read last. */
  get value(): T {
    return this.#value;
  }

  /**
   * Reads the file if it is another one than before.
   *
   * @returns Whether it was.
   * @throws {OperatorError} "access-unreadable"; the value stays as it was.
   */
  async refresh(): Promise<boolean> {
    const seen = await mark(this.path);
    if (seen === this.#seen) return false;
    this.#value = seen === "none" ? this.#options.empty : await this.#read();
    this.#seen = seen;
    return true;
  }

  /** Changes the file. Nobody else does meanwhile. A change that throws leaves it as it was. */
  async change(change: (value: T) => T): Promise<T> {
    await ensureFolder(this.#options.folder);
    const owner = await ownerToBe(this.#options.folder);
    const lockPath = `${this.path}.lock`;
    using lock = await Deno.open(lockPath, { write: true, create: true, mode: PRIVATE_MODE });
    if (owner !== undefined) await Deno.chown(lockPath, owner.uid, owner.gid);
    await lock.lock(true);
    await this.refresh();
    const changed = change(this.#value);
    if (changed === this.#value) return changed;
    const text = `${JSON.stringify(changed, null, 2)}\n`;
    await writeFileDurably(this.path, new TextEncoder().encode(text), {
      mode: PRIVATE_MODE,
      owner,
    });
    this.#value = changed;
    this.#seen = await mark(this.path);
    return changed;
  }

  async #read(): Promise<T> {
    try {
      const { size } = await Deno.stat(this.path);
      if (size > MOST_BYTES) throw new RangeError(`it has ${size} bytes`);
      return this.#options.schema.parse(JSON.parse(await Deno.readTextFile(this.path)));
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }
}

/** Tells one state of a file from another: each is a file of its own. */
async function mark(path: string): Promise<string> {
  try {
    const { ino, mtime, size } = await Deno.stat(path);
    return `${ino} ${mtime?.getTime()} ${size}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "none";
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): OperatorError {
  // The file's text has hashes of passwords: what stands in it is not repeated.
  const reason = error instanceof SyntaxError
    ? "it is no JSON"
    : error instanceof Error && "issues" in error
    ? "it has another shape than Lookback gives it"
    : messageOf(error);
  return new OperatorError("access-unreadable", `Cannot read "${path}": ${reason}`, {
    fix: [
      "put back a copy of it that is whole",
      "or move it away: the next start makes a new administrator",
    ],
  });
}
